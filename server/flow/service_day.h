// The service day: which calendar day it is in a school. Set by the server when a call arrives,
// never by a terminal; limits, price lists and reports follow it (DESIGN section 7).
// Time zones are IANA names, rules from the system's tzdata. Threading: pure functions.
#ifndef LADON_SERVER_FLOW_SERVICE_DAY_H_
#define LADON_SERVER_FLOW_SERVICE_DAY_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"

namespace ladon::flow {

// YYYYMMDD of `at_ns` (since 1970-01-01 UTC) in `time_zone`. InvalidArgument: no such zone.
[[nodiscard]] absl::StatusOr<uint32_t> ServiceDay(uint64_t at_ns, const std::string& time_zone);
// The same in UTC: cheap, and the day of the house where no school's is meant.
[[nodiscard]] uint32_t UtcDay(uint64_t at_ns);
[[nodiscard]] bool IsTimeZone(const std::string& time_zone);
// Days from 1970-01-01 to `day`, which IsDay().
[[nodiscard]] int64_t DayNumber(uint32_t day);
// Whether `day` is a day of the calendar, years 2000..2999.
[[nodiscard]] bool IsDay(uint32_t day);

}  // namespace ladon::flow

#endif  // LADON_SERVER_FLOW_SERVICE_DAY_H_
