// How RocksDB is set up: sizes, safety switches, filters. No policy elsewhere.
//
// Which hazards of RocksDB 7.8.3 the settings avoid is told beside each of them in the .cc file.
// Threading: pure functions.
#ifndef LADON_STORAGE_ROCKS_TUNING_H_
#define LADON_STORAGE_ROCKS_TUNING_H_

#include <cstddef>
#include <cstdint>
#include <memory>

#include "storage/family.h"

namespace rocksdb {
class Cache;
struct ColumnFamilyOptions;
struct DBOptions;
}  // namespace rocksdb

namespace ladon::storage {

inline constexpr size_t kWriteBufferBytes = size_t{32} << 20;      // Of one family.
inline constexpr size_t kAllWriteBuffersBytes = size_t{96} << 20;  // Of all families together.
inline constexpr size_t kBlockCacheBytes = size_t{64} << 20;
inline constexpr uint64_t kWalBytesMax = uint64_t{256} << 20;  // Bounds the replay at open.
inline constexpr uint64_t kBytesPerSync = uint64_t{512} << 10;
inline constexpr size_t kInfoLogBytesMax = size_t{4} << 20;
inline constexpr size_t kInfoLogFilesMax = 4;
inline constexpr int kRunsMergedAtOnce = 64;     // Sorted runs of the index of operations.
inline constexpr int kFileOpeningThreads = 2;    // RocksDB starts them anew for every family.
inline constexpr double kFilterBitsPerKey = 10;  // About 1 % false positives.
// Files that are not needed any more go piece by piece, at most so much a second.
inline constexpr int64_t kDeletedBytesPerSecond = int64_t{384} << 20;
inline constexpr uint64_t kDeletedAtOnceBytes = uint64_t{4} << 20;

// `options` has its environment. `direct_writes`: the file system takes them (direct_io.h).
void TuneDatabase(bool direct_writes, rocksdb::DBOptions* options);
void TuneFamily(Family family, const std::shared_ptr<rocksdb::Cache>& cache,
                rocksdb::ColumnFamilyOptions* options);

}  // namespace ladon::storage

#endif  // LADON_STORAGE_ROCKS_TUNING_H_
