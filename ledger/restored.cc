#include "ledger/restored.h"

#include "absl/strings/str_cat.h"
#include "ledger/proof/checkpoint.h"
#include "ledger/replaced_file.h"

namespace ladon::ledger {
namespace {

// That the journal begins with the entries under `checkpoint`, which is not longer.
absl::Status CheckBegins(const Sequencer& ledger, const Checkpoint& checkpoint) {
  const absl::StatusOr<Digest> root = ledger.RootAt(checkpoint.size);
  if (!root.ok()) return root.status();
  if (*root == checkpoint.root) return absl::OkStatus();
  return absl::DataLossError(absl::StrCat("restore: the first ", checkpoint.size,
                                          " entries are not those that were signed; take another "
                                          "backup"));
}

}  // namespace

absl::StatusOr<RestoredProof> ProveRestored(const Sequencer& ledger,
                                            const std::string& backup_checkpoint,
                                            std::span<const VerifierKey> keys,
                                            const std::string& last_path) {
  const absl::StatusOr<OpenedCheckpoint> promised = OpenCheckpoint(backup_checkpoint, keys);
  if (!promised.ok()) {
    return absl::InvalidArgumentError(
        absl::StrCat("restore: the checkpoint in the backup is not one of these keys (",
                     promised.status().message(), ")"));
  }
  RestoredProof proof{.entries = ledger.Head().first, .promised = promised->checkpoint.size};
  if (proof.promised > proof.entries) {
    return absl::DataLossError(absl::StrCat("restore: the journal has ", proof.entries,
                                            " entries, and ", proof.promised,
                                            " were signed for this backup; take another one"));
  }
  if (absl::Status begins = CheckBegins(ledger, promised->checkpoint); !begins.ok()) return begins;
  const absl::StatusOr<std::string> note = ReadSmallFile(last_path, kNoteBytesMax);
  if (absl::IsNotFound(note.status())) return proof;
  if (!note.ok()) return note.status();
  const absl::StatusOr<OpenedCheckpoint> last = OpenCheckpoint(*note, keys);
  if (!last.ok()) return proof;  // The start says what is wrong with it.
  proof.signed_last = last->checkpoint.size;
  if (last->checkpoint.size > proof.entries) return proof;
  absl::Status begins = CheckBegins(ledger, last->checkpoint);
  return begins.ok() ? absl::StatusOr<RestoredProof>(proof) : begins;
}

}  // namespace ladon::ledger
