#include "server/flow/list_means.h"

#include "server/base/calendar.h"
#include "server/flow/refusal.h"

namespace ladon::flow {
namespace {

// The second day of a weekend.
bool IsSunday(uint32_t day) {
  return base::IsWeekend(day) && base::IsWeekend(base::AddDays(day, -1));
}

}  // namespace

bool IsUsualSchoolDay(uint32_t day) {
  return !IsSunday(day) && !base::IsStatutoryHoliday(day);
}

uint32_t SchoolDaysLate(uint32_t meal_day, uint32_t today,
                        const std::function<bool(uint32_t day)>& is_school_day) {
  uint32_t late = 0;
  uint32_t day = today;
  for (uint32_t ago = 0; day > meal_day; day = base::AddDays(day, -1), ++ago) {
    late += is_school_day(day) ? 1 : 0;
    if (late > kLateSchoolDaysMax || ago >= kLateCalendarDaysMax) return kLateSchoolDaysMax + 1;
  }
  return late;
}

absl::StatusOr<uint32_t> MealDayOf(const House& house, const ListMeans& list, uint32_t today) {
  if (list.meal_day == 0) return today;
  if (list.meal_day > today) return RefuseField("effective_date", "must not be to come");
  const uint32_t late = SchoolDaysLate(
      list.meal_day, today, house.is_school_day ? house.is_school_day : IsUsualSchoolDay);
  if (late > kLateSchoolDaysMax) {
    return RefuseField("effective_date", "must be at most 5 school days ago");
  }
  return list.meal_day;
}

absl::StatusOr<Identified> FindByList(const House& house, const access::Caller& caller,
                                      const ListMeans& list) {
  const base::SchoolId& school = caller.principal.school;
  if (!house.throttles->list_bookings.Take(caller.principal.id, house.now_ns())) {
    return Refuse(Reason::kTooManyAttempts);
  }
  if (!list.stands_for.IsZero()) {
    const auto till = house.directory->FindTerminal({list.stands_for.bytes});
    if (!till || till->school != school) return Refuse(Reason::kTerminalUnknown, "terminal_id");
  }
  const vault::SubjectRef subject{.school = school, .subject = list.subject};
  const auto record = house.vault->ReadSubject(house.vault->store(), subject);
  if (!record.ok()) return record.status();
  if (!record->has_value()) return Refuse(Reason::kSubjectUnknown, "subject_id");
  return Identified{.subject = subject, .means = Means::kList};
}

}  // namespace ladon::flow
