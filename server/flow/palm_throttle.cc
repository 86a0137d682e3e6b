#include "server/flow/palm_throttle.h"

#include <algorithm>
#include <iterator>

namespace ladon::flow {
namespace {

constexpr double kNsPerMinute = 60e9;

}  // namespace

PalmThrottle::Bucket PalmThrottle::Filled(Bucket bucket, uint64_t now_ns) const {
  if (now_ns > bucket.filled_at_ns) {
    const double minutes = static_cast<double>(now_ns - bucket.filled_at_ns) / kNsPerMinute;
    bucket.misses_left = std::min<double>(
        options_.misses_burst, bucket.misses_left + minutes * options_.misses_per_minute);
  }
  bucket.filled_at_ns = now_ns;
  if (bucket.misses_left >= options_.misses_burst) bucket.told = false;
  return bucket;
}

bool PalmThrottle::Take(const base::ActorId& terminal, uint64_t now_ns) {
  if (options_.misses_burst == 0) return true;
  bool tell = false;
  {
    const std::scoped_lock lock(mutex_);
    if (buckets_.size() > sweep_beyond_) {
      std::erase_if(buckets_, [&](const auto& entry) {
        return Filled(entry.second, now_ns).misses_left >= options_.misses_burst;
      });
      // Not at every call, however many are still needed.
      sweep_beyond_ = std::max(kSweepBeyondMin, 2 * buckets_.size());
    }
    Bucket& bucket =
        buckets_
            .try_emplace(terminal, Bucket{.misses_left = static_cast<double>(options_.misses_burst),
                                          .filled_at_ns = now_ns})
            .first->second;
    bucket = Filled(bucket, now_ns);
    if (bucket.misses_left >= 1) {
      bucket.misses_left -= 1;
      return true;
    }
    tell = !bucket.told;
    bucket.told = true;
  }
  if (tell && options_.on_throttled) options_.on_throttled(terminal);
  return false;
}

size_t PalmThrottle::buckets() const {
  const std::scoped_lock lock(mutex_);
  return buckets_.size();
}

void PalmThrottle::GiveBack(const base::ActorId& terminal) {
  const std::scoped_lock lock(mutex_);
  const auto bucket = buckets_.find(terminal);
  if (bucket == buckets_.end()) return;
  bucket->second.misses_left =
      std::min<double>(options_.misses_burst, bucket->second.misses_left + 1);
}

}  // namespace ladon::flow
