// Goal: the figures mean what they say, and quality falls when the picture gets worse.
// Method: a synthetic palm and copies of it that are darker, blinded, flatter or grainier.
#include "matcher/extract/region_check.h"

#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>

#include "gtest/gtest.h"
#include "matcher/extract/synthetic_palm.h"
#include "tests/testing/status_testing.h"

namespace ladon::matcher::extract {
namespace {

cv::Mat Palm() {
  return cv::imdecode(RenderSyntheticPalmPng({.palm_seed = 2, .sample_seed = 2}),
                      cv::IMREAD_GRAYSCALE);
}

TEST(RegionCheckTest, FiguresOfAKnownImage) {
  cv::Mat halves(128, 128, CV_8UC1, cv::Scalar(40));
  halves(cv::Rect(0, 0, 128, 64)) = 255;
  const RegionFigures figures = MeasureRegion(halves);
  EXPECT_NEAR(figures.mean_grey, 147.5, 0.1);
  EXPECT_NEAR(figures.clipped_fraction, 0.5, 0.001);
}

TEST(RegionCheckTest, QualityFallsWithContrastAndWithGrain) {
  const RegionFigures good = MeasureRegion(Palm());
  ASSERT_TRUE(CheckRegion(good).ok());
  cv::Mat flat;
  Palm().convertTo(flat, CV_8U, 0.3, 90);
  cv::Mat noise(Palm().size(), CV_8SC1);
  cv::RNG(5).fill(noise, cv::RNG::NORMAL, 0, 25);
  cv::Mat grainy;
  cv::add(Palm(), noise, grainy, cv::noArray(), CV_8U);
  EXPECT_LT(QualityOf(MeasureRegion(flat)), QualityOf(good));
  EXPECT_LT(QualityOf(MeasureRegion(grainy)), QualityOf(good));
  EXPECT_GT(MeasureRegion(grainy).grain_to_line, good.grain_to_line);
}

TEST(RegionCheckTest, QualityStaysInRange) {
  for (const double contrast : {0.0, 1.0, 1e6}) {
    for (const double grain : {0.0, 1.0, 1e6}) {
      for (const double clipped : {0.0, 1.0}) {
        const int quality = QualityOf({.mean_grey = 100,
                                       .clipped_fraction = clipped,
                                       .line_contrast = contrast,
                                       .grain_to_line = grain});
        EXPECT_GE(quality, 0);
        EXPECT_LE(quality, 100);
      }
    }
  }
}

}  // namespace
}  // namespace ladon::matcher::extract
