// A directory of a run's own below one that is given, removed with everything in it at the end.
#ifndef LADON_BENCH_LEDGER_FRESH_DIRECTORY_H_
#define LADON_BENCH_LEDGER_FRESH_DIRECTORY_H_

#include <string>

#include "absl/status/statusor.h"

namespace ladon::bench {

class FreshDirectory {
 public:
  // Makes `parent` too, if it is not there. Unavailable: the file system refused.
  static absl::StatusOr<FreshDirectory> Make(const std::string& parent);

  FreshDirectory(FreshDirectory&& other) noexcept;
  FreshDirectory(const FreshDirectory&) = delete;
  FreshDirectory& operator=(const FreshDirectory&) = delete;
  FreshDirectory& operator=(FreshDirectory&&) = delete;
  ~FreshDirectory();

  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  explicit FreshDirectory(std::string path);

  std::string path_;  // Empty: moved from.
};

}  // namespace ladon::bench

#endif  // LADON_BENCH_LEDGER_FRESH_DIRECTORY_H_
