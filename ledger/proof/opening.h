// What opens the commitments of a leaf (entry.h): what an entry did to accounts, and what for.
//
// Canonical like the leaf; the bytes are in ledger/proof/README.md.
// Threading: pure functions.
#ifndef LADON_LEDGER_PROOF_OPENING_H_
#define LADON_LEDGER_PROOF_OPENING_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "ledger/proof/bytes.h"
#include "ledger/proof/ids.h"

namespace ladon::ledger {

inline constexpr size_t kLimitsMax = 32;       // Typed limits of one account or school.
inline constexpr size_t kEntitlementsMax = 8;  // Of one account.

// A calendar day as the number YYYYMMDD; 0 = none.
using Date = uint32_t;

// True for 0 and for a day of the Gregorian calendar written as YYYYMMDD.
[[nodiscard]] bool IsDate(Date date);

// What a posting did to one account. Credits are positive, debits negative, everywhere: a child's
// wallet grows when it is credited, the clearing account of a channel sinks when money came in.
struct Posting {
  AccountId account;
  int64_t amount_kopecks = 0;   // Never 0.
  uint64_t sequence = 0;        // The account's own, from 1, without gaps.
  int64_t balance_kopecks = 0;  // After this posting.

  friend bool operator==(const Posting&, const Posting&) = default;
};

enum class AccountCode : uint16_t {
  kWallet = 1,           // A child's (or a payer's) purse.
  kCatererPayable = 2,   // What the caterer is owed.
  kChannelClearing = 3,  // Money under way from a payment channel or a cash desk.
  kSubsidyBudget = 4,
  kRefundPayable = 5,
  kFees = 6,
  kSuspense = 7,
};
[[nodiscard]] constexpr bool IsAccountCode(uint16_t code) {
  return code >= static_cast<uint16_t>(AccountCode::kWallet) &&
         code <= static_cast<uint16_t>(AccountCode::kSuspense);
}

enum AccountFlags : uint16_t {
  kAccountLimited = 1 << 0,  // The balance may not fall below -overdraft_limit_kopecks.
  kAccountFrozen = 1 << 1,   // No debit.
  kAccountClosed = 1 << 2,   // No posting at all.
};
inline constexpr uint16_t kAccountFlagsAll = kAccountLimited | kAccountFrozen | kAccountClosed;

// Types of limits, of an account and of its school; the stricter one binds. Sums in kopecks, of
// what a wallet itself pays to caterers; values are 0 or more. Other types are kept and not asked.
inline constexpr uint16_t kLimitPerPurchase = 1;
inline constexpr uint16_t kLimitPerServiceDay = 2;
inline constexpr uint16_t kLimitCategoryBan = 0x8000;  // + category: nothing of it is sold.

using Limits = std::vector<std::pair<uint16_t, int64_t>>;  // By ascending type.

// The whole state of an account's terms after this entry.
struct AccountTerms {
  AccountId account;
  uint64_t sequence = 0;  // Terms use up a sequence number too: an extract shows them in order.
  AccountCode code = AccountCode::kWallet;
  uint8_t purse = 0;  // Which purse of its owner; 0 for accounts that are not wallets.
  uint16_t flags = 0;
  SchoolId school;
  int64_t overdraft_limit_kopecks = 0;  // 0 or more.
  Limits limits;

  friend bool operator==(const AccountTerms&, const AccountTerms&) = default;
};

// InvalidArgument: no account, unknown code or flag, a negative overdraft limit, limits too many
// or not in ascending order. Other terms have no encoding.
[[nodiscard]] absl::Status CheckTerms(const AccountTerms& terms);

// What transfer `ordinal` of the entry was for: one line of a basket. In a reversal every transfer
// has one, and `ordinal` names the transfer of the original that it takes back.
struct LineDetail {
  uint16_t ordinal = 0;
  ItemId item;  // Zero: a free amount.
  uint16_t category = 0;
  uint32_t quantity = 0;
  int64_t unit_price_kopecks = 0;
  uint8_t purse = 0;

  friend bool operator==(const LineDetail&, const LineDetail&) = default;
};

// Where and how it happened.
struct Context {
  SchoolId school;
  ActorId actor;
  uint8_t means = 0;  // 0 none, 1 palm, 2 card, 3 PIN, 4 class list, 5 desk, 6 channel.

  friend bool operator==(const Context&, const Context&) = default;
};

// What a hold, or its end, did to one side of a transfer. What is reserved on the debit side counts
// against the account's limit; what is to come on the credit side does not help it.
struct Reservation {
  AccountId account;
  bool credit = false;          // The side: money to come, not money to go.
  int64_t amount_kopecks = 0;   // Reserved if positive, released if negative; never 0.
  uint64_t sequence = 0;        // The account's own.
  int64_t pending_kopecks = 0;  // Of this side, afterwards; 0 or more.

  friend bool operator==(const Reservation&, const Reservation&) = default;
};

// The whole of a school's limits after this entry.
struct SchoolLimits {
  SchoolId school;
  Limits limits;

  friend bool operator==(const SchoolLimits&, const SchoolLimits&) = default;
};

// InvalidArgument: too many, or not in ascending order.
[[nodiscard]] absl::Status CheckSchoolLimits(const SchoolLimits& limits);

// Meals of one category that a budget pays for.
struct Entitlement {
  AccountId budget;
  uint16_t category = 0;
  int64_t cap_kopecks = 0;  // At most this much of a serving; the wallet pays the rest.
  uint8_t uses_per_day = 0;
  Date valid_from = 0;  // Both days included.
  Date valid_to = 0;
  Digest document;  // What it rests on.

  friend bool operator==(const Entitlement&, const Entitlement&) = default;
};

// The whole of an account's entitlements after this entry, in the order in which they are asked.
struct Entitlements {
  AccountId account;
  uint64_t sequence = 0;  // The account's own.
  std::vector<Entitlement> list;

  friend bool operator==(const Entitlements&, const Entitlements&) = default;
};

// InvalidArgument: too many, no cap, no use, days out of form, or paid by the account itself.
[[nodiscard]] absl::Status CheckEntitlements(const Entitlements& entitlements);

// The transfer before it was paid by a budget for the account's owner, or given back to it.
struct EntitlementUse {
  AccountId account;
  uint64_t sequence = 0;       // The account's own.
  uint8_t ordinal = 0;         // Which of its entitlements.
  int64_t amount_kopecks = 0;  // Negative: given back. Never 0.
  uint8_t uses = 0;            // Servings that this took, or gave back.
  uint8_t uses_today = 0;      // Of this entitlement, afterwards.

  friend bool operator==(const EntitlementUse&, const EntitlementUse&) = default;
};

// The state of all accounts after the first `tree_size` entries: the root over them (closing.h).
struct ClosingHead {
  Date service_date = 0;
  uint64_t tree_size = 0;
  uint64_t account_count = 0;
  Digest root;

  friend bool operator==(const ClosingHead&, const ClosingHead&) = default;
};

// In the order of their kinds on the wire, from 1.
using Opening = std::variant<Posting, AccountTerms, LineDetail, Context, Reservation, SchoolLimits,
                             Entitlements, EntitlementUse, ClosingHead>;

inline constexpr uint8_t kPostingKind = 1;
inline constexpr uint8_t kTermsKind = 2;
inline constexpr uint8_t kLineKind = 3;
inline constexpr uint8_t kContextKind = 4;
inline constexpr uint8_t kReservationKind = 5;
inline constexpr uint8_t kSchoolLimitsKind = 6;
inline constexpr uint8_t kEntitlementsKind = 7;
inline constexpr uint8_t kUseKind = 8;

// The account that an opening gives a sequence number of, and that number; {zero, 0}: of none.
[[nodiscard]] std::pair<AccountId, uint64_t> SequenceOf(const Opening& opening);

[[nodiscard]] std::string EncodeOpening(const Opening& opening);
void AppendOpening(const Opening& opening, ByteWriter* out);
// InvalidArgument: unknown kind, truncated, trailing bytes, a posting of 0, terms out of form.
[[nodiscard]] absl::StatusOr<Opening> DecodeOpening(uint8_t kind, std::string_view bytes);
// The same from the front of `in`, which then stands behind it.
[[nodiscard]] absl::StatusOr<Opening> ReadOpening(uint8_t kind, ByteReader* in);
[[nodiscard]] uint8_t OpeningKind(const Opening& opening);

}  // namespace ladon::ledger

#endif  // LADON_LEDGER_PROOF_OPENING_H_
