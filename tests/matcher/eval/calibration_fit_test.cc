// Goal: the fitted tail gives back the tail that impostors were drawn from, and thresholds hold the
// wanted rate on impostors that the fit has not seen.
// Method: exponential tails of known scale, drawn with a fixed seed.
#include "matcher/eval/calibration_fit.h"

#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

#include "gtest/gtest.h"
#include "tests/testing/status_testing.h"

namespace ladon::matcher::eval {
namespace {

using ::ladon::testing::StatusIs;

constexpr double kScale = 230;

// Impostors whose nearest thousandth decays with kScale, the rest far away.
std::vector<int32_t> Draw(size_t count, uint64_t seed) {
  std::mt19937_64 random(seed);
  std::exponential_distribution<double> beyond(1 / kScale);
  std::vector<int32_t> drawn;
  for (size_t i = 0; i < count; ++i) {
    drawn.push_back(static_cast<int32_t>(std::lround(28'000 - beyond(random))));
  }
  return drawn;
}

TEST(CalibrationFitTest, FindsTheScaleOfTheTail) {
  ASSERT_OK_AND_ASSIGN(const ImpostorTail tail, FitTail(Draw(1'000'000, 1)));
  EXPECT_NEAR(tail.scale_q16, kScale, 25);  // 1 000 excesses: 3 % deviation.
  EXPECT_NEAR(tail.fmr_at_start, 1e-3, 1e-5);
  EXPECT_NEAR(tail.UnitsPerDecade(), kScale * std::log(10.0), 60);
  EXPECT_NEAR(tail.Fmr(tail.start_q16 - tail.UnitsPerDecade()), 1e-4, 1e-6);
  EXPECT_EQ(tail.comparisons, 1'000'000U);
}

TEST(CalibrationFitTest, ThresholdHoldsTheRateOnNewImpostors) {
  // 1 000 rows at FPIR 0.001: one comparison in a million, rarer than all that the fit has seen.
  ASSERT_OK_AND_ASSIGN(const ImpostorTail tail, FitTail(Draw(200'000, 2)));
  const double threshold = tail.ThresholdFor(1e-3, 1'000);
  size_t within = 0;
  for (uint64_t seed = 10; seed < 30; ++seed) {
    for (const int32_t distance : Draw(1'000'000, seed)) within += distance <= threshold ? 1 : 0;
  }
  EXPECT_GE(within, 4U);  // 20 of 20 million are wanted.
  EXPECT_LE(within, 100U);
}

TEST(CalibrationFitTest, StricterRatesAndLargerGalleriesAreNearer) {
  ASSERT_OK_AND_ASSIGN(const ImpostorTail tail, FitTail(Draw(300'000, 4)));
  EXPECT_LT(tail.ThresholdFor(1e-6, 200), tail.ThresholdFor(1e-3, 200));
  EXPECT_LT(tail.ThresholdFor(1e-3, 20'000), tail.ThresholdFor(1e-3, 200));
  // However generous the rate: nobody who was seen would have been accepted.
  EXPECT_LT(tail.ThresholdFor(0.5, 1), tail.nearest_q16);
}

TEST(CalibrationFitTest, TooFewOrEqualImpostorsAreRefused) {
  EXPECT_THAT(FitTail(Draw(kTailComparisonsMin - 1, 5)),
              StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_THAT(FitTail(std::vector<int32_t>(20'000, 27'000)),
              StatusIs(absl::StatusCode::kFailedPrecondition));
}

}  // namespace
}  // namespace ladon::matcher::eval
