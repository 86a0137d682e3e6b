// Store::Backup() of a RocksDB store. The functions of backup.h are in the .cc file too.
#ifndef LADON_STORAGE_ROCKS_BACKUP_H_
#define LADON_STORAGE_ROCKS_BACKUP_H_

#include "absl/status/statusor.h"
#include "storage/backup.h"

namespace rocksdb {
class DB;
}  // namespace rocksdb

namespace ladon::storage {

// As Store::Backup().
[[nodiscard]] absl::StatusOr<BackupSummary> BackUpDatabase(rocksdb::DB* db,
                                                           const BackupRequest& request);

}  // namespace ladon::storage

#endif  // LADON_STORAGE_ROCKS_BACKUP_H_
