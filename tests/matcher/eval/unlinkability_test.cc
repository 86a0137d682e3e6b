// Goal: D_sys is 0 for scores that tell nothing and 1 for scores that tell all.
// Method: histograms whose value follows from the definition by hand.
#include "matcher/eval/unlinkability.h"

#include <random>
#include <vector>

#include "gtest/gtest.h"

namespace ladon::matcher::eval {
namespace {

TEST(UnlinkabilityTest, TheSameScoresTellNothing) {
  std::vector<double> scores;
  for (int i = 0; i < 1'000; ++i) scores.push_back(i % 50);
  EXPECT_DOUBLE_EQ(SystemLinkability(scores, scores), 0);
}

TEST(UnlinkabilityTest, ScoresApartTellAll) {
  const std::vector<double> mated(200, 0.1);
  const std::vector<double> others(200, 0.9);
  EXPECT_DOUBLE_EQ(SystemLinkability(mated, others), 1);
}

TEST(UnlinkabilityTest, HalfTheMatedScoresApart) {
  // Low bin: half the mated scores, no other: D = 1. High bin: half of the mated, all others:
  // likelier non-mated, D = 0. D_sys = 1 * 0.5.
  std::vector<double> mated(100, 0.0);
  mated.insert(mated.end(), 100, 1.0);
  EXPECT_DOUBLE_EQ(SystemLinkability(mated, std::vector<double>(200, 1.0)), 0.5);
}

TEST(UnlinkabilityTest, ChanceAloneIsSmall) {
  std::mt19937_64 random(7);
  std::normal_distribution<double> score(0.5, 0.02);
  std::vector<double> mated;
  std::vector<double> others;
  for (int i = 0; i < 4'000; ++i) {
    mated.push_back(score(random));
    others.push_back(score(random));
  }
  EXPECT_LT(SystemLinkability(mated, others), 0.08);
  EXPECT_GT(SystemLinkability(mated, others), 0) << "the estimate is biased upwards, never down";
}

}  // namespace
}  // namespace ladon::matcher::eval
