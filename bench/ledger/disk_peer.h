// The bound of every durable ledger with one writer: appending to a file and waiting for the disk.
#ifndef LADON_BENCH_LEDGER_DISK_PEER_H_
#define LADON_BENCH_LEDGER_DISK_PEER_H_

#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "nlohmann/json.hpp"

namespace ladon::bench {

struct DiskPeerSettings {
  std::string directory;
  double seconds = 0;
  uint64_t seed = 0;
  size_t bytes_per_batch = 0;  // At least eight.
  uint64_t batch = 0;          // Transfers that these bytes stand for.
};

// Each commit appends `bytes_per_batch` random bytes and calls fdatasync. Checked at the end: the
// file holds every batch in order. Unavailable: the disk refused. DataLoss: the check failed.
absl::StatusOr<nlohmann::json> MeasureDisk(const DiskPeerSettings& settings);

}  // namespace ladon::bench

#endif  // LADON_BENCH_LEDGER_DISK_PEER_H_
