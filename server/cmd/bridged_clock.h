// The wall clock of the server, which never goes back.
//
// When the machine's clock steps back, time goes on from the last that was told, at the pace of the
// monotonic clock, until the wall has caught up: tokens, deadlines, limits of a day and the order
// of the books hold. That is alarmed. A step beyond kBridgeNsMax is no correction but a broken
// clock: it is told as fatal, for nobody could say any more on which day a meal was eaten.
// A start goes on from the last moment that was written down before it in the same way.
// Threading: any thread; the callbacks run on the thread that notices, and must not ask the clock.
#ifndef LADON_SERVER_CMD_BRIDGED_CLOCK_H_
#define LADON_SERVER_CMD_BRIDGED_CLOCK_H_

#include <cstdint>
#include <functional>
#include <mutex>

#include "absl/status/status.h"

namespace ladon {

// A daylight-saving mistake is bridged; a battery that has died is not.
inline constexpr uint64_t kBridgeNsMax = 2ULL * 3600 * 1'000'000'000;
// Less is the ordinary slewing of a time service.
inline constexpr uint64_t kStepNsMin = 1'000'000'000;

class BridgedClock {
 public:
  struct Options {
    std::function<uint64_t()> wall_ns;                 // Since 1970-01-01 UTC.
    std::function<uint64_t()> steady_ns;               // Of no particular beginning.
    std::function<void(uint64_t back_ns)> on_step;     // Once a step.
    std::function<void(uint64_t back_ns)> on_too_far;  // Once.
  };
  explicit BridgedClock(Options options);

  [[nodiscard]] uint64_t NowNs();
  // It was `past_ns` before this start: not earlier from now on. FailedPrecondition: that is more
  // than kBridgeNsMax ago to come; nothing is changed then. Tells `on_step` of a step.
  [[nodiscard]] absl::Status NotBefore(uint64_t past_ns);

 private:
  const Options options_;
  std::mutex mutex_;
  uint64_t last_ns_;
  uint64_t last_steady_ns_;
  bool bridging_ = false;
  bool too_far_ = false;
};

}  // namespace ladon

#endif  // LADON_SERVER_CMD_BRIDGED_CLOCK_H_
