// What can be asked of the ledger, and what it answers. Plain data, no behaviour.
#ifndef LADON_LEDGER_COMMAND_H_
#define LADON_LEDGER_COMMAND_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "ledger/proof/entry.h"
#include "ledger/proof/ids.h"
#include "ledger/result.h"

namespace ladon::ledger {

inline constexpr size_t kTransfersMax = 64;  // Of one transaction.
inline constexpr size_t kAccountsPerCommandMax = 64;
inline constexpr int64_t kTransferKopecksMax = 100'000'000'00;  // 100 million roubles.

inline constexpr uint32_t kHoldSecondsMax = 30 * 24 * 3600;

// Moves `amount_kopecks` (1..kTransferKopecksMax) from `debit` to `credit`.
struct Transfer {
  AccountId debit;
  AccountId credit;
  int64_t amount_kopecks = 0;
  std::optional<LineDetail> line;  // Its `ordinal` is set by the ledger.
  // Moves at most `amount_kopecks`: as much as the debit account's limit leaves. What was moved is
  // what is booked; nothing to move is kInsufficientFunds.
  bool balancing = false;
};

// Opens accounts (sequence 0 in the terms means "new") or replaces the terms of existing ones.
struct OpenAccounts {
  std::vector<AccountTerms> accounts;
};
struct SetAccountTerms {
  AccountTerms terms;
};
// Replaces the whole list; uses of this day begin anew.
struct SetEntitlements {
  Entitlements entitlements;  // Its sequence is set by the ledger.
};
// Replaces the limits that bind all accounts of a school.
struct SetSchoolLimits {
  SchoolLimits limits;
};

// Transfers that succeed or fail together. A line that a wallet pays to a caterer is split when an
// entitlement of the wallet covers it: the budget pays its part in a transfer of its own, right
// behind the wallet's and with the same line ordinal. (Not in a hold.)
struct PostTransaction {
  std::vector<Transfer> transfers;
  Digest document;  // Basket digest; with the payer it is what the repeat guard compares.
  Nonce nonce;      // Zero: no identification token was used.
  // 0 = no guard. Otherwise refuse with kPossibleRepeat when the first transfer's debit account
  // paid the same document less than this many nanoseconds ago.
  uint64_t repeat_window_ns = 0;
  // 0 = post now. Otherwise the transfers are only reserved (a hold), for this long at most.
  uint32_t hold_seconds = 0;  // 0..kHoldSecondsMax
};

// Posts what the hold of operation `target` reserved and releases the rest.
struct CaptureHold {
  OperationKey target;
  // How much of each transfer, 0 or more; empty = everything. Shorter = nothing of the rest.
  std::vector<int64_t> amounts_kopecks;
};
// Releases what the hold of operation `target` reserved.
struct VoidHold {
  OperationKey target;
};

// Reverses, in whole, by line or by sum, what the operation `target` did; a hold is voided. When
// the target is not known yet, its id is burnt (kBurnt leaf) and the answer is kOk with `burnt`.
struct CancelOperation {
  OperationKey target;
  std::vector<uint16_t> ordinals;  // Of transfers as requested. Empty = all that is left of them.
  // How much of each of `ordinals`, the payer's own part first; empty = all that is left.
  std::vector<int64_t> amounts_kopecks;
  // A reversal is refused with kCancelWindowPassed when the original was booked before this
  // moment, or (when not 0) its service date differs from `same_service_date`.
  uint64_t not_before_ns = 0;
  Date same_service_date = 0;
};

// A request without money that must leave its id and digest in the journal.
struct NoteOperation {
  Digest document;
};

// The end of a service day: books what is told of all accounts (proof/closing.h). Sequencer's own.
struct CloseBooks {
  ClosingHead head;
};

// After a roll-back: what follows is another log than the one that the named checkpoint is of.
// Sequencer's own.
struct OpenOrigin {
  Digest old_checkpoint;  // SHA-256 of the signed note; not zero.
};

// monostate: a call that changes nothing and only needs its audit record made durable.
using Command = std::variant<std::monostate, OpenAccounts, SetAccountTerms, SetEntitlements,
                             SetSchoolLimits, PostTransaction, CaptureHold, VoidHold,
                             CancelOperation, NoteOperation, CloseBooks, OpenOrigin>;

inline constexpr uint64_t kNoEntry = ~uint64_t{0};

// One entry as it stands in the journal: the leaf and everything that opens it, in leaf order.
struct Entry {
  Leaf leaf;
  std::vector<Opening> openings;
  // For each opening with a sequence number, in their order: the index of the entry that has the
  // account's number before it; kNoEntry = it is the first. Not committed to: it follows from the
  // journal, and replay checks it.
  std::vector<uint64_t> previous;

  // As new, but for the memory of the lists: the committer makes no others.
  void Clear() {
    std::vector<Commitment> commitments = std::move(leaf.commitments);
    commitments.clear();
    leaf = Leaf{};
    leaf.commitments = std::move(commitments);
    openings.clear();
    previous.clear();
  }
};

// The answer to a submission.
struct Outcome {
  ResultCode code = ResultCode::kOk;
  bool replayed = false;               // The stored answer of an earlier identical request.
  bool burnt = false;                  // A cancel that found nothing and made the id void.
  uint64_t index = 0;                  // Journal index of the entry; valid when `entry` is set.
  std::shared_ptr<const Entry> entry;  // What was booked, or what was booked then; may be null.
};

}  // namespace ladon::ledger

#endif  // LADON_LEDGER_COMMAND_H_
