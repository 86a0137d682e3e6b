// Goal: the JSON has exactly the promised keys and the figures mean what they say.
// Method: golden keys, exact percentiles.
#include "server/client/demo/figures.h"

#include <nlohmann/json.hpp>
#include <set>

#include "gtest/gtest.h"

namespace ladon::demo {
namespace {

TEST(FiguresTest, JsonHasExactlyThePromisedKeys) {
  Figures figures;
  figures.palms_enrolled = 2;
  figures.mated_probes = 8;
  figures.right_child = 6;
  figures.identify_us = {1'000, 3'000};
  figures.acknowledged = 5;
  const nlohmann::json json = nlohmann::json::parse(FiguresJson(figures));
  std::set<std::string> keys;
  for (const auto& [key, value] : json.items()) keys.insert(key);
  EXPECT_EQ(keys, (std::set<std::string>{"palms_enrolled", "mated_probes", "rank1", "false_accepts",
                                         "wrong_child", "ambiguous", "identify_ms", "debit_ms",
                                         "acknowledged", "lost", "duplicated"}));
  EXPECT_EQ(json["rank1"], 0.75);
  EXPECT_EQ(json["identify_ms"], (nlohmann::json{{"p50", 1.0}, {"p99", 3.0}}));
  EXPECT_EQ(json["debit_ms"], (nlohmann::json{{"p50", 0.0}, {"p99", 0.0}}));
}

TEST(FiguresTest, PercentileIsNearestRank) {
  std::vector<int64_t> values;
  for (int64_t i = 100; i >= 1; --i) values.push_back(i * 1'000);
  EXPECT_EQ(PercentileMs(values, 50), 50);
  EXPECT_EQ(PercentileMs(values, 99), 99);
  EXPECT_EQ(PercentileMs(values, 100), 100);
  EXPECT_EQ(PercentileMs({}, 50), 0);
}

TEST(FiguresTest, NoProbeMeansNoRank) {
  EXPECT_EQ(Figures().rank1(), 0);
}

}  // namespace
}  // namespace ladon::demo
