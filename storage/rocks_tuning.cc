#include "storage/rocks_tuning.h"

#include "rocksdb/cache.h"
#include "rocksdb/filter_policy.h"
#include "rocksdb/options.h"
#include "rocksdb/sst_file_manager.h"
#include "rocksdb/table.h"

namespace ladon::storage {
namespace {

// Families that are asked mostly for keys which are not there: a filter saves the disk reads.
bool AskedForAbsentKeys(Family family) {
  return family == Family::kOperations || family == Family::kCardIndex || family == Family::kVault;
}

}  // namespace

void TuneDatabase(bool direct_writes, rocksdb::DBOptions* options) {
  options->paranoid_checks = true;
  // Two kinds of bad log must be told apart. A torn tail was never synced, so it was never
  // acknowledged: dropping it is right. A damaged record with good ones behind it was: dropping
  // it, and everything after it, would silently forget acknowledged payments. Point-in-time
  // recovery does just that; tolerating the tail only refuses the second case. This presumes a
  // file system that does not lengthen a file before its data are there (ext4 in ordered mode,
  // XFS); on another one a torn tail may look damaged, and the store is refused: the safe side.
  options->wal_recovery_mode = rocksdb::WALRecoveryMode::kTolerateCorruptedTailRecords;
  options->recycle_log_file_num = 0;  // A recycled log has old records behind its tail.
  // Each of these has a known recovery fault in 7.8.3; all are off by default, and stay off.
  options->wal_compression = rocksdb::kNoCompression;
  options->track_and_verify_wals_in_manifest = false;
  options->allow_2pc = false;
  options->manual_wal_flush = false;
  options->unordered_write = false;
  options->enable_pipelined_write = false;
  // After a background error the store is stopped for good; RocksDB must not heal itself behind
  // our back (a write right after its recovery may enter the log twice).
  options->max_bgerror_resume_count = 0;
  options->db_write_buffer_size = kAllWriteBuffersBytes;
  // Tables go to the disk piece by piece: all at once would hold up the sync of the log.
  options->bytes_per_sync = kBytesPerSync;
  // And past the page cache: copying them through it costs a tenth of all that a transfer costs,
  // and what the cache then writes back stands in the way of the log.
  options->use_direct_io_for_flush_and_compaction = direct_writes;
  // Deleting a log of 32 MiB in one piece holds the file system's own journal up, and with it every
  // sync, for more than 10 ms; and logs go by the dozen. Tables that were merged go the same way:
  // for the seconds that takes they count as used. The share of trash is without bound, or RocksDB
  // would delete in one piece after all.
  constexpr double kTrashRatioMax = 1e9;
  options->sst_file_manager.reset(rocksdb::NewSstFileManager(
      options->env, nullptr, "", kDeletedBytesPerSecond, /*delete_existing_trash=*/true, nullptr,
      kTrashRatioMax, kDeletedAtOnceBytes));
  options->max_total_wal_size = kWalBytesMax;
  options->max_log_file_size = kInfoLogBytesMax;
  options->keep_log_file_num = kInfoLogFilesMax;
  options->max_file_opening_threads = kFileOpeningThreads;
  options->db_host_id = "";  // Files that leave the machine do not name it.
}

void TuneFamily(Family family, const std::shared_ptr<rocksdb::Cache>& cache,
                rocksdb::ColumnFamilyOptions* options) {
  options->write_buffer_size = kWriteBufferBytes;
  options->compression = rocksdb::kNoCompression;  // Digests and ciphertext do not shrink.
  options->merge_operator = nullptr;
  rocksdb::BlockBasedTableOptions table;
  table.block_cache = cache;
  table.checksum = rocksdb::ChecksumType::kXXH3;
  if (AskedForAbsentKeys(family)) {
    table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(kFilterBitsPerKey));
  }
  options->table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
  if (family == Family::kOperations) {
    // Comes in sorted runs of random keys. Merging each into all the others would cost more than
    // everything else that is done for a transfer; a filter per run makes many runs cheap to ask.
    options->compaction_style = rocksdb::kCompactionStyleUniversal;
    options->level0_file_num_compaction_trigger = kRunsMergedAtOnce;
    options->level0_slowdown_writes_trigger = 4 * kRunsMergedAtOnce;
    options->level0_stop_writes_trigger = 8 * kRunsMergedAtOnce;
  }
}

}  // namespace ladon::storage
