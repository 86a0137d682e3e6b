#include "storage/rocks_backup.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <filesystem>
#include <memory>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"
#include "rocksdb/db.h"
#include "rocksdb/env.h"
#include "rocksdb/utilities/backup_engine.h"
#include "storage/free_space.h"
#include "storage/rocks_status.h"
#include "storage/store_directory.h"

namespace ladon::storage {
namespace {

constexpr uint64_t kMegabyte = 1'000'000;
constexpr uint64_t kProgressBytes = uint64_t{4} << 20;
constexpr uint64_t kBackupLeavesBytes = 8 * kFreeBytesMin;
// Files on their way to their place.
constexpr std::string_view kCopying = ".copying";

rocksdb::BackupEngineOptions OptionsFor(const std::string& directory) {
  rocksdb::BackupEngineOptions options(directory);
  options.share_table_files = true;
  options.share_files_with_checksum = true;
  options.sync = true;
  options.max_background_operations = 1;  // A canteen is served meanwhile.
  options.callback_trigger_interval_size = kProgressBytes;
  return options;
}

absl::Status NoRoomError(const std::string& directory) {
  return absl::ResourceExhaustedError(absl::StrCat("backup: less than ", kBackupLeavesBytes >> 20,
                                                   " MiB would be left on the disk of ", directory,
                                                   "; make room, or keep fewer"));
}

BackupSummary SummaryOf(const rocksdb::BackupInfo& info) {
  return {.number = info.backup_id,
          .made_at_s = info.timestamp,
          .bytes = info.size,
          .files = info.number_files,
          .note = info.app_metadata.size() > kBackupNoteBytesMax ? "" : info.app_metadata};
}

using ReadOnlyEngine = std::unique_ptr<rocksdb::BackupEngineReadOnly>;

absl::StatusOr<ReadOnlyEngine> OpenReadOnly(const std::string& directory) {
  rocksdb::BackupEngineReadOnly* engine = nullptr;
  const rocksdb::Status status =
      rocksdb::BackupEngineReadOnly::Open(rocksdb::Env::Default(), OptionsFor(directory), &engine);
  if (!status.ok()) {
    return absl::DataLossError(
        absl::StrCat("backups: ", directory, " cannot be read: ", status.ToString()));
  }
  return ReadOnlyEngine(engine);
}

// Everything that was written below `path` reaches the device.
absl::Status SyncFileSystem(const std::string& path) {
  const int descriptor = open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  const bool synced = descriptor >= 0 && syncfs(descriptor) == 0;
  const int error = errno;
  if (descriptor >= 0) close(descriptor);
  return synced ? absl::OkStatus()
                : absl::InternalError(absl::StrCat("restore: cannot sync ", path, ": ",
                                                   std::generic_category().message(error)));
}

// Before minutes of work, not after them. A restored store writes, too.
absl::Status CheckRoomFor(uint64_t bytes, const std::string& path) {
  std::filesystem::path place = std::filesystem::path(path).parent_path();
  std::error_code error;
  while (place.has_relative_path() && !std::filesystem::exists(place, error)) {
    place = place.parent_path();
  }
  const uint64_t free = FreeBytes(place.empty() ? "." : place.string());
  if (free >= bytes + kFreeBytesMin) return absl::OkStatus();
  return absl::ResourceExhaustedError(absl::StrCat(
      "restore: ", (bytes + kFreeBytesMin + kMegabyte - 1) / kMegabyte, " MB are needed and ",
      free / kMegabyte, " MB are free where ", path, " would lie"));
}

}  // namespace

absl::Status CheckNothingAt(const std::string& path) {
  std::error_code error;
  const bool exists = std::filesystem::exists(path, error);
  if (!error && (!exists || std::filesystem::is_empty(path, error)) && !error) {
    return absl::OkStatus();
  }
  if (error) {
    return absl::FailedPreconditionError(
        absl::StrCat("restore: cannot look at ", path, ": ", error.message()));
  }
  return absl::FailedPreconditionError(
      absl::StrCat("restore: there is something at ", path,
                   " already; move it away first, and keep it: it may hold what the backup lacks"));
}

absl::Status MoveIntoPlace(const std::string& from, const std::string& path) {
  if (absl::Status synced = SyncFileSystem(from); !synced.ok()) return synced;
  std::error_code error;
  std::filesystem::permissions(from, std::filesystem::perms::owner_all, error);
  if (!error) std::filesystem::rename(from, path, error);  // Over an empty folder too.
  if (error) {
    return absl::InternalError(
        absl::StrCat("restore: cannot move ", from, " to ", path, ": ", error.message()));
  }
  return SyncFileSystem(path);
}

absl::StatusOr<BackupSummary> BackUpDatabase(rocksdb::DB* db, const BackupRequest& request) {
  if (request.note.size() > kBackupNoteBytesMax) {
    return absl::InvalidArgumentError("backup: the note is too long");
  }
  if (absl::Status made = MakeDirectory(request.directory); !made.ok()) return made;
  if (FreeBytes(request.directory) < kBackupLeavesBytes) return NoRoomError(request.directory);
  rocksdb::BackupEngineOptions options = OptionsFor(request.directory);
  options.backup_rate_limit = request.bytes_per_second_max;
  rocksdb::BackupEngine* opened = nullptr;
  rocksdb::Status status = rocksdb::BackupEngine::Open(rocksdb::Env::Default(), options, &opened);
  const std::unique_ptr<rocksdb::BackupEngine> engine(opened);
  if (!status.ok()) return FromRocks(status, "backup");
  rocksdb::CreateBackupOptions create;
  // A log that is linked or copied may not be synced yet in 7.8.3; a flush leaves nothing in it.
  create.flush_before_backup = true;
  std::atomic<uint64_t> copied{0};
  std::atomic<bool> no_room{false};
  create.progress_callback = [&] {
    copied += kProgressBytes;
    // The store itself may lie on the same disk, and stops for good when that is full.
    if (FreeBytes(request.directory) < kBackupLeavesBytes) no_room = true;
    const bool go_on = !request.on_progress || request.on_progress(copied);
    if (no_room || !go_on) engine->StopBackup();
  };
  rocksdb::BackupID number = 0;
  status = engine->CreateNewBackupWithMetadata(create, db, request.note, &number);
  if (!status.ok()) {
    engine->GarbageCollect().PermitUncheckedError();  // What was copied so far.
    if (no_room) return NoRoomError(request.directory);
    return FromRocks(status, "backup");
  }
  std::vector<rocksdb::BackupID> damaged;
  engine->GetCorruptedBackups(&damaged);
  if (request.keep > 0 && damaged.empty()) {  // Otherwise somebody should look at them first.
    engine->PurgeOldBackups(request.keep).PermitUncheckedError();  // The next one tries again.
  }
  rocksdb::BackupInfo info;
  status = engine->GetBackupInfo(number, &info);
  if (!status.ok()) return FromRocks(status, "backup");
  return SummaryOf(info);
}

absl::StatusOr<std::vector<BackupSummary>> ListBackups(const std::string& directory) {
  std::vector<BackupSummary> summaries;
  std::error_code error;  // A directory that no backup was made in has no list yet.
  if (!std::filesystem::exists(directory + "/meta", error)) return summaries;
  const absl::StatusOr<ReadOnlyEngine> engine = OpenReadOnly(directory);
  if (!engine.ok()) return engine.status();
  std::vector<rocksdb::BackupInfo> infos;
  (*engine)->GetBackupInfo(&infos);
  summaries.reserve(infos.size());
  for (const rocksdb::BackupInfo& info : infos) summaries.push_back(SummaryOf(info));
  return summaries;
}

absl::StatusOr<BackupSummary> RestoreBackup(
    const std::string& directory, uint32_t number, const std::string& path,
    const std::function<void(const std::string& step)>& on_step) {
  const auto tell = [&on_step](const std::string& step) {
    if (on_step) on_step(step);
  };
  absl::StatusOr<std::vector<BackupSummary>> all = ListBackups(directory);
  if (!all.ok()) return all.status();
  std::error_code error;
  if (!std::filesystem::exists(directory + "/meta", error)) {
    return absl::NotFoundError(absl::StrCat("restore: no backup in ", directory));
  }
  const absl::StatusOr<ReadOnlyEngine> engine = OpenReadOnly(directory);
  if (!engine.ok()) return engine.status();
  std::vector<rocksdb::BackupID> unreadable;
  (*engine)->GetCorruptedBackups(&unreadable);
  const rocksdb::BackupID newest_unreadable =
      unreadable.empty() ? 0 : *std::max_element(unreadable.begin(), unreadable.end());
  if (std::count(unreadable.begin(), unreadable.end(), number) > 0 ||
      (number == 0 && newest_unreadable > (all->empty() ? 0 : all->back().number))) {
    return absl::DataLossError(
        absl::StrCat("restore: backup ", number == 0 ? newest_unreadable : number, " in ",
                     directory, " is damaged; take another one by its number"));
  }
  if (number == 0 && !all->empty()) number = all->back().number;
  const auto chosen = std::find_if(all->begin(), all->end(),
                                   [&](const BackupSummary& one) { return one.number == number; });
  if (chosen == all->end()) {
    return absl::NotFoundError(
        all->empty() ? absl::StrCat("restore: no backup in ", directory)
                     : absl::StrCat("restore: no backup ", number, " in ", directory));
  }
  if (absl::Status free = CheckNothingAt(path); !free.ok()) return free;
  const auto damaged = [&](const rocksdb::Status& status) {
    if (!status.IsCorruption() && !status.IsNotFound()) return FromRocks(status, "restore");
    return absl::DataLossError(absl::StrCat("restore: backup ", number, " in ", directory,
                                            " is damaged (", status.ToString(),
                                            "); take another one"));
  };
  const std::string beside = absl::StrCat(path, std::string(kCopying));
  std::filesystem::remove_all(beside, error);  // Of a restore that was cut short.
  if (absl::Status room = CheckRoomFor(chosen->bytes, path); !room.ok()) return room;
  tell(absl::StrCat("comparing the checksums of backup ", number));
  rocksdb::Status status = (*engine)->VerifyBackup(number, /*verify_with_checksum=*/true);
  if (!status.ok()) return damaged(status);
  tell(absl::StrCat("copying ", chosen->files, " files, ",
                    (chosen->bytes + kMegabyte - 1) / kMegabyte, " MB"));
  status = (*engine)->RestoreDBFromBackup(rocksdb::RestoreOptions(), number, beside, beside);
  if (!status.ok()) return damaged(status);
  if (absl::Status moved = MoveIntoPlace(beside, path); !moved.ok()) return moved;
  return std::move(*chosen);
}

}  // namespace ladon::storage
