#include "server/cmd/bridged_clock.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"

namespace ladon {
namespace {

constexpr uint64_t kHourNs = 3'600ULL * 1'000'000'000;

}  // namespace

BridgedClock::BridgedClock(Options options)
    : options_(std::move(options)),
      last_ns_(options_.wall_ns()),
      last_steady_ns_(options_.steady_ns()) {}

uint64_t BridgedClock::NowNs() {
  uint64_t back_ns = 0;
  bool stepped = false;
  bool too_far = false;
  uint64_t now_ns = 0;
  {
    const std::scoped_lock lock(mutex_);
    const uint64_t wall_ns = options_.wall_ns();
    const uint64_t steady_ns = options_.steady_ns();
    const uint64_t passed_ns = steady_ns - std::min(steady_ns, last_steady_ns_);
    // Where the clock must be if nobody has moved it.
    const uint64_t due_ns = last_ns_ + passed_ns;
    if (wall_ns >= last_ns_) {
      now_ns = wall_ns;
      bridging_ = false;
    } else {
      back_ns = due_ns - wall_ns;
      stepped = back_ns >= kStepNsMin && !std::exchange(bridging_, true);
      too_far = back_ns > kBridgeNsMax && !std::exchange(too_far_, true);
      now_ns = due_ns;
    }
    last_ns_ = now_ns;
    last_steady_ns_ = std::max(last_steady_ns_, steady_ns);
  }
  if (stepped && options_.on_step) options_.on_step(back_ns);
  if (too_far && options_.on_too_far) options_.on_too_far(back_ns);
  return now_ns;
}

absl::Status BridgedClock::NotBefore(uint64_t past_ns) {
  const uint64_t now_ns = NowNs();
  if (now_ns >= past_ns) return absl::OkStatus();
  const uint64_t back_ns = past_ns - now_ns;
  if (back_ns > kBridgeNsMax) {
    return absl::FailedPreconditionError(absl::StrCat(
        "the machine's clock is ", back_ns / kHourNs,
        " hours behind the last record: set it right, then start; if it is right and was wrong "
        "before, start with --accept-clock until it has caught up"));
  }
  {
    const std::scoped_lock lock(mutex_);
    last_ns_ = std::max(last_ns_, past_ns);
    bridging_ = true;
  }
  if (back_ns >= kStepNsMin && options_.on_step) options_.on_step(back_ns);
  return absl::OkStatus();
}

}  // namespace ladon
