// Retention runs by itself: what was kept for a purpose goes when the purpose is over (152-FZ
// article 5 part 7, article 21).
//
// Four times a day, and soon after the start: who left school 30 days ago is erased; whose consent
// to personal data was withdrawn 30 days ago is erased; palms whose consent is no longer valid (the
// 18th birthday, its last day) are removed, though they have served nobody since that day; keys of
// palms that nobody has are destroyed. Threading: any thread.
#ifndef LADON_SERVER_FLOW_RETENTION_H_
#define LADON_SERVER_FLOW_RETENTION_H_

#include <condition_variable>
#include <cstddef>
#include <functional>
#include <mutex>
#include <thread>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/flow/house.h"

namespace ladon::flow {

inline constexpr int kRetentionDays = 30;

struct Retained {
  size_t erasures = 0;         // Begun.
  size_t palms_removed = 0;    // Samples.
  size_t keys_destroyed = 0;   // Of palms.
  size_t failures = 0;         // Subjects, and schools, that could not be looked at or helped;
  absl::Status first_failure;  // they are looked at again in the next round.
};
// Looks at every subject of every school once, as long as `go_on` says so. Waits for the ledger:
// not on a thread that anybody waits for. Unavailable: the ledger has stopped.
[[nodiscard]] absl::StatusOr<Retained> ApplyRetention(const House& house,
                                                      const std::function<bool()>& go_on);

class Retention {
 public:
  struct Options {
    std::function<void(const absl::Status&)> on_trouble;
  };
  explicit Retention(Options options) : options_(std::move(options)) {}
  ~Retention() { Stop(); }

  void Start(const House* house);
  void Stop();  // Idempotent.

 private:
  void Loop();

  const Options options_;
  const House* house_ = nullptr;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace ladon::flow

#endif  // LADON_SERVER_FLOW_RETENTION_H_
