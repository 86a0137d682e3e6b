#include "server/base/calendar.h"

#include <algorithm>
#include <cassert>
#include <chrono>

namespace ladon::base {
namespace {

namespace ch = std::chrono;

ch::year_month_day CivilOf(uint32_t day) {
  return {ch::year(static_cast<int>(day / 10'000)), ch::month(day / 100 % 100), ch::day(day % 100)};
}

// The days since 1970-01-01.
ch::sys_days SerialOf(uint32_t day) {
  assert(IsCalendarDay(day) && "no day of the calendar");
  return ch::sys_days(CivilOf(day));
}

// Back from what std::chrono computes; beyond the ends of the calendar: its ends.
uint32_t DayOf(const ch::year_month_day& civil) {
  if (civil < CivilOf(kFirstCalendarDay)) return kFirstCalendarDay;
  if (civil > CivilOf(kLastCalendarDay)) return kLastCalendarDay;
  return static_cast<uint32_t>(static_cast<int>(civil.year())) * 10'000 +
         static_cast<unsigned>(civil.month()) * 100 + static_cast<unsigned>(civil.day());
}

ch::weekday WeekdayOf(uint32_t day) {
  return ch::weekday(SerialOf(day));
}

bool Has(const std::vector<uint32_t>& days, uint32_t day) {
  return std::binary_search(days.begin(), days.end(), day);
}

}  // namespace

bool IsCalendarDay(uint32_t day) {
  return kFirstCalendarDay <= day && day <= kLastCalendarDay && CivilOf(day).ok();
}

bool IsWeekend(uint32_t day) {
  const ch::weekday weekday = WeekdayOf(day);
  return weekday == ch::Saturday || weekday == ch::Sunday;
}

bool IsStatutoryHoliday(uint32_t day) {
  assert(IsCalendarDay(day) && "no day of the calendar");
  switch (day % 10'000) {
    case 2'23:
    case 3'08:
    case 5'01:
    case 5'09:
    case 6'12:
    case 11'04:
      return true;
    default:
      return day % 10'000 <= 1'08;
  }
}

uint32_t AddDays(uint32_t day, int32_t days) {
  // Two thousand years back or ahead are beyond either end, and no number of std::chrono overflows.
  constexpr int32_t kFar = 2'000 * 366;
  return DayOf(SerialOf(day) + ch::days(std::clamp(days, -kFar, kFar)));
}

uint32_t AddMonths(uint32_t day, uint32_t months) {
  assert(IsCalendarDay(day) && "no day of the calendar");
  constexpr uint32_t kFar = 2'000 * 12;
  ch::year_month_day later = CivilOf(day) + ch::months(static_cast<int>(std::min(months, kFar)));
  if (!later.ok()) later = later.year() / later.month() / ch::last;
  return DayOf(later);
}

uint32_t BirthdayOf(uint32_t birth_day, uint32_t years) {
  assert(IsCalendarDay(birth_day) && "no day of the calendar");
  constexpr uint32_t kFar = 2'000;
  const ch::year_month_day birthday =
      CivilOf(birth_day) + ch::years(static_cast<int>(std::min(years, kFar)));
  // Only 29 February can be missing; std::chrono counts on from there to 1 March.
  return DayOf(birthday.ok() ? birthday : ch::year_month_day(ch::sys_days(birthday)));
}

bool Calendar::IsHoliday(uint32_t day) const {
  return IsStatutoryHoliday(day) || Has(days_.holidays, day);
}

bool Calendar::IsWorkingDay(uint32_t day) const {
  if (IsHoliday(day)) return false;
  return IsWeekend(day) ? Has(days_.worked, day) : !Has(days_.off, day);
}

bool Calendar::IsSchoolDay(uint32_t day) const {
  const auto later =
      std::partition_point(days_.school_holidays.begin(), days_.school_holidays.end(),
                           [&](const Span& span) { return span.to < day; });
  if (later != days_.school_holidays.end() && later->from <= day) return false;
  if (days_.school_week_days == 5) return IsWorkingDay(day);
  if (IsHoliday(day)) return false;
  return WeekdayOf(day) == ch::Sunday ? Has(days_.worked, day) : !Has(days_.off_six, day);
}

uint32_t Calendar::AddWorkingDays(uint32_t day, uint32_t n) const {
  assert(IsCalendarDay(day) && "no day of the calendar");
  assert(n <= kWorkingDaysAheadMax && "a term of more working days than any law has");
  while (n > 0 && day < kLastCalendarDay) {
    day = AddDays(day, 1);
    if (IsWorkingDay(day)) --n;
  }
  return day;
}

uint32_t Calendar::SchoolDaysBetween(uint32_t from, uint32_t to) const {
  assert(IsCalendarDay(to) && "no day of the calendar");
  uint32_t count = 0;
  for (ch::sys_days at = SerialOf(from); at <= SerialOf(to); at += ch::days(1)) {
    if (IsSchoolDay(DayOf(at))) ++count;
  }
  return count;
}

bool Calendar::CoversSchool(uint32_t day) const {
  return Covers(day) && !days_.school_holidays.empty() &&
         days_.school_holidays.front().from <= day && day <= days_.school_holidays.back().to;
}

}  // namespace ladon::base
