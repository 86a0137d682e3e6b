#include "server/cmd/restore.h"

#include <filesystem>
#include <iostream>
#include <system_error>

#include "absl/strings/str_cat.h"

namespace ladon {

std::string RestoredPath(const Config& config) {
  return config.store.path + ".restoring";
}

absl::StatusOr<storage::BackupSummary> RestoreBeside(const Config& config, uint32_t backup) {
  if (config.backup.directory.empty()) {
    return absl::FailedPreconditionError("restore: [backup] directory is not set");
  }
  if (absl::Status free = storage::CheckNothingAt(config.store.path); !free.ok()) return free;
  std::error_code error;  // Of a restore that was cut short, or refused.
  std::filesystem::remove_all(RestoredPath(config), error);
  return storage::RestoreBackup(
      config.backup.directory, backup, RestoredPath(config),
      [](const std::string& step) { std::cout << "ladond: " << step << std::endl; });
}

absl::Status PutInPlace(const Config& config) {
  return storage::MoveIntoPlace(RestoredPath(config), config.store.path);
}

std::string Describe(const ledger::RestoredProof& proof, const std::string& last_checkpoint_path) {
  const std::string proved = absl::StrCat("ladond: proved: the restored journal of ", proof.entries,
                                          " entries extends the checkpoint of ", proof.promised,
                                          " entries that was signed for this backup\n");
  if (!proof.signed_last.has_value()) {
    return absl::StrCat(proved, "ladond: no checkpoint of this log lies beside the keys (",
                        last_checkpoint_path,
                        "), so nobody can tell from here whether this is the newest there was\n");
  }
  if (*proof.signed_last <= proof.entries) {
    return absl::StrCat(proved,
                        "ladond: nothing that was ever signed is lost: the last checkpoint has ",
                        *proof.signed_last, " entries\n");
  }
  return absl::StrCat(proved, "ladond: lost: entries ", proof.entries, " to ", *proof.signed_last,
                      " (exclusive), ", *proof.signed_last - proof.entries,
                      " of them, were signed once and are not in the backup. If nothing newer is "
                      "left, `ladond --config FILE --new-origin` accepts that and begins a new "
                      "log\n");
}

}  // namespace ladon
