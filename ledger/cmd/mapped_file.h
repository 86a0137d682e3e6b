// A file as memory, for what is too large to be read at once.
// Threading: const functions from any thread.
#ifndef LADON_LEDGER_CMD_MAPPED_FILE_H_
#define LADON_LEDGER_CMD_MAPPED_FILE_H_

#include <cstddef>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace ladon::audit {

class MappedFile {
 public:
  // NotFound: it cannot be read, or is no plain file.
  [[nodiscard]] static absl::StatusOr<MappedFile> Open(const std::string& path);
  MappedFile(MappedFile&& other) noexcept;
  MappedFile& operator=(MappedFile&&) = delete;
  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;
  ~MappedFile();

  [[nodiscard]] std::string_view bytes() const { return {data_, size_}; }

 private:
  MappedFile(const char* data, size_t size) : data_(data), size_(size) {}

  const char* data_;  // Null: an empty file.
  size_t size_;
};

}  // namespace ladon::audit

#endif  // LADON_LEDGER_CMD_MAPPED_FILE_H_
