#include "server/flow/list_means.h"

#include <array>
#include <map>
#include <optional>
#include <set>
#include <vector>

#include "ledger/seal.h"
#include "server/base/calendar.h"
#include "server/flow/refusal.h"
#include "server/flow/service_day.h"

namespace ladon::flow {
namespace {

// The second day of a weekend.
bool IsSunday(uint32_t day) {
  return base::IsWeekend(day) && base::IsWeekend(base::AddDays(day, -1));
}

using Portions = std::map<std::array<uint8_t, 16>, uint32_t>;  // By product.

Portions PortionsOf(const std::vector<ledger::BookedTransfer>& booked) {
  Portions portions;
  std::optional<uint16_t> counted;  // A line that a budget pays in part is two transfers.
  for (const ledger::BookedTransfer& transfer : booked) {
    if (!transfer.line || counted == transfer.ordinal) continue;
    counted = transfer.ordinal;
    portions[transfer.line->item.bytes] += transfer.line->quantity;
  }
  return portions;
}

}  // namespace

absl::Status CheckNotBookedYet(const House& house, const ledger::AccountId& purse,
                               const Basket& basket, uint32_t meal_day) {
  Portions wanted;
  for (const BasketLine& line : basket.lines) wanted[line.item.bytes] += line.quantity;
  // A day begins at most 14 hours before that of UTC.
  constexpr uint64_t kHourNs = 3'600ULL * 1'000'000'000;
  const uint64_t day_ns = static_cast<uint64_t>(DayNumber(meal_day)) * 24 * kHourNs;
  ledger::EntryFilter filter{.from_ns = day_ns - 14 * kHourNs,
                             .kind = ledger::EntryKind::kTransaction};
  std::set<ledger::TransactionId> same;
  do {
    const auto page = house.ledger->ListEntries(purse, filter);
    if (!page.ok()) return page.status();
    for (const ledger::Entry& entry : page->entries) {
      const auto booked = ledger::BookedTransfers(entry);
      if (!booked.ok() || PortionsOf(*booked) != wanted) continue;
      if (!entry.leaf.related.IsZero()) {
        same.erase(entry.leaf.related);  // All of it was taken back.
      } else if (entry.leaf.effective_date == meal_day) {
        same.insert(entry.leaf.transaction);
      }
    }
    filter.from_sequence = page->next_sequence;
  } while (filter.from_sequence != 0);
  return same.empty() ? absl::OkStatus() : Refuse(Reason::kPossibleRepeat);
}

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
