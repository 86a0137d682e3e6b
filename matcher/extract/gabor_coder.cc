#include "matcher/extract/gabor_coder.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <opencv2/imgproc.hpp>

namespace ladon::matcher::extract {
namespace {

constexpr int kRegionSidePx = 128;
constexpr int kSide = static_cast<int>(kGridSide);

// Answers with a positive value to a dark line along `angle_rad`.
cv::Mat MakeFilter(const GaborSettings& s, double angle_rad) {
  const int half = s.kernel_px / 2;
  cv::Mat filter(s.kernel_px, s.kernel_px, CV_32F);
  cv::Mat envelope(s.kernel_px, s.kernel_px, CV_32F);
  for (int y = -half; y <= half; ++y) {
    for (int x = -half; x <= half; ++x) {
      const double across = y * std::cos(angle_rad) - x * std::sin(angle_rad);
      const double weight = std::exp(-(x * x + y * y) / (2 * s.sigma_px * s.sigma_px));
      const double wave = std::cos(2 * std::numbers::pi * across / s.wavelength_px);
      envelope.at<float>(y + half, x + half) = static_cast<float>(weight);
      filter.at<float>(y + half, x + half) = static_cast<float>(-weight * wave);
    }
  }
  // No response to a constant image, and the same strength in every direction.
  filter -= envelope * (cv::sum(filter)[0] / cv::sum(envelope)[0]);
  return filter / cv::norm(filter, cv::NORM_L2);
}

cv::Mat Normalise(const cv::Mat& region, const GaborSettings& s) {
  cv::Mat small;
  cv::resize(region, small, cv::Size(kRegionSidePx, kRegionSidePx), 0, 0,
             region.cols > kRegionSidePx ? cv::INTER_AREA : cv::INTER_LINEAR);
  cv::Mat image;
  small.convertTo(image, CV_32F);
  cv::Mat mean;
  cv::GaussianBlur(image, mean, cv::Size(), s.window_sigma_px, 0, cv::BORDER_REFLECT_101);
  const cv::Mat centred = image - mean;
  cv::Mat variance;
  cv::GaussianBlur(centred.mul(centred), variance, cv::Size(), s.window_sigma_px, 0,
                   cv::BORDER_REFLECT_101);
  cv::Mat deviation;
  cv::sqrt(variance, deviation);
  return centred / (deviation + s.contrast_floor);
}

cv::Mat Turn(const cv::Mat& image, const Pose& pose) {
  if (pose.rotation_deg == 0 && pose.scale == 1) return image;
  const cv::Point2f centre((kRegionSidePx - 1) / 2.0F, (kRegionSidePx - 1) / 2.0F);
  cv::Mat turned;
  cv::warpAffine(image, turned, cv::getRotationMatrix2D(centre, pose.rotation_deg, pose.scale),
                 image.size(), cv::INTER_LINEAR, cv::BORDER_REFLECT);
  return turned;
}

}  // namespace

GaborCoder::GaborCoder(const GaborSettings& settings) : settings_(settings) {
  for (int k = 0; k < kOrientations; ++k) {
    filters_[static_cast<size_t>(k)] = MakeFilter(settings_, std::numbers::pi * k / kOrientations);
  }
}

std::vector<VeinCode> GaborCoder::Code(const cv::Mat& region, std::span<const Pose> poses) const {
  const cv::Mat image = Normalise(region, settings_);
  std::vector<VeinCode> codes;
  codes.reserve(poses.size());
  for (const Pose& pose : poses) codes.push_back(CodeOf(Turn(image, pose)));
  return codes;
}

VeinCode GaborCoder::CodeOf(const cv::Mat& image) const {
  std::array<cv::Mat, kOrientations> answers;
  for (size_t k = 0; k < answers.size(); ++k) {
    cv::Mat full;
    cv::filter2D(image, full, CV_32F, filters_[k], cv::Point(-1, -1), 0, cv::BORDER_REFLECT);
    cv::resize(full, answers[k], cv::Size(kSide, kSide), 0, 0, cv::INTER_AREA);
  }
  VeinCode code;
  std::vector<float> strength(kCells);
  for (size_t cell = 0; cell < kCells; ++cell) {
    const int x = static_cast<int>(cell) % kSide;
    const int y = static_cast<int>(cell) / kSide;
    size_t best = 0;
    size_t least = 0;
    for (size_t k = 1; k < answers.size(); ++k) {
      const float answer = answers[k].at<float>(y, x);
      if (answer > answers[best].at<float>(y, x)) best = k;
      if (answer < answers[least].at<float>(y, x)) least = k;
    }
    // A strong line counts, and so does how clearly it beats the worst direction.
    strength[cell] = answers[best].at<float>(y, x) - answers[least].at<float>(y, x) / 2;
    SetCell(code, cell % kGridSide, cell / kGridSide, static_cast<int>(best));
  }
  std::vector<float> ranked = strength;
  const auto cut = static_cast<ptrdiff_t>(settings_.masked_fraction * static_cast<double>(kCells));
  std::nth_element(ranked.begin(), ranked.begin() + cut, ranked.end());
  for (size_t cell = 0; cell < kCells; ++cell) {
    if (strength[cell] < ranked[static_cast<size_t>(cut)]) {
      ClearCell(code, cell % kGridSide, cell / kGridSide);
    }
  }
  return code;
}

}  // namespace ladon::matcher::extract
