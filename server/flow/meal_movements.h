// What a journal entry says about meals: who bought what of which caterer, and whose purse was
// topped up; or that it was taken back.
//
// Places are the accounts of a school that purses deal with: what its caterers are owed, and its
// cash desk. An entry tells its transfers, not what they were for; the places do.
// Threading: pure functions.
#ifndef LADON_SERVER_FLOW_MEAL_MOVEMENTS_H_
#define LADON_SERVER_FLOW_MEAL_MOVEMENTS_H_

#include <cstdint>
#include <functional>
#include <unordered_map>

#include "absl/status/status.h"
#include "ledger/command.h"
#include "server/base/id.h"

namespace ladon::flow {

enum class PlaceKind : uint8_t { kCaterer = 1, kCashDesk = 2 };

struct Place {
  base::SchoolId school;
  PlaceKind kind = PlaceKind::kCaterer;
};
using Places = std::unordered_map<ledger::AccountId, Place, ledger::IdHash>;

// One transfer between a purse and a place. A line that a budget pays in part is two of them.
struct Movement {
  Place place;
  ledger::AccountId purse;   // Whose meal it is, also when a budget paid.
  uint8_t purse_number = 0;  // Which of its owner's it is; whoever visits fills it in.
  int64_t kopecks = 0;       // More than 0: paid to a caterer, or into a purse; or given back.
  bool taken_back = false;
  bool by_budget = false;
  // Of the meal; nullptr: a top-up, or the second part of a line, whose portions are counted.
  const ledger::LineDetail* line = nullptr;
};

// Tells `visit` every movement of `entry`, in order. `is_purse` says of an account that the cash
// desk paid to whether it is a purse. DataLoss: the entry is out of form.
[[nodiscard]] absl::Status VisitMovements(
    const ledger::Entry& entry, const Places& places,
    const std::function<bool(const ledger::AccountId&)>& is_purse,
    const std::function<void(const Movement&)>& visit);

}  // namespace ladon::flow

#endif  // LADON_SERVER_FLOW_MEAL_MOVEMENTS_H_
