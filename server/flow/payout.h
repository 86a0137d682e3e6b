// Payments to caterers, and meals that the school's budget pays for.
// Threading: any thread; `done` on a thread of the ledger's.
#ifndef LADON_SERVER_FLOW_PAYOUT_H_
#define LADON_SERVER_FLOW_PAYOUT_H_

#include <cstdint>
#include <string>
#include <vector>

#include "server/flow/commit.h"

namespace ladon::flow {

inline constexpr int64_t kPayOutKopecksMax = 10'000'000'000;   // 100 million roubles.
inline constexpr int64_t kEntitlementKopecksMax = 10'000'000;  // 100 000 roubles a serving.
inline constexpr uint32_t kEntitlementUsesMax = 10;            // Servings a day.

struct PayOutAnswer {
  std::array<uint8_t, 16> transaction{};
  uint64_t journal_index = 0;
  int64_t owed_kopecks = 0;
};

// From what the caterer is owed to the school's clearing account. One payment a document of the
// bank: kDocumentAlreadyBooked; kMoreThanOwed burns nothing.
void PayOut(const House& house, const access::Caller& caller, const Request& request,
            const base::CatererId& caterer, int64_t amount_kopecks, const std::string& document_id,
            uint32_t document_day, Done<PayOutAnswer> done);

struct MealEntitlement {
  uint16_t category = 0;
  int64_t cap_kopecks = 0;
  uint8_t uses_per_day = 0;
  uint32_t valid_from = 0;  // YYYYMMDD, both included.
  uint32_t valid_to = 0;
  std::string document_id;  // Not told back: only its hash is kept.
};

// All of a purse's entitlements; the school's budget account pays, and is opened when it is needed
// first. Journal index.
void SetEntitlements(const House& house, const access::Caller& caller, const Request& request,
                     const base::AccountId& account, const std::vector<MealEntitlement>& list,
                     Done<uint64_t> done);
void GetEntitlements(const House& house, const access::Caller& caller,
                     const base::AccountId& account, Done<std::vector<MealEntitlement>> done);

// The account that pays a school's entitlements.
// What a bank's document is known by: the journal keeps the hash, not the number.
[[nodiscard]] ledger::Digest DocumentDigest(const std::string& document_id, uint32_t day);

[[nodiscard]] base::AccountId BudgetOf(const House& house, const base::SchoolId& school);

}  // namespace ladon::flow

#endif  // LADON_SERVER_FLOW_PAYOUT_H_
