// Ends service days: a closing of the ledger for every day on which something was booked, as soon
// as the next day has begun in the configured time zone. Threading: a thread of its own; made and
// destroyed by one other.
#ifndef LADON_SERVER_CMD_DAY_CLOSER_H_
#define LADON_SERVER_CMD_DAY_CLOSER_H_

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "ledger/sequencer.h"

namespace ladon {

// The day to be closed now (YYYYMMDD), when a day before today has an entry that no closing covers:
// the newest entry's day, or yesterday when that is today's already. nullopt: there is none.
// Errors: the ledger cannot be read; no such time zone.
[[nodiscard]] absl::StatusOr<std::optional<ledger::Date>> DayToClose(
    const ledger::Sequencer& ledger, uint64_t now_ns, const std::string& time_zone);

class DayCloser {
 public:
  struct Options {
    ledger::Sequencer* ledger = nullptr;
    std::string time_zone;
    std::function<uint64_t()> now_ns;
    std::function<void(const absl::StatusOr<ledger::BookedClosing>&)>
        on_closing;  // Done, or why not.
  };
  explicit DayCloser(Options options);
  DayCloser(const DayCloser&) = delete;
  DayCloser& operator=(const DayCloser&) = delete;
  ~DayCloser();

 private:
  void Run();

  const Options options_;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace ladon

#endif  // LADON_SERVER_CMD_DAY_CLOSER_H_
