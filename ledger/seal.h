// Ties the openings of an entry to its leaf, and reads them back as transfers.
//
// Order of openings, which is the order of the leaf's commitments: for each transfer the
// reservations of debit and credit (holds and what ends them), the postings of debit and credit
// (what moved money), the line if there is one, the use of an entitlement if it paid; or the terms
// of accounts, entitlements, a school's limits, a closing; and the context last, in every entry
// that a request made.
// Threading: pure functions.
#ifndef LADON_LEDGER_SEAL_H_
#define LADON_LEDGER_SEAL_H_

#include <cstdint>
#include <optional>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "ledger/command.h"
#include "ledger/proof/salt.h"

namespace ladon::ledger {

// Fills the leaf's commitments from the openings; the leaf's version and index must be set. Adds
// the openings' bytes, one behind the other, to `bytes`.
void SealEntry(const SaltSource& salts, Entry* entry, ByteWriter* bytes);

// DataLoss: the openings are not those that the leaf commits to.
[[nodiscard]] absl::Status CheckSeal(const SaltSource& salts, const Entry& entry);

// One transfer as it was booked.
struct BookedTransfer {
  uint16_t ordinal = 0;  // The transfer of the request that this is, or is a part of.
  // Of a hold, or of what ended it.
  std::optional<Reservation> debit_reserved;
  std::optional<Reservation> credit_reserved;
  // Without money in a hold, or when nothing of it was captured: both amounts are 0.
  Posting debit;
  Posting credit;
  std::optional<LineDetail> line;
  std::optional<EntitlementUse> use;
};

// The transfers of an entry with transfers. DataLoss: its openings are not in the order told above,
// the two sides of a transfer do not sum to zero, or an ordinal is wrong.
[[nodiscard]] absl::StatusOr<std::vector<BookedTransfer>> BookedTransfers(const Entry& entry);

// Who paid: the debit account of the first transfer, or the one that a budget paid it for.
[[nodiscard]] AccountId PayerOf(const BookedTransfer& transfer);

// Which openings of `entry`, by ordinal, a reader of `account` may see: what is the account's own,
// the lines of its transfers, and where it happened. Empty: the entry did not touch the account.
[[nodiscard]] std::vector<uint16_t> OwnOpenings(const Entry& entry, const AccountId& account);

}  // namespace ladon::ledger

#endif  // LADON_LEDGER_SEAL_H_
