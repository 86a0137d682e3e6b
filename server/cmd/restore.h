// A backup put back in the store's place. What it must show before anybody trusts it is proved by
// ledger/restored.h.
// Threading: the main thread, before anything serves.
#ifndef LADON_SERVER_CMD_RESTORE_H_
#define LADON_SERVER_CMD_RESTORE_H_

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "ledger/restored.h"
#include "server/cmd/config.h"
#include "storage/backup.h"

namespace ladon {

// Puts backup number `backup` (0: the latest) where the store is to be. Errors as
// storage::RestoreBackup(); FailedPrecondition: there is no backup directory.
[[nodiscard]] absl::StatusOr<storage::BackupSummary> RestoreStore(const Config& config,
                                                                  uint32_t backup);

// Renames the store that `why` was found of, and says so behind it.
[[nodiscard]] absl::Status MoveRefusedAway(const Config& config, const absl::Status& why);

// What the proof of a restored journal says, in sentences; what is lost, and what to do, too.
[[nodiscard]] std::string Describe(const ledger::RestoredProof& proof,
                                   const std::string& last_checkpoint_path);

}  // namespace ladon

#endif  // LADON_SERVER_CMD_RESTORE_H_
