#include "server/client/load/latency.h"

#include <algorithm>
#include <cstddef>

namespace ladon::load {
namespace {

int64_t NearestRank(const std::vector<int64_t>& sorted, size_t percent) {
  const size_t rank = (sorted.size() * percent + 99) / 100;
  return sorted[rank - 1];
}

}  // namespace

LatencySummary Summarize(std::vector<int64_t> latencies_us) {
  if (latencies_us.empty()) return {};
  std::sort(latencies_us.begin(), latencies_us.end());
  return {.count = static_cast<int64_t>(latencies_us.size()),
          .p50_us = NearestRank(latencies_us, 50),
          .p95_us = NearestRank(latencies_us, 95),
          .p99_us = NearestRank(latencies_us, 99),
          .max_us = latencies_us.back()};
}

}  // namespace ladon::load
