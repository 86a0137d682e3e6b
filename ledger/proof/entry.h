// Entry version 1: the leaf of the journal's Merkle tree, and what opens its commitments.
//
// A leaf is what everybody may see: it names no account and no sum. For each thing it speaks of it
// holds SHA-256(salt || opening); the openings lie beside the leaf in the store and are given only
// to readers whose accounts they concern. Salts are HMAC-SHA256(ledger secret, "ladon/salt/v1" ||
// index || ordinal), so that equal sums do not look equal and nothing can be guessed by trial.
//
// Canonical: one value has exactly one encoding, integers are big endian, lists are counted;
// DecodeLeaf(EncodeLeaf(x)) == x and any other byte string is refused. The layout is written out,
// with a worked example, in ledger/proof/README.md; tests/ledger/proof/entry_test.cc asserts it.
// Threading: pure functions. Source: RFC 6962 section 2.1 for what a leaf is.
#ifndef LADON_LEDGER_PROOF_ENTRY_H_
#define LADON_LEDGER_PROOF_ENTRY_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "ledger/proof/ids.h"

namespace ladon::ledger {

inline constexpr uint16_t kEntryVersion = 1;
inline constexpr size_t kLeafBytesMax = 65'535;  // C2SP tlog-tiles: a length is 16 bits.
inline constexpr size_t kCommitmentsMax = 1'024;
inline constexpr size_t kLimitsMax = 32;  // Typed limits of one account.

// A calendar day as the number YYYYMMDD; 0 = none.
using Date = uint32_t;

// True for 0 and for a day of the Gregorian calendar written as YYYYMMDD.
[[nodiscard]] bool IsDate(Date date);

enum class EntryKind : uint16_t {
  kOrigin = 1,       // First leaf of a log: names the store and, after a roll-back, the old log.
  kTransaction = 2,  // Transfers that were posted together.
  kRefusal = 3,      // A verdict against a request: its id is burnt, no transfer happened.
  kAccounts = 4,     // Accounts opened or changed.
  kOperation = 5,    // A request that changed something other than money (an enrolment, a card).
  kBurnt = 6,        // A request id made void by a Cancel that overtook it.
};

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

enum AccountFlags : uint16_t {
  kAccountLimited = 1 << 0,  // The balance may not fall below -overdraft_limit_kopecks.
  kAccountFrozen = 1 << 1,   // No debit.
  kAccountClosed = 1 << 2,   // No posting at all.
};
inline constexpr uint16_t kAccountFlagsAll = kAccountLimited | kAccountFrozen | kAccountClosed;

// The whole state of an account's terms after this entry.
struct AccountTerms {
  AccountId account;
  uint64_t sequence = 0;  // Terms use up a sequence number too: an extract shows them in order.
  AccountCode code = AccountCode::kWallet;
  uint8_t purse = 0;  // Which purse of its owner; 0 for accounts that are not wallets.
  uint16_t flags = 0;
  SchoolId school;
  int64_t overdraft_limit_kopecks = 0;               // 0 or more.
  std::vector<std::pair<uint16_t, int64_t>> limits;  // Typed limits, by ascending type.

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

using Opening = std::variant<Posting, AccountTerms, LineDetail, Context>;

struct Commitment {
  uint8_t kind = 0;  // 1 posting, 2 account terms, 3 line detail, 4 context.
  Digest digest;

  friend bool operator==(const Commitment&, const Commitment&) = default;
};

struct Leaf {
  EntryKind kind = EntryKind::kOrigin;
  uint64_t index = 0;         // Position in the journal, from 0.
  uint64_t booked_at_ns = 0;  // Since 1970-01-01 UTC; strictly grows from entry to entry.
  Date service_date = 0;      // In the school's time zone, set by the server; 0 = none.
  Date effective_date = 0;    // The day the matter belongs to, when it is not the booking day.
  TransactionId transaction;  // Zero unless kind is kTransaction.
  TransactionId related;      // The transaction that this one reverses; zero = none.
  OperationKey operation;     // Zero only for kOrigin.
  Digest content;             // Keyed digest of what the caller sent.
  uint16_t result = 0;        // ResultCode of ledger/result.h.
  uint16_t reason = 0;        // Why a person did this (cancel reasons); 0 = none.
  Nonce nonce;                // Of the identification token that was used up; zero = none.
  // Basket digest, basis document, named old checkpoint, or (kOperation of a Cancel) the operation
  // key that it made void; zero = none.
  Digest document;
  std::vector<Commitment> commitments;

  friend bool operator==(const Leaf&, const Leaf&) = default;
};

// InvalidArgument: more than kCommitmentsMax commitments, an unknown kind, a date out of form.
[[nodiscard]] absl::StatusOr<std::string> EncodeLeaf(const Leaf& leaf);
// InvalidArgument, naming the field: truncated, trailing bytes, unknown version or kind.
[[nodiscard]] absl::StatusOr<Leaf> DecodeLeaf(std::string_view bytes);

[[nodiscard]] std::string EncodeOpening(const Opening& opening);
// InvalidArgument: unknown kind, truncated, trailing bytes, a posting of 0, terms out of form.
[[nodiscard]] absl::StatusOr<Opening> DecodeOpening(uint8_t kind, std::string_view bytes);
[[nodiscard]] uint8_t OpeningKind(const Opening& opening);

using Salt = std::array<uint8_t, 32>;
// The salt of commitment `ordinal` of entry `index`.
[[nodiscard]] Salt DeriveSalt(std::span<const uint8_t, 32> ledger_secret, uint64_t index,
                              uint16_t ordinal);
// SHA-256(salt || encoded opening).
[[nodiscard]] Digest Commit(const Salt& salt, std::string_view encoded_opening);

}  // namespace ladon::ledger

#endif  // LADON_LEDGER_PROOF_ENTRY_H_
