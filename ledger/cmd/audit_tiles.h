// The whole log as static files, verified. Threading: one thread.
#ifndef LADON_LEDGER_CMD_AUDIT_TILES_H_
#define LADON_LEDGER_CMD_AUDIT_TILES_H_

#include <filesystem>
#include <vector>

#include "absl/status/statusor.h"
#include "ledger/proof/checkpoint.h"

namespace ladon::audit {

// The checkpoint of a folder in the form of C2SP tlog-tiles, after every byte below it was checked:
// entries are leaves in their places, booked one after the other, tiles are their hashes, and the
// root is the signed one. The first defect is named with its entry or file.
[[nodiscard]] absl::StatusOr<ledger::Checkpoint> VerifyTiles(
    const std::filesystem::path& folder, const std::vector<ledger::VerifierKey>& keys);

}  // namespace ladon::audit

#endif  // LADON_LEDGER_CMD_AUDIT_TILES_H_
