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

// Where a backup is put and proved; it gets the store's name only then.
[[nodiscard]] std::string RestoredPath(const Config& config);

// Puts backup number `backup` (0: the latest) there. FailedPrecondition: there is no backup
// directory, or something is where the store is to be. Others as storage::RestoreBackup().
[[nodiscard]] absl::StatusOr<storage::BackupSummary> RestoreBeside(const Config& config,
                                                                   uint32_t backup);
// Gives what was proved the store's name, durably.
[[nodiscard]] absl::Status PutInPlace(const Config& config);

// What the proof of a restored journal says, in sentences; what is lost, and what to do, too.
[[nodiscard]] std::string Describe(const ledger::RestoredProof& proof,
                                   const std::string& last_checkpoint_path);

}  // namespace ladon

#endif  // LADON_SERVER_CMD_RESTORE_H_
