// Goal: the rates of an evaluation are those of ISO/IEC 19795-1, at the edges too.
// Method: scores small enough to count by hand; exact binomial intervals from published tables.
#include "matcher/eval/error_rates.h"

#include <algorithm>
#include <vector>

#include "gtest/gtest.h"

namespace ladon::matcher::eval {
namespace {

Scores ScoresOf(std::vector<int32_t> genuine, std::vector<int32_t> impostor) {
  Scores scores{.genuine = std::move(genuine), .impostor = std::move(impostor)};
  scores.Sort();
  return scores;
}

TEST(ErrorRatesTest, AThresholdMatchesWhatIsAtMostAsFar) {
  const Scores scores = ScoresOf({10, 20, 30, 40}, {30, 50, 60, 70, 80});
  EXPECT_DOUBLE_EQ(FnmrAtThreshold(scores, 9), 1);
  EXPECT_DOUBLE_EQ(FnmrAtThreshold(scores, 30), 0.25);
  EXPECT_DOUBLE_EQ(FnmrAtThreshold(scores, 40), 0);
  EXPECT_DOUBLE_EQ(FmrAtThreshold(scores, 29), 0);
  EXPECT_DOUBLE_EQ(FmrAtThreshold(scores, 30), 0.2);
  EXPECT_DOUBLE_EQ(FmrAtThreshold(scores, 80), 1);
}

TEST(ErrorRatesTest, NoMoreImpostorsThanAllowed) {
  const Scores scores = ScoresOf({10, 20, 30, 40}, {30, 50, 50, 70, 80});
  EXPECT_EQ(ThresholdAtFmr(scores, 0), 29);
  EXPECT_DOUBLE_EQ(FnmrAtFmr(scores, 0), 0.5);
  EXPECT_EQ(ThresholdAtFmr(scores, 0.19), 29) << "one of five is 20 %";
  EXPECT_EQ(ThresholdAtFmr(scores, 0.2), 49);
  EXPECT_EQ(ThresholdAtFmr(scores, 0.4), 49) << "two that are equal come together or not at all";
  EXPECT_EQ(ThresholdAtFmr(scores, 0.6), 69);
  EXPECT_EQ(ThresholdAtFmr(scores, 1), 80);
}

TEST(ErrorRatesTest, EqualErrorRate) {
  EXPECT_DOUBLE_EQ(EqualErrorRate(ScoresOf({1, 2, 3}, {4, 5, 6})), 0);
  // At 30: one genuine of four is farther, one impostor of four is nearer.
  EXPECT_DOUBLE_EQ(EqualErrorRate(ScoresOf({10, 20, 30, 45}, {25, 50, 60, 70})), 0.25);
  EXPECT_DOUBLE_EQ(EqualErrorRate(ScoresOf({5}, {5})), 0.5);
  EXPECT_DOUBLE_EQ(EqualErrorRate(ScoresOf({50, 60}, {1, 2})), 1);
}

TEST(ErrorRatesTest, MarginIsTheRoomBetween) {
  EXPECT_DOUBLE_EQ(SeparationMargin(ScoresOf({0, 16'384}, {32'768, 40'000})), 0.25);
  EXPECT_DOUBLE_EQ(SeparationMargin(ScoresOf({0, 32'768}, {16'384, 40'000})), -0.25);
}

TEST(ErrorRatesTest, DetFallsFromLeftToRightAndReachesBothEnds) {
  const Scores scores = ScoresOf({10, 20, 30, 45}, {25, 50, 60, 70});
  const std::vector<DetPoint> curve = DetCurve(scores, 100);
  EXPECT_DOUBLE_EQ(curve.front().fmr, 0);
  EXPECT_DOUBLE_EQ(curve.front().fnmr, 1);
  EXPECT_DOUBLE_EQ(curve.back().fmr, 1);
  EXPECT_DOUBLE_EQ(curve.back().fnmr, 0);
  EXPECT_TRUE(std::is_sorted(curve.begin(), curve.end(), [](const DetPoint& a, const DetPoint& b) {
    return a.fmr < b.fmr || (a.fmr == b.fmr && a.fnmr > b.fnmr);
  }));
  EXPECT_LE(DetCurve(scores, 2).size(), 2u);
}

TEST(ErrorRatesTest, MiddleOfSamples) {
  std::vector<double> hundred;
  for (int i = 100; i >= 1; --i) hundred.push_back(i);
  EXPECT_DOUBLE_EQ(Middle90(hundred).low, 5);
  EXPECT_DOUBLE_EQ(Middle90(hundred).high, 95);
  EXPECT_DOUBLE_EQ(Middle90({7}).low, 7);
  EXPECT_DOUBLE_EQ(Middle90({7}).high, 7);
}

// The exact values follow from the beta distribution; with no error the upper end has a closed
// form, 1 - 0.05^(1/n).
TEST(ErrorRatesTest, ClopperPearson) {
  EXPECT_DOUBLE_EQ(ClopperPearson90(0, 10).low, 0);
  EXPECT_NEAR(ClopperPearson90(0, 10).high, 0.258866, 1e-6);
  EXPECT_NEAR(ClopperPearson90(0, 1'000).high, 0.0029912, 1e-7);
  EXPECT_NEAR(ClopperPearson90(1, 10).low, 0.0051162, 1e-6);
  EXPECT_NEAR(ClopperPearson90(1, 10).high, 0.394163, 1e-6);
  EXPECT_NEAR(ClopperPearson90(5, 10).low, 0.222441, 1e-6);
  EXPECT_NEAR(ClopperPearson90(5, 10).high, 0.777559, 1e-6);
  EXPECT_DOUBLE_EQ(ClopperPearson90(10, 10).high, 1);
}

}  // namespace
}  // namespace ladon::matcher::eval
