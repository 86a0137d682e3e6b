// Receipts: one entry of the journal, with what the reader may see of it, proved without us.
//
// A receipt is a pair of files, verified together: NAME.tlog-proof (C2SP tlog-proof; index, audit
// path, signed checkpoint) and NAME.entry (the leaf, and openings of the commitments that concern
// the reader; ledger/proof/README.md has the bytes). The leaf is what the tree holds; an opening is
// true if it hashes, with its salt, to what the leaf commits to. Other readers' postings stay
// commitments: neither accounts nor sums can be guessed from them.
//
// Threading: pure functions.
#ifndef LADON_LEDGER_PROOF_RECEIPT_H_
#define LADON_LEDGER_PROOF_RECEIPT_H_

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "ledger/proof/checkpoint.h"
#include "ledger/proof/opened_entry.h"

namespace ladon::ledger {

// As AppendOpenedEntry(), behind "LEN1".
[[nodiscard]] std::string EncodeEntryFile(std::string_view leaf,
                                          std::span<const OpenedCommitment> openings);

// InvalidArgument: not such a file, to the byte. Unauthenticated: an opening is not what the leaf
// commits to; the message names it.
[[nodiscard]] absl::StatusOr<OpenedEntry> ParseEntryFile(std::string_view bytes);

struct Receipt {
  Checkpoint checkpoint;
  OpenedEntry entry;
};

// InvalidArgument: one of the files is not of its form. Unauthenticated: the checkpoint is not
// signed by one of `keys`, the entry is not in its tree, an opening is false, or the files are of
// different entries.
[[nodiscard]] absl::StatusOr<Receipt> VerifyReceipt(std::string_view tlog_proof,
                                                    std::string_view entry_file,
                                                    std::span<const VerifierKey> keys);

}  // namespace ladon::ledger

#endif  // LADON_LEDGER_PROOF_RECEIPT_H_
