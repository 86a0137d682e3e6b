// Is there a palm in the picture, and how well is it seen?
//
// Three measurements on the region reduced to 128 x 128: how bright it is, how much of it is
// clipped, and how much of its contrast lies where veins and creases are (structures some pixels
// wide) rather than in single pixels, as in noise. This keeps empty, blinded and covered sensors
// out; it is no liveness test. Pure, safe from any thread; may throw cv::Exception.
#ifndef LADON_MATCHER_EXTRACT_REGION_CHECK_H_
#define LADON_MATCHER_EXTRACT_REGION_CHECK_H_

#include <opencv2/core.hpp>

#include "absl/status/status.h"

namespace ladon::matcher::extract {

struct RegionFigures {
  double mean_grey = 0;         // 0 .. 255.
  double clipped_fraction = 0;  // Pixels at 250 or above.
  double line_contrast = 0;     // Deviation in grey levels within the band of lines.
  double grain_to_line = 0;     // Deviation of the finest detail / line_contrast.
};

// `region` is CV_8UC1.
RegionFigures MeasureRegion(const cv::Mat& region);

// OK, or TOO_DARK, SATURATED, NO_PALM (refusal.h).
absl::Status CheckRegion(const RegionFigures& figures);

// 0 .. 100 from the same figures: 50 is an ordinary image, below 20 ask for another.
int QualityOf(const RegionFigures& figures);

}  // namespace ladon::matcher::extract

#endif  // LADON_MATCHER_EXTRACT_REGION_CHECK_H_
