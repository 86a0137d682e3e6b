// By class list: a person points at the child whom nothing else names, so that no meal is refused
// for want of recognition. The sale takes the very way of palm and card (debit.h): same list,
// limits, bans, entitlements, overdraft and repeat guard; a blocked child stays blocked. What
// nobody could ask for (a palm or card of nobody) never becomes such a booking by itself: a senior
// cashier makes each, and the statement shows it with its reason.
//
// Late bookings. A meal may be booked up to kLateSchoolDaysMax school days after it was eaten. Its
// day is the entry's effective date, and the price list is that day's. The service date stays the
// day of booking: closings follow the order of the journal, so that nothing is ever added to a day
// that was closed, and an account counts its day's spending and entitlements for one day only.
// So a late meal counts for the limits and the budget of the day it is booked on. The same meal of
// the same day a second time, by whatever means the first was, is a question first: two cashiers
// may have the same sheet of paper.
//
// Threading: pure functions; any thread.
#ifndef LADON_SERVER_FLOW_LIST_MEANS_H_
#define LADON_SERVER_FLOW_LIST_MEANS_H_

#include <cstdint>
#include <functional>

#include "absl/status/statusor.h"
#include "ledger/proof/ids.h"
#include "server/access/caller.h"
#include "server/base/id.h"
#include "server/flow/basket.h"
#include "server/flow/house.h"
#include "server/flow/token.h"

namespace ladon::flow {

inline constexpr uint32_t kLateSchoolDaysMax = 5;
// A meal older than this is never booked, however long the holidays were.
inline constexpr uint32_t kLateCalendarDaysMax = 100;

// Numbers of ladon.v1.BookingReason; the `reason` of the journal's leaf.
enum class BookingReason : uint8_t { kNone = 0, kNotRecognised = 1, kOutage = 2 };

struct ListMeans {
  base::SubjectId subject;
  BookingReason reason = BookingReason::kNotRecognised;
  uint32_t meal_day = 0;     // When the meal was eaten; 0: today.
  base::ActorId stands_for;  // The till that could not ask; zero: none.
};

// Monday to Saturday, but for the statutory holidays.
[[nodiscard]] bool IsUsualSchoolDay(uint32_t day);
// How many school days came after `meal_day`, `today` included; kLateSchoolDaysMax + 1 when there
// are more, or it is longer ago than kLateCalendarDaysMax. Both are days of the calendar.
[[nodiscard]] uint32_t SchoolDaysLate(uint32_t meal_day, uint32_t today,
                                      const std::function<bool(uint32_t day)>& is_school_day);
// The day of the meal. kFieldInvalid: to come, or too long ago.
[[nodiscard]] absl::StatusOr<uint32_t> MealDayOf(const House& house, const ListMeans& list,
                                                 uint32_t today);

// kPossibleRepeat: `purse` has paid for the same products on the day of a late meal already. Looks
// at what is durable; two at the same moment are the ledger's to tell.
[[nodiscard]] absl::Status CheckNotBookedYet(const House& house, const ledger::AccountId& purse,
                                             const Basket& basket, uint32_t meal_day);

// Whom `list` names, in the caller's school. kTooManyAttempts; kTerminalUnknown: the till that it
// stands for; kSubjectUnknown.
[[nodiscard]] absl::StatusOr<Identified> FindByList(const House& house,
                                                    const access::Caller& caller,
                                                    const ListMeans& list);

}  // namespace ladon::flow

#endif  // LADON_SERVER_FLOW_LIST_MEANS_H_
