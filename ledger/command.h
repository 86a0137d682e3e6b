// What can be asked of the ledger, and what it answers. Plain data, no behaviour.
#ifndef LADON_LEDGER_COMMAND_H_
#define LADON_LEDGER_COMMAND_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "ledger/proof/entry.h"
#include "ledger/proof/ids.h"
#include "ledger/result.h"

namespace ladon::ledger {

inline constexpr size_t kTransfersMax = 64;  // Of one transaction.
inline constexpr size_t kAccountsPerCommandMax = 64;
inline constexpr int64_t kTransferKopecksMax = 100'000'000'00;  // 100 million roubles.

// Moves `amount_kopecks` (1..kTransferKopecksMax) from `debit` to `credit`.
struct Transfer {
  AccountId debit;
  AccountId credit;
  int64_t amount_kopecks = 0;
  std::optional<LineDetail> line;  // Its `ordinal` is set by the ledger.
};

// Opens accounts (sequence 0 in the terms means "new") or replaces the terms of existing ones.
struct OpenAccounts {
  std::vector<AccountTerms> accounts;
};
struct SetAccountTerms {
  AccountTerms terms;
};

// Transfers that succeed or fail together.
struct PostTransaction {
  std::vector<Transfer> transfers;
  Digest document;  // Basket digest; with the payer it is what the repeat guard compares.
  Nonce nonce;      // Zero: no identification token was used.
  // 0 = no guard. Otherwise refuse with kPossibleRepeat when the first transfer's debit account
  // paid the same document less than this many nanoseconds ago.
  uint64_t repeat_window_ns = 0;
};

// Reverses, in whole or by transfer ordinal, what the operation `target` did. When the target is
// not known yet, its id is burnt (kBurnt leaf) and the answer is kOk with `burnt` set.
struct CancelOperation {
  OperationKey target;
  std::vector<uint16_t> ordinals;  // Empty = everything not yet reversed.
  // A reversal is refused with kCancelWindowPassed when the original was booked before this
  // moment, or (when not 0) its service date differs from `same_service_date`.
  uint64_t not_before_ns = 0;
  Date same_service_date = 0;
};

// A request without money that must leave its id and digest in the journal.
struct NoteOperation {
  Digest document;
};

// monostate: a call that changes nothing and only needs its audit record made durable.
using Command = std::variant<std::monostate, OpenAccounts, SetAccountTerms, PostTransaction,
                             CancelOperation, NoteOperation>;

// One entry as it stands in the journal: the leaf and everything that opens it, in leaf order.
struct Entry {
  Leaf leaf;
  std::vector<Opening> openings;
};

// The answer to a submission.
struct Outcome {
  ResultCode code = ResultCode::kOk;
  bool replayed = false;       // The stored answer of an earlier identical request.
  bool burnt = false;          // A cancel that found nothing and made the id void.
  uint64_t index = 0;          // Journal index of the entry; valid when `entry` is set.
  std::optional<Entry> entry;  // What was booked, or what was booked then.
};

}  // namespace ladon::ledger

#endif  // LADON_LEDGER_COMMAND_H_
