// Exact percentiles of recorded latencies: every value is kept and sorted, so nothing is rounded
// into a bucket. Bounded by kCallsMax of the engine (8 bytes a call). Threading: plain functions.
#ifndef LADON_SERVER_CLIENT_LOAD_LATENCY_H_
#define LADON_SERVER_CLIENT_LOAD_LATENCY_H_

#include <cstdint>
#include <vector>

namespace ladon::load {

struct LatencySummary {
  int64_t count = 0;
  int64_t p50_us = 0;
  int64_t p95_us = 0;
  int64_t p99_us = 0;
  int64_t max_us = 0;

  friend bool operator==(const LatencySummary&, const LatencySummary&) = default;
};

// Nearest-rank percentiles: the smallest recorded value that at least p percent do not exceed.
// All zero for no value.
[[nodiscard]] LatencySummary Summarize(std::vector<int64_t> latencies_us);

}  // namespace ladon::load

#endif  // LADON_SERVER_CLIENT_LOAD_LATENCY_H_
