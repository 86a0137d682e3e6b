// What a purse, or every purse of a school, may be spent on. The ledger asks at the next debit, of
// both; the stricter one holds. Sums count what the purse itself pays to caterers, per service day.
// Threading: any thread; `done` on a thread of the ledger's.
#ifndef LADON_SERVER_FLOW_SPENDING_LIMITS_H_
#define LADON_SERVER_FLOW_SPENDING_LIMITS_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "server/flow/commit.h"

namespace ladon::flow {

inline constexpr int64_t kSpendingKopecksMax = 10'000'000;  // 100 000 roubles.
inline constexpr size_t kBannedCategoriesMax = 30;

struct SpendingLimits {
  std::optional<int64_t> per_purchase_kopecks;     // 0..kSpendingKopecksMax
  std::optional<int64_t> per_service_day_kopecks;  // 0..kSpendingKopecksMax
  std::vector<uint16_t> banned_categories;         // Ascending, at most kBannedCategoriesMax.

  friend bool operator==(const SpendingLimits&, const SpendingLimits&) = default;
};

// Replaces all limits of `account`, or of the caller's school when it is zero. Tells the journal
// index. kAccountUnknown.
void SetLimits(const House& house, const access::Caller& caller, const Request& request,
               const base::AccountId& account, const SpendingLimits& limits, Done<uint64_t> done);
// As they were set; those of the account alone, or of the school alone.
void GetLimits(const House& house, const access::Caller& caller, const base::AccountId& account,
               Done<SpendingLimits> done);

}  // namespace ladon::flow

#endif  // LADON_SERVER_FLOW_SPENDING_LIMITS_H_
