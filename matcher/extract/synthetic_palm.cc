#include "matcher/extract/synthetic_palm.h"

#include <cassert>
#include <cmath>
#include <numbers>
#include <opencv2/core.hpp>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>

namespace ladon::matcher {
namespace {

// The palm is drawn on a larger canvas than the sensor sees, so that a shifted hand brings new
// skin into view and not an edge.
constexpr int kCanvasPx = 224;
constexpr int kFractionBits = 4;  // cv::line draws in sixteenths of a pixel.

// SplitMix64 (Steele, Lea, Flood, 2014): small, seedable with any value, same everywhere.
class Dice {
 public:
  explicit Dice(uint64_t seed) : state_(seed) {}
  uint64_t Next() {
    uint64_t z = (state_ += 0x9e3779b97f4a7c15U);
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9U;
    z = (z ^ z >> 27) * 0x94d049bb133111ebU;
    return z ^ z >> 31;
  }
  double Uniform(double low, double high) {
    return low + (high - low) * (static_cast<double>(Next() >> 11) * 0x1p-53);
  }
  // Mean 0, deviation 1, near enough to normal: the sum of twelve uniforms.
  double Bell() {
    double sum = -6;
    for (int i = 0; i < 12; ++i) sum += Uniform(0, 1);
    return sum;
  }

 private:
  uint64_t state_;
};

struct Tip {
  double x;
  double y;
  double heading_rad;
  double width_px;
};

cv::Point Fixed(double x, double y) {
  constexpr double kOne = 1 << kFractionBits;
  return {static_cast<int>(std::lround(x * kOne)), static_cast<int>(std::lround(y * kOne))};
}

// Grows one line step by step; it wanders, tapers and branches until it leaves or runs out.
void Grow(Dice& dice, Tip tip, int branches_left, cv::Mat& canvas) {
  constexpr double kStepPx = 5;
  constexpr double kTaper = 0.985;
  for (int step = 0; step < 60 && tip.width_px > 0.9; ++step) {
    const double x = tip.x + kStepPx * std::cos(tip.heading_rad);
    const double y = tip.y + kStepPx * std::sin(tip.heading_rad);
    cv::line(canvas, Fixed(tip.x, tip.y), Fixed(x, y), cv::Scalar(tip.width_px / 4),
             std::max(1, static_cast<int>(std::lround(tip.width_px))), cv::LINE_8, kFractionBits);
    tip.x = x;
    tip.y = y;
    tip.heading_rad += dice.Uniform(-0.22, 0.22);
    tip.width_px *= kTaper;
    if (x < -10 || y < -10 || x > kCanvasPx + 10 || y > kCanvasPx + 10) return;
    if (branches_left > 0 && dice.Uniform(0, 1) < 0.08) {
      const double side = dice.Uniform(0, 1) < 0.5 ? -1 : 1;
      Tip branch = tip;
      branch.heading_rad += side * dice.Uniform(0.4, 1.0);
      branch.width_px *= 0.8;
      Grow(dice, branch, --branches_left, canvas);
    }
  }
}

cv::Mat Noise(Dice& dice, int side_px, double blur_px) {
  cv::Mat noise(side_px, side_px, CV_32F);
  for (int y = 0; y < side_px; ++y) {
    for (int x = 0; x < side_px; ++x) noise.at<float>(y, x) = static_cast<float>(dice.Bell());
  }
  if (blur_px > 0) {
    cv::GaussianBlur(noise, noise, cv::Size(), blur_px);
    cv::Mat mean;
    cv::Mat deviation;
    cv::meanStdDev(noise, mean, deviation);
    noise = noise / deviation.at<double>(0);
  }
  return noise;
}

// What belongs to the palm: 0 is bright skin, larger is darker.
cv::Mat DrawPalm(uint64_t palm_seed) {
  Dice dice(palm_seed ^ 0x70616c6dU);
  cv::Mat veins(kCanvasPx, kCanvasPx, CV_32F, cv::Scalar(0));
  constexpr int kTrees = 14;
  for (int tree = 0; tree < kTrees; ++tree) {
    const Tip root = {.x = dice.Uniform(0, kCanvasPx),
                      .y = dice.Uniform(0, kCanvasPx),
                      .heading_rad = dice.Uniform(0, 2 * std::numbers::pi),
                      .width_px = dice.Uniform(2.5, 5.5)};
    Grow(dice, root, 5, veins);
    Tip back = root;  // A vein does not begin in the middle of a hand.
    back.heading_rad += std::numbers::pi;
    Grow(dice, back, 5, veins);
  }
  cv::GaussianBlur(veins, veins, cv::Size(), 1.8);
  return veins + 0.06 * Noise(dice, kCanvasPx, 3.0);
}

}  // namespace

double SeenSizeAtAge(double age_years) {
  constexpr double kBreadthAt6Mm = 60;
  constexpr double kBreadthAt18Mm = 80;
  assert(age_years >= 6 && age_years <= 18);
  const double breadth_mm = kBreadthAt6Mm + (kBreadthAt18Mm - kBreadthAt6Mm) * (age_years - 6) / 12;
  return breadth_mm / kBreadthAt18Mm;
}

std::vector<uint8_t> RenderSyntheticPalmPng(PalmSample sample) {
  constexpr int kSide = kSyntheticPalmSidePx;
  assert(sample.magnification >= 0.5 && sample.magnification <= 4);
  Dice palm_dice(sample.palm_seed);
  Dice dice(palm_dice.Next() ^ (sample.sample_seed * 0xd1342543de82ef95U + 1));
  const cv::Mat palm = DrawPalm(sample.palm_seed);

  const double moved = sample.still ? 0 : 1;
  cv::Mat pose = cv::getRotationMatrix2D(
      cv::Point2f(kCanvasPx / 2.0F, kCanvasPx / 2.0F), moved * dice.Uniform(-6, 6),
      (1 + moved * dice.Uniform(-0.03, 0.03)) * sample.magnification);
  pose.at<double>(0, 2) += (kSide - kCanvasPx) / 2.0 + moved * dice.Uniform(-6, 6);
  pose.at<double>(1, 2) += (kSide - kCanvasPx) / 2.0 + moved * dice.Uniform(-6, 6);
  cv::Mat seen;
  cv::warpAffine(palm, seen, pose, cv::Size(kSide, kSide), cv::INTER_LINEAR, cv::BORDER_REFLECT);

  const double light = dice.Uniform(115, 165);
  const double slope_x = dice.Uniform(-35, 35);
  const double slope_y = dice.Uniform(-35, 35);
  const double vein_contrast = dice.Uniform(35, 60);
  cv::Mat image = light - vein_contrast * seen;
  for (int y = 0; y < kSide; ++y) {
    for (int x = 0; x < kSide; ++x) {
      const double u = static_cast<double>(x) / kSide - 0.5;
      const double v = static_cast<double>(y) / kSide - 0.5;
      image.at<float>(y, x) += static_cast<float>(slope_x * u + slope_y * v - 40 * (u * u + v * v));
    }
  }
  image += 1.5 * Noise(dice, kSide, 2.5);  // Skin never presses twice in the same way.
  image += 2.5 * Noise(dice, kSide, 0);    // Sensor.
  cv::Mat grey;
  image.convertTo(grey, CV_8U);
  std::vector<uint8_t> file;
  const bool encoded = cv::imencode(".png", grey, file);
  assert(encoded);
  return file;
}

}  // namespace ladon::matcher
