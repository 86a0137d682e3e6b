#include "server/flow/palm_drift.h"

#include <algorithm>

namespace ladon::flow {

void PalmDrift::Matched(const vault::SubjectRef& subject, int32_t distance_q16,
                        int32_t distance_max_q16) {
  // The mean of all until there are so many, then one that forgets: two weeks of lunches.
  constexpr uint32_t kRemembered = 10;
  const std::scoped_lock lock(mutex_);
  Room& room = rooms_[subject];
  room.matches = std::min(room.matches + 1, kRemembered);
  room.mean_q16 += (distance_max_q16 - distance_q16 - room.mean_q16) / room.matches;
}

void PalmDrift::Forget(const vault::SubjectRef& subject) {
  const std::scoped_lock lock(mutex_);
  rooms_.erase(subject);
}

bool PalmDrift::IsWeak(const vault::SubjectRef& subject) const {
  const std::scoped_lock lock(mutex_);
  const auto room = rooms_.find(subject);
  return room != rooms_.end() && room->second.matches >= kMatchesMin &&
         room->second.mean_q16 < kRoomMinQ16;
}

}  // namespace ladon::flow
