// The least that a ledger on RocksDB could do: entries and balances, and no rules.
//
// Each transfer is one entry (its number, 8 bytes big endian) and the two balances it leaves
// (16-byte account, 32 bytes), absolute, from memory; a batch is one synced write. The database is
// tuned as ours is. No digests, no tree, no idempotency keys, one writer.
#ifndef LADON_BENCH_LEDGER_ROCKSDB_PEER_H_
#define LADON_BENCH_LEDGER_ROCKSDB_PEER_H_

#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "nlohmann/json.hpp"

namespace ladon::bench {

// Who was debited, who was credited, and how much.
inline constexpr size_t kEntryBytesMin = 16 + 16 + 8;

struct RocksDbPeerSettings {
  std::string directory;
  double seconds = 0;
  uint64_t seed = 0;
  std::string workload;    // One of Workload::kKinds.
  uint32_t accounts = 0;   // At least two.
  size_t batch = 0;        // Transfers in a synced write.
  size_t entry_bytes = 0;  // At least kEntryBytesMin.
};

// Checked at the end, after the database was closed and opened again: there are as many entries as
// were booked, and they add up to the balances, which are those in memory. Unavailable: RocksDB
// refused. DataLoss: the check failed. FailedPrecondition: an account ran out of money.
absl::StatusOr<nlohmann::json> MeasureRocksDb(const RocksDbPeerSettings& settings);

}  // namespace ladon::bench

#endif  // LADON_BENCH_LEDGER_ROCKSDB_PEER_H_
