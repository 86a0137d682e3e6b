// Goal: the palm of a hand is found at the same place however the hand lies, and a hand that cannot
// be used is refused with its own reason; a picture that is all palm is left as it is.
// Method: synthetic hands, turned, moved, of several ages; the codes of the regions are compared.
#include "matcher/extract/hand_locator.h"

#include <cmath>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>
#include <span>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "matcher/distance.h"
#include "matcher/extract/extractor.h"
#include "matcher/extract/synthetic_hand.h"
#include "matcher/thresholds.h"
#include "tests/testing/status_testing.h"

namespace ladon::matcher::extract {
namespace {

using ::ladon::testing::IsOk;
using ::ladon::testing::StatusIs;

// What a school of some hundred rows accepts.
constexpr int32_t kAcceptedQ16 = kDefaultThresholds.steps[0].distance_max_q16;

cv::Mat Decoded(const std::vector<uint8_t>& file) {
  return cv::imdecode(file, cv::IMREAD_GRAYSCALE);
}

std::vector<uint8_t> Encoded(const cv::Mat& image) {
  std::vector<uint8_t> file;
  EXPECT_TRUE(cv::imencode(".png", image, file));
  return file;
}

int32_t DistanceBetween(const std::vector<uint8_t>& enrolled, const std::vector<uint8_t>& shown) {
  const absl::StatusOr<Extraction> row = ExtractTemplate(enrolled);
  const absl::StatusOr<Extraction> probe = ExtractProbe(shown);
  EXPECT_THAT(row, IsOk());
  EXPECT_THAT(probe, IsOk());
  if (!row.ok() || !probe.ok()) return kDistanceUnrelatedQ16;
  return SearchDistanceQ16(row->codes[0], probe->codes);
}

std::string ReasonOf(const std::vector<uint8_t>& file) {
  return ExtractRefusalReason(ExtractTemplate(file).status());
}

TEST(HandLocatorTest, PlaceFollowsTheHand) {
  const cv::Mat upright = Decoded(RenderSyntheticHandPng({.palm = {.palm_seed = 1}}));
  ASSERT_OK_AND_ASSIGN(const PalmPlace at_rest, LocatePalm(upright));
  EXPECT_NEAR(at_rest.rotation_deg, 0, 2);
  for (const double turn_deg : {-25.0, -10.0, 10.0, 25.0}) {
    const cv::Mat turned = Decoded(RenderSyntheticHandPng(
        {.palm = {.palm_seed = 1}, .rotation_deg = turn_deg, .shift_x_px = 25, .shift_y_px = 15}));
    ASSERT_OK_AND_ASSIGN(const PalmPlace place, LocatePalm(turned));
    EXPECT_NEAR(place.rotation_deg - at_rest.rotation_deg, turn_deg, 3);
    EXPECT_NEAR(place.side_px / at_rest.side_px, 1, 0.04);
    const cv::Mat region = CutPalmRegion(turned, place);
    EXPECT_EQ(region.size(), cv::Size(kPalmRegionSidePx, kPalmRegionSidePx));
  }
}

TEST(HandLocatorTest, TurnedAndMovedHandsAreTheSamePalm) {
  for (uint64_t palm = 1; palm <= 6; ++palm) {
    const auto enrolled = RenderSyntheticHandPng({.palm = {palm, 1}});
    for (const double turn_deg : {-20.0, 0.0, 20.0}) {
      const HandSample shown = {.palm = {palm, 2},
                                .rotation_deg = turn_deg,
                                .shift_x_px = 30,
                                .shift_y_px = -10,
                                .spread_deg = 11};
      EXPECT_LE(DistanceBetween(enrolled, RenderSyntheticHandPng(shown)), kAcceptedQ16);
    }
    const HandSample stranger = {.palm = {palm + 100, 2}};
    EXPECT_GT(DistanceBetween(enrolled, RenderSyntheticHandPng(stranger)), kAcceptedQ16);
  }
}

TEST(HandLocatorTest, LeftAndRightHandsAreFoundAlike) {
  cv::Mat mirrored;
  cv::flip(Decoded(RenderSyntheticHandPng({.palm = {.palm_seed = 3}})), mirrored, 1);
  EXPECT_THAT(LocatePalm(mirrored), IsOk());
}

TEST(HandLocatorTest, GrownHandIsTheSamePalm) {
  // The region grows with the hand, so that years change nothing.
  for (uint64_t palm = 1; palm <= 4; ++palm) {
    const auto at_7 = RenderSyntheticHandPng({.palm = {palm, 1}, .age_years = 7});
    const auto at_15 = RenderSyntheticHandPng({.palm = {palm, 2}, .age_years = 15});
    EXPECT_LE(DistanceBetween(at_7, at_15), kAcceptedQ16);
  }
}

TEST(HandLocatorTest, RefusesWithTheReason) {
  const PalmSample palm = {.palm_seed = 1};
  EXPECT_EQ(ReasonOf(RenderSyntheticHandPng({.palm = palm, .spread_deg = 0})), "FINGERS_CLOSED");
  EXPECT_EQ(ReasonOf(RenderSyntheticHandPng({.palm = palm, .shift_y_px = 240})), "HAND_CUT_OFF");
  EXPECT_EQ(ReasonOf(RenderSyntheticHandPng({.palm = palm, .shift_y_px = -260})), "FINGERS_CLOSED");
  const std::string upside_down =
      ReasonOf(RenderSyntheticHandPng({.palm = palm, .rotation_deg = 180}));
  EXPECT_TRUE(upside_down == "FINGERS_CLOSED" || upside_down == "HAND_CUT_OFF") << upside_down;

  cv::Mat something(480, 640, CV_8U, cv::Scalar(10));
  cv::circle(something, {320, 240}, 40, cv::Scalar(150), cv::FILLED);
  EXPECT_EQ(ReasonOf(Encoded(something)), "HAND_ABSENT");
  cv::circle(something, {320, 240}, 190, cv::Scalar(150), cv::FILLED);
  EXPECT_EQ(ReasonOf(Encoded(something)), "FINGERS_CLOSED");
  EXPECT_THAT(ExtractTemplate(Encoded(something)), StatusIs(absl::StatusCode::kFailedPrecondition));
}

TEST(HandLocatorTest, PictureThatIsAllPalmIsLeftAlone) {
  for (uint64_t palm = 1; palm <= 20; ++palm) {
    EXPECT_FALSE(IsWholeHandPicture(Decoded(RenderSyntheticPalmPng({palm, 1}))));
  }
  EXPECT_TRUE(IsWholeHandPicture(Decoded(RenderSyntheticHandPng({.palm = {.palm_seed = 1}}))));
}

TEST(HandLocatorTest, OddShapesAreRefusedNotFatal) {
  for (const cv::Size size : {cv::Size(96, 1024), cv::Size(1024, 96), cv::Size(97, 97)}) {
    cv::Mat edge(size, CV_8U, cv::Scalar(5));
    edge(cv::Rect(size.width / 4, size.height / 4, size.width / 2, size.height / 2)) = 200;
    EXPECT_THAT(ExtractProbe(Encoded(edge)), StatusIs(absl::StatusCode::kFailedPrecondition));
  }
}

}  // namespace
}  // namespace ladon::matcher::extract
