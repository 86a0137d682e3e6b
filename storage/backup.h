// Backups of a store that is open and at work: what is in one, and what becomes of it.
//
// A backup directory holds any number of them; tables that several have in common lie there once,
// so a daily one costs what the day has added. A backup that was cut short is not one: the next one
// clears its files away. Every file has a checksum, which a restore looks at. A checksum is
// no proof against somebody who means it: that is what the caller's note is for (a signed
// checkpoint), which comes back as it was given.
//
// Threading: any thread; one of these functions, or one Store::Backup(), at a time for a directory.
#ifndef LADON_STORAGE_BACKUP_H_
#define LADON_STORAGE_BACKUP_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace ladon::storage {

inline constexpr size_t kBackupNoteBytesMax = size_t{16} << 10;

struct BackupSummary {
  uint32_t number = 0;    // From 1, in the order in which they were made.
  int64_t made_at_s = 0;  // Since 1970-01-01 UTC, by the clock of the machine that made it.
  uint64_t bytes = 0;     // Of all its files, shared ones included.
  uint32_t files = 0;
  std::string note;
};

struct BackupRequest {
  std::string directory;              // Made if need be; outside the store.
  std::string note;                   // At most kBackupNoteBytesMax.
  uint64_t bytes_per_second_max = 0;  // 0: as fast as it goes.
  uint32_t keep = 0;                  // How many stay, this one included; 0: all.
  // Told now and then how many bytes were copied so far; false: give up. May be empty.
  std::function<bool(uint64_t bytes)> on_progress;
};

// Oldest first; empty when there is no such directory. DataLoss: it cannot be read.
[[nodiscard]] absl::StatusOr<std::vector<BackupSummary>> ListBackups(const std::string& directory);

// Reads the whole backup and compares its checksums, puts it at `path`, where nothing may be or an
// empty directory, and syncs it. Whole or not at all. The latest one when `number` is 0. NotFound:
// no such backup. FailedPrecondition: something is at `path`. ResourceExhausted: there is no room
// for it. DataLoss: the backup is damaged.
[[nodiscard]] absl::StatusOr<BackupSummary> RestoreBackup(
    const std::string& directory, uint32_t number, const std::string& path,
    const std::function<void(const std::string& step)>& on_step = {});

// FailedPrecondition: something other than an empty directory is at `path`.
[[nodiscard]] absl::Status CheckNothingAt(const std::string& path);
// Renames a closed store, with mode 0700, to `path`, where nothing is, and syncs both. Internal: it
// cannot be done.
[[nodiscard]] absl::Status MoveIntoPlace(const std::string& from, const std::string& path);

}  // namespace ladon::storage

#endif  // LADON_STORAGE_BACKUP_H_
