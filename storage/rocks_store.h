// The default Store: RocksDB in this process, one plain database, a column family per Family.
//
// Invariants: every write is synced; one process at a time holds the store (RocksDB's LOCK file);
// the directory is readable by its owner alone; after a failed write or any background error the
// store answers Unavailable until it is opened again.
// Threading: as Store (store.h).
#ifndef LADON_STORAGE_ROCKS_STORE_H_
#define LADON_STORAGE_ROCKS_STORE_H_

#include <array>
#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "storage/store.h"

namespace rocksdb {
class Env;
}  // namespace rocksdb

namespace ladon::storage {

struct RocksStoreOptions {
  std::string path;
  // Make the directory (mode 0700) and the store when there is none.
  bool create_if_missing = false;
  // 128 random bits for a store that is made now; ignored when the store exists.
  std::array<uint8_t, 16> new_store_id{};
  // Where tests put their faulty disk in; nullptr = the real one. Must outlive the store.
  rocksdb::Env* env = nullptr;
  // Acknowledges writes that are not on the disk. Only the durability test sets it, to prove that
  // it would notice.
  bool unsafe_no_sync_for_tests = false;
};

// NotFound: no store there and create_if_missing is off. FailedPrecondition: a newer format, an
// unknown family, readable by others, not a store, or another process uses it. DataLoss: damaged
// or truncated. InvalidArgument: a new store without an id. ResourceExhausted: the disk is full.
// Internal: another I/O error. Each message says what to do.
[[nodiscard]] absl::StatusOr<std::unique_ptr<Store>> OpenRocksStore(
    const RocksStoreOptions& options);

}  // namespace ladon::storage

#endif  // LADON_STORAGE_ROCKS_STORE_H_
