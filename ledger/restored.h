// What a restored journal must show before anybody trusts it: that it goes on from the checkpoint
// which was signed for the backup; and how it stands to the last one that was ever signed.
// Threading: pure reads; nothing else may be under way.
#ifndef LADON_LEDGER_RESTORED_H_
#define LADON_LEDGER_RESTORED_H_

#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "absl/status/statusor.h"
#include "ledger/proof/note.h"
#include "ledger/sequencer.h"

namespace ladon::ledger {

struct RestoredProof {
  uint64_t entries = 0;   // Of the restored journal.
  uint64_t promised = 0;  // Of them, those that the backup's checkpoint is over.
  // Entries of the last checkpoint beside the keys; nullopt: there is none, or of another log. More
  // than `entries`: the rest was signed once and is lost.
  std::optional<uint64_t> signed_last;
};

// `ledger` was opened with verify_all. `backup_checkpoint` must be signed by one of `keys`;
// `last_path` is where the checkpointer keeps the last one.
// DataLoss: the journal does not extend one of the two that it is long enough to hold, or is
// shorter than what was promised. InvalidArgument: the backup carries no checkpoint of these keys.
// Others: as the store or the file says.
[[nodiscard]] absl::StatusOr<RestoredProof> ProveRestored(const Sequencer& ledger,
                                                          const std::string& backup_checkpoint,
                                                          std::span<const VerifierKey> keys,
                                                          const std::string& last_path);

}  // namespace ladon::ledger

#endif  // LADON_LEDGER_RESTORED_H_
