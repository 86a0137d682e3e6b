// Ties the openings of an entry to its leaf, and reads them back as transfers.
//
// Order of openings, which is the order of the leaf's commitments: for each transfer the posting of
// the debit, the posting of the credit, then the line if there is one; or the account terms; and
// the context last, in every entry but the origin.
// Threading: pure functions.
#ifndef LADON_LEDGER_SEAL_H_
#define LADON_LEDGER_SEAL_H_

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "ledger/command.h"

namespace ladon::ledger {

using LedgerSecret = std::span<const uint8_t, 32>;

// Fills the leaf's commitments from the openings; the leaf's index must be set.
void SealEntry(LedgerSecret secret, Entry* entry);

// DataLoss: the openings are not those that the leaf commits to.
[[nodiscard]] absl::Status CheckSeal(LedgerSecret secret, const Entry& entry);

// One transfer as it was booked.
struct BookedTransfer {
  Posting debit;
  Posting credit;
  std::optional<LineDetail> line;
};

// The transfers of a kTransaction entry. DataLoss: its openings are not in the order told above,
// the two postings of a transfer do not sum to zero, or an ordinal is wrong.
[[nodiscard]] absl::StatusOr<std::vector<BookedTransfer>> BookedTransfers(const Entry& entry);

}  // namespace ladon::ledger

#endif  // LADON_LEDGER_SEAL_H_
