#include "server/flow/throttle.h"

#include <algorithm>
#include <iterator>

namespace ladon::flow {
namespace {

constexpr double kNsPerMinute = 60e9;

}  // namespace

Throttle::Bucket Throttle::Filled(Bucket bucket, uint64_t now_ns) const {
  if (now_ns > bucket.filled_at_ns) {
    const double minutes = static_cast<double>(now_ns - bucket.filled_at_ns) / kNsPerMinute;
    bucket.left = std::min<double>(options_.burst, bucket.left + minutes * options_.per_minute);
  }
  bucket.filled_at_ns = now_ns;
  if (bucket.left >= options_.burst) bucket.told = false;
  return bucket;
}

bool Throttle::Take(const base::ActorId& actor, uint64_t now_ns) {
  if (options_.burst == 0) return true;
  bool tell = false;
  {
    const std::scoped_lock lock(mutex_);
    if (buckets_.size() > sweep_beyond_) {
      std::erase_if(buckets_, [&](const auto& entry) {
        return Filled(entry.second, now_ns).left >= options_.burst;
      });
      // Not at every call, however many are still needed.
      sweep_beyond_ = std::max(kSweepBeyondMin, 2 * buckets_.size());
    }
    Bucket& bucket = buckets_
                         .try_emplace(actor, Bucket{.left = static_cast<double>(options_.burst),
                                                    .filled_at_ns = now_ns})
                         .first->second;
    bucket = Filled(bucket, now_ns);
    if (bucket.left >= 1) {
      bucket.left -= 1;
      return true;
    }
    tell = !bucket.told;
    bucket.told = true;
  }
  if (tell && options_.on_empty) options_.on_empty(actor);
  return false;
}

size_t Throttle::buckets() const {
  const std::scoped_lock lock(mutex_);
  return buckets_.size();
}

void Throttle::GiveBack(const base::ActorId& actor) {
  const std::scoped_lock lock(mutex_);
  const auto bucket = buckets_.find(actor);
  if (bucket == buckets_.end()) return;
  bucket->second.left = std::min<double>(options_.burst, bucket->second.left + 1);
}

}  // namespace ladon::flow
