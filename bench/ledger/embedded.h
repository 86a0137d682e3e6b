// Our ledger in this process: durable transfers a second, and how long each takes.
#ifndef LADON_BENCH_LEDGER_EMBEDDED_H_
#define LADON_BENCH_LEDGER_EMBEDDED_H_

#include <cstdint>
#include <string>

namespace ladon::bench {

struct EmbeddedOptions {
  std::string directory;  // A store is made below it, and removed.
  std::string workload = "uniform";
  uint64_t accounts = 200'000;
  uint64_t transfers_before = 0;  // Booked before the clock starts.
  double seconds = 5;
  uint64_t in_flight = 3'000;  // Closed loop: as many wait at any time.
  double rate = 0;             // Open loop, transfers a second; 0 = closed loop.
  uint64_t seed = 1;
  bool audit = false;  // Each transfer leaves its record of the security log, as in the server.
  bool measure_restart = false;
  bool measure_extract = false;  // A closing, an extract of everything, and its verification.
};

struct EmbeddedFigures {
  double transfers_per_s = 0;
  double p50_ms = 0;
  double p99_ms = 0;
  double max_ms = 0;
  uint64_t transfers = 0;
  double bytes_per_transfer = 0;  // On the disk after the store was closed, everything included.
  double restart_s = 0;
  double closing_s = 0;
  double extract_write_s = 0;
  double extract_verify_s = 0;  // One thread.
  uint64_t extract_entries = 0;
  uint64_t extract_bytes = 0;
  double write_amplification = 0;  // Bytes that reached the disk per byte that lies there.
};

// Seconds of one core that the proof of a transfer takes: salts, commitments, leaf, tree.
[[nodiscard]] double ProofSecondsPerTransfer();

// Ends the process when an answer or the balances at the end are not what they must be.
[[nodiscard]] EmbeddedFigures RunEmbedded(const EmbeddedOptions& options);

}  // namespace ladon::bench

#endif  // LADON_BENCH_LEDGER_EMBEDDED_H_
