// From a picture of a whole hand to the palm region that the coder reads.
//
// A hand before a dark background is divided from it by its grey levels, the three valleys between
// the four fingers are found on its outline, and a square below the line through the outer two,
// as large as they are apart, is cut out upright. Valleys are bone, so the square lies on the same
// skin however the hand is turned, moved or nearer (Zhang, Kong, You, Wong, "Online palmprint
// identification", IEEE PAMI 25(9), 2003; ours works on grey levels in logarithm, and finds valleys
// by how much of a disc around a point of the outline is hand).
//
// Fingers point up, turned by at most 35 degrees; the thumb does not matter. Pure, safe from any
// thread; may throw cv::Exception.
#ifndef LADON_MATCHER_EXTRACT_HAND_LOCATOR_H_
#define LADON_MATCHER_EXTRACT_HAND_LOCATOR_H_

#include <array>
#include <opencv2/core.hpp>

#include "absl/status/statusor.h"

namespace ladon::matcher::extract {

struct PalmPlace {
  // Between the fingers, from the left of the picture to the right; pixels of the picture.
  std::array<cv::Point2d, 3> valleys;
  cv::Point2d centre;       // Of the palm square, pixels.
  double side_px = 0;       // Of the palm square.
  double rotation_deg = 0;  // How far the hand is turned, clockwise in the picture.
};

// Whether the picture shows more than skin: most of its edge is background, much darker than its
// brightest part. A palm region fills its picture; a hand, or nothing, does not.
bool IsWholeHandPicture(const cv::Mat& grey);

// `grey` is CV_8UC1. HAND_ABSENT, FINGERS_CLOSED or HAND_CUT_OFF (refusal.h) when there is no such
// place.
absl::StatusOr<PalmPlace> LocatePalm(const cv::Mat& grey);

// The palm square, upright, kPalmRegionSidePx a side.
inline constexpr int kPalmRegionSidePx = 192;
cv::Mat CutPalmRegion(const cv::Mat& grey, const PalmPlace& place);

}  // namespace ladon::matcher::extract

#endif  // LADON_MATCHER_EXTRACT_HAND_LOCATOR_H_
