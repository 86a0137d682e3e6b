// Durable commits one after the other, and how long each took.
#ifndef LADON_BENCH_LEDGER_COMMIT_TIMES_H_
#define LADON_BENCH_LEDGER_COMMIT_TIMES_H_

#include <cstdint>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "nlohmann/json.hpp"

namespace ladon::bench {

struct CommitTimes {
  double seconds = 0;
  std::vector<double> commit_ms;  // From the first byte prepared to the end of the sync.
  uint64_t bytes_written = 0;     // To files by this process, its background threads too.
};

// Calls `commit` again and again until `seconds` have passed. Its first error ends it and is
// returned. Cancelled: a signal asked us to stop (see StopOnSignals).
absl::StatusOr<CommitTimes> TimeCommits(double seconds, absl::FunctionRef<absl::Status()> commit);

// From now on SIGINT, SIGTERM and SIGHUP end TimeCommits, so that files are removed in order.
void StopOnSignals();

// {"seconds", "commits", "commits_per_s", "transfers_per_s", "p50_ms", "p99_ms", "bytes_written",
// "bytes_per_transfer"}, with `batch` transfers in each commit.
nlohmann::json CommitsJson(const CommitTimes& times, uint64_t batch);

}  // namespace ladon::bench

#endif  // LADON_BENCH_LEDGER_COMMIT_TIMES_H_
