#include "matcher/extract/region_check.h"

#include <algorithm>
#include <cmath>
#include <opencv2/imgproc.hpp>
#include <string>

#include "absl/strings/str_cat.h"
#include "matcher/extract/refusal.h"

namespace ladon::matcher::extract {
namespace {

constexpr int kMeasuredSidePx = 128;
constexpr double kClippedGrey = 250;
constexpr double kMeanGreyMin = 16;
constexpr double kClippedFractionMax = 0.25;
constexpr double kLineContrastMin = 0.7;
constexpr double kGrainToLineMax = 3.0;
constexpr double kLineContrastOrdinary = 2.5;  // Gives quality 50.

double Deviation(const cv::Mat& image) {
  cv::Mat mean;
  cv::Mat deviation;
  cv::meanStdDev(image, mean, deviation);
  return deviation.at<double>(0);
}

}  // namespace

RegionFigures MeasureRegion(const cv::Mat& region) {
  cv::Mat small;
  cv::resize(region, small, cv::Size(kMeasuredSidePx, kMeasuredSidePx), 0, 0, cv::INTER_AREA);
  RegionFigures figures;
  figures.mean_grey = cv::mean(small)[0];
  figures.clipped_fraction = static_cast<double>(cv::countNonZero(region >= kClippedGrey)) /
                             static_cast<double>(region.total());
  cv::Mat image;
  small.convertTo(image, CV_32F);
  cv::Mat fine;
  cv::Mat coarse;
  cv::GaussianBlur(image, fine, cv::Size(), 1.5);
  cv::GaussianBlur(image, coarse, cv::Size(), 8);
  figures.line_contrast = Deviation(fine - coarse);
  figures.grain_to_line = Deviation(image - fine) / std::max(figures.line_contrast, 1e-6);
  return figures;
}

absl::Status CheckRegion(const RegionFigures& figures) {
  if (figures.mean_grey < kMeanGreyMin) {
    return Refuse(kTooDark, absl::StrCat("the mean grey level is ", std::lround(figures.mean_grey),
                                         ", at least ", kMeanGreyMin, " is needed"));
  }
  if (figures.clipped_fraction > kClippedFractionMax) {
    return Refuse(kSaturated, absl::StrCat(std::lround(100 * figures.clipped_fraction),
                                           " % of the image is blinded, at most ",
                                           std::lround(100 * kClippedFractionMax), " % may be"));
  }
  if (figures.line_contrast < kLineContrastMin) {
    return Refuse(kNoPalm, "no lines are visible");
  }
  if (figures.grain_to_line > kGrainToLineMax) {
    return Refuse(kNoPalm, "there is noise where lines should be");
  }
  return absl::OkStatus();
}

int QualityOf(const RegionFigures& figures) {
  const double contrast = figures.line_contrast / (figures.line_contrast + kLineContrastOrdinary);
  const double light = 1 - figures.clipped_fraction / kClippedFractionMax;
  const double grain = 1 - std::max(0.0, figures.grain_to_line - 1) / (kGrainToLineMax - 1);
  const double quality = 100 * contrast * std::clamp(light, 0.0, 1.0) * std::clamp(grain, 0.0, 1.0);
  return static_cast<int>(std::lround(std::clamp(quality, 0.0, 100.0)));
}

}  // namespace ladon::matcher::extract
