// The production calendar of the Russian Federation, the holidays of schools, and the arithmetic of
// terms in days, months and years. A day is YYYYMMDD, as everywhere in the server.
//
// What a law has fixed for years stands in the code: the non-working holidays of article 112 of the
// Labour Code. What changes comes from a file (deploy/calendar.toml shows every key): the transfers
// of days off that the government decrees for a year, holidays of a region, holidays of schools.
// Where no decree is known Monday to Friday are worked but for those holidays, and Covers() is
// false. No day off is guessed there, so that a term rather ends too early than too late.
//
// Invariants: every day passed in is one (IsCalendarDay); what comes out is one too. The calendar
// ends at kLastCalendarDay; terms that would lead beyond it end there.
// Threading: a Calendar never changes once it is made; the functions are pure.
#ifndef LADON_SERVER_BASE_CALENDAR_H_
#define LADON_SERVER_BASE_CALENDAR_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"

namespace ladon::base {

// Of births and of terms; days of service begin later (flow::IsDay).
inline constexpr uint32_t kFirstCalendarDay = 1900'01'01;
inline constexpr uint32_t kLastCalendarDay = 2999'12'31;

inline constexpr size_t kCalendarBytesMax = size_t{64} * 1024;
inline constexpr size_t kCalendarYearsMax = 50;
inline constexpr size_t kYearListMax = 32;  // transfers of a year, holidays of a year
inline constexpr size_t kSchoolHolidaysMax = 250;
inline constexpr uint32_t kSchoolHolidayDaysMax = 120;
inline constexpr size_t kCalendarNameBytesMax = 200;
inline constexpr uint32_t kWorkingDaysAheadMax = 1'000;

[[nodiscard]] bool IsCalendarDay(uint32_t day);
[[nodiscard]] bool IsWeekend(uint32_t day);
// Article 112 of the Labour Code: 1-8 January, 23 February, 8 March, 1 and 9 May, 12 June, 4
// November.
[[nodiscard]] bool IsStatutoryHoliday(uint32_t day);
// `days` calendar days later; earlier when negative.
[[nodiscard]] uint32_t AddDays(uint32_t day, int32_t days);
// The same number in the month `months` later; its last day when it has no such number.
[[nodiscard]] uint32_t AddMonths(uint32_t day, uint32_t months);
// The day on which who was born on `birth_day` turns `years`: 1 March for who was born on 29
// February, in a year without one. Nobody is of age a day too early.
[[nodiscard]] uint32_t BirthdayOf(uint32_t birth_day, uint32_t years);

class Calendar {
 public:
  struct Span {
    uint32_t from = 0;
    uint32_t to = 0;  // last day
  };
  // What a file says, made ready for questions; each list ascends.
  struct Days {
    uint32_t first = 0;  // 1 January of the first year whose decree is known; 0: none
    uint32_t last = 0;
    std::vector<uint32_t> holidays;  // beyond the statutory ones
    std::vector<uint32_t> worked;    // Saturdays and Sundays that are worked
    std::vector<uint32_t> off;       // Mondays to Fridays off by transfer
    std::vector<uint32_t> off_six;   // of these, the ones off in a six-day week too
    std::vector<Span> school_holidays;
    uint32_t school_week_days = 5;
  };

  // Without a file: statutory holidays only, nothing covered, a school week of five days.
  [[nodiscard]] static Calendar Statutory() { return Calendar({}); }
  // NotFound: no such file. InvalidArgument: not a calendar, or one that contradicts itself; the
  // sentence names the line.
  [[nodiscard]] static absl::StatusOr<Calendar> Load(const std::string& path);
  // The same of a text; `name` stands in the sentences.
  [[nodiscard]] static absl::StatusOr<Calendar> Parse(std::string_view text,
                                                      const std::string& name);

  // Of the five-day week, in which the law counts its terms.
  [[nodiscard]] bool IsWorkingDay(uint32_t day) const;
  // A working day of the school week outside the school holidays. In a six-day week a Saturday is
  // no day off: it is taught unless it is a holiday, and nothing that was transferred from a
  // Saturday is off.
  [[nodiscard]] bool IsSchoolDay(uint32_t day) const;
  // The last day of a term of `n` working days that `day` sets off: the day after it is the first
  // that may count. `day` itself for 0. n <= kWorkingDaysAheadMax.
  [[nodiscard]] uint32_t AddWorkingDays(uint32_t day, uint32_t n) const;
  // How many school days lie from `from` to `to`, both included; 0 when `to` is before `from`.
  [[nodiscard]] uint32_t SchoolDaysBetween(uint32_t from, uint32_t to) const;

  // Whether the decree for that year is known, so that IsWorkingDay() is more than a rule of thumb.
  [[nodiscard]] bool Covers(uint32_t day) const { return first_day() <= day && day <= last_day(); }
  // Whether `day` also lies between the first and the last school holiday that are known.
  [[nodiscard]] bool CoversSchool(uint32_t day) const;
  // The first and the last day that are covered; 0 and 0 when none is.
  [[nodiscard]] uint32_t first_day() const { return days_.first; }
  [[nodiscard]] uint32_t last_day() const { return days_.last; }

 private:
  explicit Calendar(Days days) : days_(std::move(days)) {}

  [[nodiscard]] bool IsHoliday(uint32_t day) const;

  Days days_;
};

}  // namespace ladon::base

#endif  // LADON_SERVER_BASE_CALENDAR_H_
