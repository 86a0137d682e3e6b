// Goal: percentiles are exact. Method: known sets, in any order, at the smallest sizes.
#include "server/client/load/latency.h"

#include <algorithm>
#include <random>

#include "gtest/gtest.h"

namespace ladon::load {
namespace {

TEST(LatencyTest, NothingRecordedIsAllZero) {
  EXPECT_EQ(Summarize({}), LatencySummary{});
}

TEST(LatencyTest, OneValueIsEveryPercentile) {
  EXPECT_EQ(Summarize({7}),
            (LatencySummary{.count = 1, .p50_us = 7, .p95_us = 7, .p99_us = 7, .max_us = 7}));
}

TEST(LatencyTest, NearestRankOverAHundredAndOverAHundredAndOne) {
  std::vector<int64_t> values(100);
  for (int64_t i = 0; i < 100; ++i) values[static_cast<size_t>(i)] = i + 1;
  std::shuffle(values.begin(), values.end(), std::mt19937_64(1));
  EXPECT_EQ(
      Summarize(values),
      (LatencySummary{.count = 100, .p50_us = 50, .p95_us = 95, .p99_us = 99, .max_us = 100}));
  values.push_back(1'000'000);
  EXPECT_EQ(Summarize(values),
            (LatencySummary{
                .count = 101, .p50_us = 51, .p95_us = 96, .p99_us = 100, .max_us = 1'000'000}));
}

}  // namespace
}  // namespace ladon::load
