// Children whose palms drift to the threshold: a hand that grows, a bad enrolment, a scar. They are
// to be enrolled again before a queue waits for them.
//
// Kept of each child is a moving mean of how much room a match had, in memory only: after a start
// some lunches make it full again. Nothing but yes or no leaves, and that only to the enrolment
// desk: a score would invite hill climbing. Threading: any thread.
#ifndef LADON_SERVER_FLOW_PALM_DRIFT_H_
#define LADON_SERVER_FLOW_PALM_DRIFT_H_

#include <cstdint>
#include <map>
#include <mutex>

#include "server/vault/vault.h"

namespace ladon::flow {

class PalmDrift {
 public:
  // Fewer matches say nothing.
  static constexpr uint32_t kMatchesMin = 3;
  // An ordinary match of two sessions has about 6 000 left to the threshold (in 1/65536, measured
  // on the sets of matcher/README.md), one in a hundred less than this.
  static constexpr int32_t kRoomMinQ16 = 1'500;

  // A match at `distance_q16` where `distance_max_q16` was allowed; beyond it is possible.
  void Matched(const vault::SubjectRef& subject, int32_t distance_q16, int32_t distance_max_q16);
  // Enrolled anew, or erased.
  void Forget(const vault::SubjectRef& subject);

  [[nodiscard]] bool IsWeak(const vault::SubjectRef& subject) const;

 private:
  struct Room {
    double mean_q16 = 0;
    uint32_t matches = 0;
  };
  mutable std::mutex mutex_;
  std::map<vault::SubjectRef, Room> rooms_;  // Of enrolled children.
};

}  // namespace ladon::flow

#endif  // LADON_SERVER_FLOW_PALM_DRIFT_H_
