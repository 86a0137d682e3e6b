#include "server/flow/service_day.h"

#include <algorithm>
#include <chrono>

#include "absl/strings/ascii.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"

namespace ladon::flow {
namespace {

constexpr size_t kZoneNameBytesMax = 64;

bool IsZoneCharacter(char c) {
  return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '/' || c == '_' || c == '-' ||
         c == '+';
}

// Loads by name from tzdata. What could be a path is refused before it gets there, and so are files
// there that are no IANA names: the machine's own zone, and copies that count leap seconds.
bool Load(const std::string& name, absl::TimeZone* zone) {
  if (name.empty() || name.size() > kZoneNameBytesMax || name.front() == '/' ||
      !std::all_of(name.begin(), name.end(), IsZoneCharacter) || name == "localtime" ||
      name == "posixrules" || name.starts_with("posix/") || name.starts_with("right/")) {
    return false;
  }
  return absl::LoadTimeZone(name, zone);
}

}  // namespace

absl::StatusOr<uint32_t> ServiceDay(uint64_t at_ns, const std::string& time_zone) {
  absl::TimeZone zone;
  if (!Load(time_zone, &zone)) {
    return absl::InvalidArgumentError("no such time zone: " + time_zone);
  }
  const absl::CivilDay day =
      absl::ToCivilDay(absl::FromUnixNanos(static_cast<int64_t>(at_ns)), zone);
  return static_cast<uint32_t>(day.year() * 10'000 + int64_t{100} * day.month() + day.day());
}

uint32_t UtcDay(uint64_t at_ns) {
  using std::chrono::days;
  constexpr uint64_t kDayNs = 24ULL * 3600 * 1'000'000'000;
  const std::chrono::year_month_day date(
      std::chrono::sys_days(days(static_cast<int64_t>(at_ns / kDayNs))));
  return static_cast<uint32_t>(static_cast<int>(date.year())) * 10'000 +
         static_cast<unsigned>(date.month()) * 100 + static_cast<unsigned>(date.day());
}

int64_t DayNumber(uint32_t day) {
  const std::chrono::year_month_day date(std::chrono::year(static_cast<int>(day / 10'000)),
                                         std::chrono::month(day / 100 % 100),
                                         std::chrono::day(day % 100));
  return std::chrono::sys_days(date).time_since_epoch().count();
}

bool IsTimeZone(const std::string& time_zone) {
  absl::TimeZone zone;
  return Load(time_zone, &zone);
}

bool IsDay(uint32_t day) {
  const int year = static_cast<int>(day / 10'000);
  const int month = static_cast<int>(day / 100 % 100);
  const int number = static_cast<int>(day % 100);
  if (year < 2000 || year > 2999) return false;
  // CivilDay normalises what is not in the calendar: then it names another day.
  const absl::CivilDay civil(year, month, number);
  return civil.year() == year && civil.month() == month && civil.day() == number;
}

}  // namespace ladon::flow
