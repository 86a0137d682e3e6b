// How many palms a terminal may show that nobody is found for.
//
// No score leaves the service, so who would climb towards somebody's palm, or try a collection of
// palms, has yes and no to go by, and many attempts to make. Each terminal has a bucket of misses
// that fills up again with time (a token bucket). An attempt takes one miss before it is searched,
// so that parallel attempts cannot outrun the count, and a match gives it back; a lunch with a
// third of misses never empties it. An empty bucket refuses palms at this terminal alone,
// unsearched: cards, lists and other terminals go on.
//
// Threading: any thread.
#ifndef LADON_SERVER_FLOW_PALM_THROTTLE_H_
#define LADON_SERVER_FLOW_PALM_THROTTLE_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <utility>

#include "server/base/id.h"

namespace ladon::flow {

struct PalmThrottleOptions {
  uint32_t misses_burst = 40;       // A full bucket; 0: no throttling.
  uint32_t misses_per_minute = 12;  // How fast it fills.
  // Called once whenever a terminal's bucket has run empty, under no lock; may be empty.
  std::function<void(const base::ActorId& terminal)> on_throttled;
};

class PalmThrottle {
 public:
  explicit PalmThrottle(PalmThrottleOptions options) : options_(std::move(options)) {}
  PalmThrottle() : PalmThrottle(PalmThrottleOptions{}) {}

  // False: not now, and nothing is searched. `now_ns` is the wall clock; a clock that is set back
  // fills nothing, one that is set forward fills the bucket at most.
  [[nodiscard]] bool Take(const base::ActorId& terminal, uint64_t now_ns);
  // The attempt that Take() let through found somebody.
  void GiveBack(const base::ActorId& terminal);

  // How many terminals it remembers. Full buckets are forgotten as they become many.
  [[nodiscard]] size_t buckets() const;

  static constexpr size_t kSweepBeyondMin = 10'000;

 private:
  struct Bucket {
    double misses_left = 0;
    uint64_t filled_at_ns = 0;
    bool told = false;  // That it ran empty; until it is full again.
  };
  [[nodiscard]] Bucket Filled(Bucket bucket, uint64_t now_ns) const;

  const PalmThrottleOptions options_;
  mutable std::mutex mutex_;
  std::map<base::ActorId, Bucket> buckets_;  // Of terminals with a certificate; full ones go.
  size_t sweep_beyond_ = kSweepBeyondMin;
};

}  // namespace ladon::flow

#endif  // LADON_SERVER_FLOW_PALM_THROTTLE_H_
