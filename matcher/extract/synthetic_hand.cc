#include "matcher/extract/synthetic_hand.h"

#include <array>
#include <cassert>
#include <cmath>
#include <numbers>
#include <opencv2/core.hpp>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>

namespace ladon::matcher {
namespace {

// Lengths in palm breadths; the origin is the middle of the line through the finger roots, y points
// down to the wrist.
constexpr double kAdultBreadthPx = 250;
constexpr double kPalmLength = 1.05;
constexpr double kFingerBreadth = 0.17;
constexpr std::array<double, 4> kFingerRoots = {-0.36, -0.12, 0.12, 0.36};
constexpr std::array<double, 4> kFingerLengths = {0.62, 0.80, 0.85, 0.76};
constexpr double kBackgroundGrey = 10;
// So that the region of a hand has about as many veins as a picture of a region.
constexpr double kPalmMagnification = 0.65;

cv::Point At(double x, double y, double scale, const cv::Point2d& origin) {
  return {cvRound(origin.x + x * scale), cvRound(origin.y + y * scale)};
}

// 1 where the hand is, upright, palm breadth `breadth_px`.
cv::Mat DrawHand(const HandSample& sample, double breadth_px, const cv::Point2d& origin) {
  cv::Mat hand(kSyntheticHandHeightPx, kSyntheticHandWidthPx, CV_32F, cv::Scalar(0));
  const cv::Scalar skin(1);
  const auto draw = [&](double x0, double y0, double x1, double y1, double breadth) {
    cv::line(hand, At(x0, y0, breadth_px, origin), At(x1, y1, breadth_px, origin), skin,
             cvRound(breadth * breadth_px), cv::LINE_8);
  };
  constexpr double kRound = 0.16;  // Of the palm's corners.
  constexpr int kStripes = 34;     // Overlapping, from side to side.
  for (int stripe = 0; stripe <= kStripes; ++stripe) {
    const double x = (kRound - 0.5) + (1 - 2 * kRound) * stripe / kStripes;
    draw(x, kRound / 2, x, kPalmLength - kRound, 2 * kRound);
  }
  const bool closed = sample.spread_deg <= 0;
  for (size_t finger = 0; finger < kFingerRoots.size(); ++finger) {
    const double fan = static_cast<double>(finger) - 1.5;
    const double heading = fan * sample.spread_deg * std::numbers::pi / 180;
    const double length = kFingerLengths[finger];
    draw(kFingerRoots[finger], 0.1, kFingerRoots[finger] + length * std::sin(heading),
         -length * std::cos(heading), closed ? 0.28 : kFingerBreadth);
  }
  draw(0.34, 0.72, 0.74, 0.22, 0.22);  // The thumb.
  return hand;
}

}  // namespace

std::vector<uint8_t> RenderSyntheticHandPng(const HandSample& sample) {
  const cv::Size size(kSyntheticHandWidthPx, kSyntheticHandHeightPx);
  const double breadth_px = kAdultBreadthPx * SeenSizeAtAge(sample.age_years);
  const cv::Point2d origin(size.width / 2.0, size.height / 2.0 - 0.1 * breadth_px);
  const cv::Mat hand = DrawHand(sample, breadth_px, origin);

  PalmSample palm = sample.palm;
  palm.magnification = kPalmMagnification;
  palm.still = true;
  const cv::Mat region = cv::imdecode(RenderSyntheticPalmPng(palm), cv::IMREAD_GRAYSCALE);
  const double scale = breadth_px / region.cols;
  const cv::Matx23d onto_hand(scale, 0, origin.x - breadth_px / 2, 0, scale,
                              origin.y + 0.02 * breadth_px);
  cv::Mat skin;
  cv::warpAffine(region, skin, onto_hand, size, cv::INTER_LINEAR, cv::BORDER_REPLICATE);
  skin.convertTo(skin, CV_32F);

  cv::Mat lit = hand.mul(skin - kBackgroundGrey) + kBackgroundGrey;
  cv::Mat pose = cv::getRotationMatrix2D(
      cv::Point2f(kSyntheticHandWidthPx / 2.0F, kSyntheticHandHeightPx / 2.0F),
      -sample.rotation_deg, 1);
  pose.at<double>(0, 2) += sample.shift_x_px;
  pose.at<double>(1, 2) += sample.shift_y_px;
  cv::Mat seen;
  cv::warpAffine(lit, seen, pose, size, cv::INTER_LINEAR, cv::BORDER_CONSTANT,
                 cv::Scalar(kBackgroundGrey));
  cv::GaussianBlur(seen, seen, cv::Size(), 1.0);
  cv::Mat grey;
  seen.convertTo(grey, CV_8U);
  std::vector<uint8_t> file;
  const bool encoded = cv::imencode(".png", grey, file);
  assert(encoded);
  return file;
}

}  // namespace ladon::matcher
