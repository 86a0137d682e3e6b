// Who signs the journal and the security log, where the last checkpoints lie, and what is done when
// an old store was put in the place of a newer one: for both logs alike.
// Threading: the main thread, before anything serves.
#ifndef LADON_SERVER_CMD_SIGNED_LOGS_H_
#define LADON_SERVER_CMD_SIGNED_LOGS_H_

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "ledger/checkpointer.h"
#include "ledger/signed_log.h"
#include "server/cmd/config.h"
#include "server/vault/key_table.h"

namespace ladon {

enum class WhichLog { kJournal, kSecurity };

// What the keys are made of. All must outlive it.
struct Signing {
  const Config* config = nullptr;
  vault::KeyTable* keys = nullptr;
  std::string store_id;
};

// The last signed checkpoint lies beside the keys: outside the store and its backups.
[[nodiscard]] std::string CheckpointPath(const Config& config, WhichLog which);

// Errors as Checkpointer::Open() and KeyTable::FindOrCreate().
[[nodiscard]] absl::StatusOr<std::unique_ptr<ledger::Checkpointer>> OpenCheckpointer(
    const Signing& signing, WhichLog which, const ledger::SignedLog* log);

// Every key that may have signed the log that `log` goes on with.
[[nodiscard]] absl::StatusOr<std::vector<ledger::VerifierKey>> VerifiersOf(
    const Signing& signing, WhichLog which, const ledger::SignedLog& log);

// Begins a new log in the place of each that was rolled back, signs it at once, and tells what is
// lost and the new verifier keys. FailedPrecondition: neither was.
[[nodiscard]] absl::Status BeginNewLogs(const Signing& signing, ledger::SignedLog* journal,
                                        ledger::SignedLog* security);

// How a restored security log stands to the last checkpoint that was ever signed over it, in a
// sentence. DataLoss: it is long enough and another one. Others: the file, or the store.
[[nodiscard]] absl::StatusOr<std::string> DescribeRestoredSecurityLog(
    const Signing& signing, const ledger::SignedLog& security);

}  // namespace ladon

#endif  // LADON_SERVER_CMD_SIGNED_LOGS_H_
