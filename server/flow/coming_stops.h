// What will keep somebody from being served before long, so that a sysadmin hears of it in time:
// consents that end, signatures of representatives that lapse at 18, tills that nobody used. Counts
// and tills only: no child is named. Threading: any thread; `done` on the exporter's.
#ifndef LADON_SERVER_FLOW_COMING_STOPS_H_
#define LADON_SERVER_FLOW_COMING_STOPS_H_

#include <cstdint>
#include <vector>

#include "server/flow/commit.h"

namespace ladon::flow {

inline constexpr uint32_t kComingDaysMax = 366;
inline constexpr uint32_t kComingDays = 30;

// The numbers are those of ladon.v1.ComingStopKind.
enum class ComingStopKind : uint8_t {
  kPersonalDataConsentEnds = 1,
  kBiometricConsentEnds = 2,
  kRepresentativeLapses = 3,  // 152-FZ article 9: from the 18th birthday on the own consent counts.
  kTillIdle = 4,              // [access] idle_days_max
};

struct ComingStop {
  ComingStopKind kind = ComingStopKind::kTillIdle;
  base::SchoolId school;
  registers::Day first_day = 0;  // The first on which somebody of them is not served.
  uint32_t count = 0;
  base::ActorId terminal;  // Of kTillIdle.
};

// Within `days` from today on, of every school, the soonest first. kOverloaded.
void ListComingStops(const House& house, const access::Caller& caller, uint32_t days,
                     Done<std::vector<ComingStop>> done);

struct TillCounts {
  uint32_t working = 0;  // That may work, in all schools.
  uint32_t seen_today = 0;
};
// kOverloaded.
void CountTills(const House& house, const access::Caller& caller, Done<TillCounts> done);

}  // namespace ladon::flow

#endif  // LADON_SERVER_FLOW_COMING_STOPS_H_
