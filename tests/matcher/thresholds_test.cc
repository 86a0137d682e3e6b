// Goal: the more looks, the stricter; the steps are where the data says.
#include "matcher/thresholds.h"

#include "gtest/gtest.h"
#include "matcher/distance.h"
#include "matcher/gallery.h"

namespace ladon::matcher {
namespace {

TEST(ThresholdsTest, StepsRiseInLooksAndFallInDistance) {
  for (size_t i = 1; i < kDefaultThresholds.steps.size(); ++i) {
    EXPECT_GT(kDefaultThresholds.steps[i].looks_max, kDefaultThresholds.steps[i - 1].looks_max);
    EXPECT_LT(kDefaultThresholds.steps[i].distance_max_q16,
              kDefaultThresholds.steps[i - 1].distance_max_q16);
  }
  EXPECT_LT(kDefaultThresholds.steps[0].distance_max_q16, kDistanceUnrelatedQ16);
  EXPECT_GT(kDefaultThresholds.margin_min_q16, 0);
  EXPECT_EQ(kDefaultThresholds.steps.back().looks_max, UINT64_MAX);
}

TEST(ThresholdsTest, StepIsChosenByRowsTimesCodes) {
  const Thresholds t = {.steps = {{{10, 400}, {100, 300}, {1000, 200}, {UINT64_MAX, 100}}},
                        .margin_min_q16 = 7};
  EXPECT_EQ(RuleFor(t, 0, 5).distance_max_q16, 400);
  EXPECT_EQ(RuleFor(t, 2, 5).distance_max_q16, 400);
  EXPECT_EQ(RuleFor(t, 11, 1).distance_max_q16, 300);
  EXPECT_EQ(RuleFor(t, 20, 5).distance_max_q16, 300);
  EXPECT_EQ(RuleFor(t, 101, 1).distance_max_q16, 200);
  EXPECT_EQ(RuleFor(t, kGalleryRowsLimit, kProbeCodesMax).distance_max_q16, 100);
  EXPECT_EQ(RuleFor(t, 1, 1).margin_min_q16, 7);
}

}  // namespace
}  // namespace ladon::matcher
