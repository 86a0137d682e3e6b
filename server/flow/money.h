// Money that is not a meal: top-ups at the desk, balances, statements, terms of a purse.
// An account of another school is answered like one that does not exist.
// Threading: any thread; `done` on a thread of the ledger's, or of the searchers.
#ifndef LADON_SERVER_FLOW_MONEY_H_
#define LADON_SERVER_FLOW_MONEY_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "server/flow/commit.h"
#include "server/flow/list_means.h"
#include "server/flow/payer.h"

namespace ladon::flow {

inline constexpr int64_t kTopUpKopecksMax = 10'000'000;      // 100 000 roubles.
inline constexpr int64_t kOverdraftKopecksMax = 10'000'000;  // 100 000 roubles.

// A purse of the caller's own school; kAccountUnknown otherwise, whatever the truth is.
[[nodiscard]] absl::StatusOr<ledger::AccountView> OwnPurse(const House& house,
                                                           const access::Caller& caller,
                                                           const base::AccountId& account);

// `reason` of the journal's leaf, apart from those of bookings by list and of cancels.
inline constexpr uint16_t kReasonPaymentMoved = 200;
inline constexpr uint16_t kReasonRefunded = 201;        // On its way to who had paid it in.
inline constexpr uint16_t kReasonRefundReturned = 202;  // Back from there.
inline constexpr uint16_t kReasonCarried = 203;         // To the purse at another school.
inline constexpr uint16_t kReasonSettled = 204;         // Before somebody is erased.

// The main purse of whoever has this payment account; zero, which is nobody's, when it is nobody's.
[[nodiscard]] base::AccountId PurseOf(const House& house, uint64_t payment_account);

// The check of a submission that sets terms: two changes at once must not undo each other, so what
// was read when the new ones were made up must still be so. kOverloaded: it is not, come again.
[[nodiscard]] std::function<absl::Status(const storage::Reader&)> TermsAre(
    const House& house, const ledger::AccountTerms& before);

// Replaces what `change` changes of a purse's terms; tells the journal index. Two changes at once
// do not undo each other: the later one is kOverloaded, to come again.
void ReplaceTerms(const House& house, const access::Caller& caller, const Request& request,
                  const base::AccountId& account,
                  const std::function<void(ledger::AccountTerms*)>& change, Done<uint64_t> done);

struct TopUpAnswer {
  std::array<uint8_t, 16> transaction{};
  uint64_t journal_index = 0;
  int64_t balance_kopecks = 0;
  uint64_t booked_at_ns = 0;
  bool replayed = false;
};

void TopUp(const House& house, const access::Caller& caller, const Request& request,
           const base::AccountId& account, int64_t amount_kopecks, Done<TopUpAnswer> done);

void GetBalance(const House& house, const access::Caller& caller, const base::AccountId& account,
                Done<ledger::AccountView> done);

enum class StatementKind : uint8_t {
  kTopUp = 1,
  kMeal = 2,
  kCancel = 3,
  kTerms = 4,
  kSubsidy = 5,  // A budget paid a meal, or part of it; the purse's balance did not change.
  kHold = 6,     // Something was reserved, or released again.
  kMoved = 7,    // A misdirected payment, to this purse or from it.
  kRefund = 8,   // Unspent money, on its way to who had paid it in, or back from there.
  kCarried = 9,  // The balance, to the purse at another school; a debt that is written off.
};
// What a posting of `amount_kopecks` to a purse was for.
[[nodiscard]] StatementKind StatementKindOf(const ledger::Leaf& leaf, int64_t amount_kopecks);

struct StatementLine {
  uint64_t sequence = 0;
  uint64_t journal_index = 0;
  uint64_t booked_at_ns = 0;
  uint32_t service_day = 0;
  uint32_t effective_day = 0;  // Meals: when it was eaten; otherwise what the matter belongs to.
  BookingReason booking_reason = BookingReason::kNone;  // Meals and subsidies by class list.
  StatementKind kind = StatementKind::kTopUp;
  int64_t amount_kopecks = 0;
  int64_t fee_kopecks = 0;  // Of a top-up: what the channel's contract took beside it.
  int64_t balance_kopecks = 0;
  std::array<uint8_t, 16> transaction{};
  base::ItemId item;  // Zero: none, or a free amount.
  std::string item_name;
  uint32_t quantity = 0;
  base::CatererId caterer;  // Zero: nothing was sold, or the caterer is gone.
};

struct Statement {
  std::vector<StatementLine> lines;       // Oldest first.
  std::optional<uint64_t> next_sequence;  // Where the next page begins.
};

// A page for whoever may see it. Reads the journal, and waits for what is being written.
[[nodiscard]] absl::StatusOr<Statement> ReadStatement(const House& house,
                                                      const ledger::AccountView& view,
                                                      uint64_t from_sequence, size_t limit);
// What one entry did to a purse, posting by posting. NotFound, DataLoss: it cannot be read.
[[nodiscard]] absl::StatusOr<std::vector<StatementLine>> LinesOf(const House& house,
                                                                 uint64_t journal_index,
                                                                 const ledger::AccountId& purse);
void GetStatement(const House& house, const access::Caller& caller, const base::AccountId& account,
                  uint64_t from_sequence, size_t limit, Done<Statement> done);

// Replace one term of a purse; both answer with the journal index.
void SetOverdraftLimit(const House& house, const access::Caller& caller, const Request& request,
                       const base::AccountId& account, int64_t limit_kopecks, Done<uint64_t> done);
void SetFrozen(const House& house, const access::Caller& caller, const Request& request,
               const base::AccountId& account, bool frozen, Done<uint64_t> done);

}  // namespace ladon::flow

#endif  // LADON_SERVER_FLOW_MONEY_H_
