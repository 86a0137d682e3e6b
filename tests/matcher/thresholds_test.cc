// Goal: the more looks, the stricter; who stands alone may be farther, nobody else.
#include "matcher/thresholds.h"

#include <optional>

#include "gtest/gtest.h"
#include "matcher/decision.h"
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
  EXPECT_GE(kDefaultThresholds.alone_margin_min_q16, kDefaultThresholds.margin_min_q16);
  EXPECT_GE(kDefaultThresholds.alone_extra_q16, 0);
  EXPECT_EQ(kDefaultThresholds.steps.back().looks_max, UINT64_MAX);
}

TEST(ThresholdsTest, StepIsChosenByRowsTimesCodes) {
  const Thresholds t = {.steps = {{{10, 400}, {100, 300}, {1000, 200}, {UINT64_MAX, 100}}},
                        .margin_min_q16 = 7,
                        .alone_extra_q16 = 50,
                        .alone_margin_min_q16 = 9,
                        .alone_rows_min = 20,
                        .alone_rows_max = 60};
  EXPECT_EQ(RuleFor(t, 0, 5).distance_max_q16, 400);
  EXPECT_EQ(RuleFor(t, 2, 5).distance_max_q16, 400);
  EXPECT_EQ(RuleFor(t, 11, 1).distance_max_q16, 300);
  EXPECT_EQ(RuleFor(t, 20, 5).distance_max_q16, 300);
  EXPECT_EQ(RuleFor(t, 101, 1).distance_max_q16, 200);
  EXPECT_EQ(RuleFor(t, kGalleryRowsLimit, kProbeCodesMax).distance_max_q16, 100);
  EXPECT_EQ(RuleFor(t, 1, 1).margin_min_q16, 7);
  EXPECT_EQ(RuleFor(t, 19, 5).alone_distance_max_q16, 300);
  EXPECT_EQ(RuleFor(t, 20, 5).alone_distance_max_q16, 350);
  EXPECT_EQ(RuleFor(t, 61, 1).alone_distance_max_q16, 300);
  EXPECT_EQ(RuleFor(t, 20, 5).alone_margin_min_q16, 9);
}

TEST(DecideTest, WhoStandsAloneMayBeFarther) {
  constexpr DecisionRule kRule = {.distance_max_q16 = 100,
                                  .margin_min_q16 = 10,
                                  .alone_distance_max_q16 = 120,
                                  .alone_margin_min_q16 = 30};
  constexpr SubjectRef kOwn = {.bytes = {1}};
  constexpr SubjectRef kOther = {.bytes = {2}};
  using Decision = SearchResult::Decision;
  const auto decide = [&](int32_t own, std::optional<int32_t> other) {
    TwoBest two;
    two.Offer({.distance_q16 = own, .subject = kOwn});
    if (other.has_value()) two.Offer({.distance_q16 = *other, .subject = kOther});
    const SearchResult result = Decide(two, kRule);
    EXPECT_EQ(result.subject, result.decision == Decision::kMatch ? kOwn : SubjectRef{});
    return result.decision;
  };
  EXPECT_EQ(Decide({}, kRule).decision, Decision::kNobody);
  EXPECT_EQ(decide(100, std::nullopt), Decision::kMatch);
  EXPECT_EQ(decide(101, std::nullopt), Decision::kNobody);
  EXPECT_EQ(decide(100, 110), Decision::kMatch);
  EXPECT_EQ(decide(100, 109), Decision::kAmbiguous);
  EXPECT_EQ(decide(101, 131), Decision::kMatch);
  EXPECT_EQ(decide(101, 130), Decision::kNobody);
  EXPECT_EQ(decide(120, 150), Decision::kMatch);
  EXPECT_EQ(decide(121, 500), Decision::kNobody);
}

}  // namespace
}  // namespace ladon::matcher
