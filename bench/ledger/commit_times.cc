#include "bench/ledger/commit_times.h"

#include <algorithm>
#include <cassert>
#include <chrono>
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <fstream>
#include <string>
#include <utility>
#include <vector>

namespace ladon::bench {
namespace {

using Clock = std::chrono::steady_clock;

volatile std::sig_atomic_t stop_asked = 0;

// What this process made dirty in the page cache and was not taken back: all of it is on the disk
// once it is synced. Files of the process's pipes and terminals do not count.
uint64_t BytesWritten() {
  std::ifstream io("/proc/self/io");
  std::string name;
  uint64_t bytes = 0;
  while (io >> name >> bytes) {
    if (name == "write_bytes:") return bytes;
  }
  return 0;
}

double Quantile(std::vector<double> values, double q) {
  const size_t rank =
      std::min(values.size() - 1, static_cast<size_t>(q * static_cast<double>(values.size())));
  std::nth_element(values.begin(), values.begin() + static_cast<ptrdiff_t>(rank), values.end());
  return values[rank];
}

}  // namespace

absl::StatusOr<CommitTimes> TimeCommits(double seconds, absl::FunctionRef<absl::Status()> commit) {
  CommitTimes times;
  const uint64_t bytes_before = BytesWritten();
  const auto start = Clock::now();
  auto now = start;
  do {
    if (stop_asked != 0) return absl::CancelledError("stopped by a signal");
    if (absl::Status s = commit(); !s.ok()) return s;
    const auto begun = std::exchange(now, Clock::now());
    times.commit_ms.push_back(std::chrono::duration<double, std::milli>(now - begun).count());
    times.seconds = std::chrono::duration<double>(now - start).count();
  } while (times.seconds < seconds);
  times.bytes_written = BytesWritten() - bytes_before;
  return times;
}

void StopOnSignals() {
  for (const int number : {SIGINT, SIGTERM, SIGHUP}) {
    std::signal(number, [](int) { stop_asked = 1; });
  }
}

nlohmann::json CommitsJson(const CommitTimes& times, uint64_t batch) {
  assert(!times.commit_ms.empty());
  const auto commits = static_cast<double>(times.commit_ms.size());
  const double transfers = commits * static_cast<double>(batch);
  return {{"seconds", times.seconds},
          {"commits", times.commit_ms.size()},
          {"commits_per_s", commits / times.seconds},
          {"transfers_per_s", transfers / times.seconds},
          {"p50_ms", Quantile(times.commit_ms, 0.5)},
          {"p99_ms", Quantile(times.commit_ms, 0.99)},
          {"bytes_written", times.bytes_written},
          {"bytes_per_transfer", static_cast<double>(times.bytes_written) / transfers}};
}

}  // namespace ladon::bench
