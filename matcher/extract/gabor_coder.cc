#include "matcher/extract/gabor_coder.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <opencv2/imgproc.hpp>

namespace ladon::matcher::extract {
namespace {

constexpr int kRegionSidePx = 128;
constexpr int kSide = static_cast<int>(kGridSide);
constexpr int kCellPx = kRegionSidePx / kSide;
// Wide enough for half a kernel, and whole cells.
constexpr int kBorderPx = 32;
constexpr int kPaddedPx = kRegionSidePx + 2 * kBorderPx;
constexpr int kFoldedSide = kPaddedPx / kCellPx;
constexpr size_t kFilters = kLineSets * kOrientations;

// Answers with a positive value to a dark line along `angle_rad`.
cv::Mat MakeFilter(const LineFilter& s, double angle_rad) {
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

// The spectrum of filtering with `filter` and then averaging over the pixels of a cell, sampled at
// its first pixel.
cv::Mat SpectrumOf(const cv::Mat& filter) {
  cv::Mat kernel = cv::Mat::zeros(kPaddedPx, kPaddedPx, CV_32F);
  const int half = filter.cols / 2;
  for (int y = -half; y <= half; ++y) {
    for (int x = -half; x <= half; ++x) {
      for (int cell_y = 0; cell_y < kCellPx; ++cell_y) {
        for (int cell_x = 0; cell_x < kCellPx; ++cell_x) {
          // A pixel ahead of the sample has a negative place in the kernel: it wraps.
          kernel.at<float>((y - cell_y + kPaddedPx) % kPaddedPx,
                           (x - cell_x + kPaddedPx) % kPaddedPx) +=
              filter.at<float>(y + half, x + half) / (kCellPx * kCellPx);
        }
      }
    }
  }
  cv::Mat spectrum;
  cv::dft(kernel, spectrum, cv::DFT_COMPLEX_OUTPUT);
  return spectrum;
}

std::array<cv::Mat, 2> Split(const cv::Mat& complex) {
  std::array<cv::Mat, 2> parts;
  cv::split(complex, parts.data());
  return parts;
}

// The product of two spectra, folded: what is left of it when only every kCellPx-th pixel is kept.
cv::Mat FoldedProduct(const std::array<cv::Mat, 2>& image, const cv::Mat& real,
                      const cv::Mat& imaginary) {
  std::array<cv::Mat, 2> folded = {cv::Mat::zeros(kFoldedSide, kFoldedSide, CV_32F),
                                   cv::Mat::zeros(kFoldedSide, kFoldedSide, CV_32F)};
  for (int y = 0; y < kPaddedPx; ++y) {
    const auto* const a = image[0].ptr<float>(y);
    const auto* const b = image[1].ptr<float>(y);
    const auto* const c = real.ptr<float>(y);
    const auto* const d = imaginary.ptr<float>(y);
    auto* const out_real = folded[0].ptr<float>(y % kFoldedSide);
    auto* const out_imaginary = folded[1].ptr<float>(y % kFoldedSide);
    for (int first = 0; first < kPaddedPx; first += kFoldedSide) {
      for (int x = 0; x < kFoldedSide; ++x) {
        const int from = first + x;
        out_real[x] += a[from] * c[from] - b[from] * d[from];
        out_imaginary[x] += a[from] * d[from] + b[from] * c[from];
      }
    }
  }
  cv::Mat complex;
  cv::merge(folded.data(), folded.size(), complex);
  return complex;
}

// What one set of filters sees in a cell.
struct Line {
  int orientation = 0;
  float strength = 0;
};

Line LineAt(std::span<const cv::Mat> answers, int x, int y) {
  size_t best = 0;
  size_t least = 0;
  for (size_t k = 1; k < answers.size(); ++k) {
    const float answer = answers[k].at<float>(y, x);
    if (answer > answers[best].at<float>(y, x)) best = k;
    if (answer < answers[least].at<float>(y, x)) least = k;
  }
  // A strong line counts, and so does how clearly it beats the worst direction.
  return {.orientation = static_cast<int>(best),
          .strength = answers[best].at<float>(y, x) - answers[least].at<float>(y, x) / 2};
}

}  // namespace

GaborCoder::GaborCoder(const GaborSettings& settings) : settings_(settings) {
  std::vector<cv::Mat> spectra;
  for (const LineFilter& line : settings_.lines) {
    for (int k = 0; k < kOrientations; ++k) {
      spectra.push_back(SpectrumOf(MakeFilter(line, std::numbers::pi * k / kOrientations)));
    }
  }
  for (size_t f = 0; f < kFilters; f += 2) {
    const std::array<cv::Mat, 2> one = Split(spectra[f]);
    const std::array<cv::Mat, 2> other = Split(spectra[f + 1]);
    pairs_.push_back({.real = one[0] - other[1], .imaginary = one[1] + other[0]});
  }
}

std::vector<VeinCode> GaborCoder::Code(const cv::Mat& region, std::span<const Pose> poses) const {
  const cv::Mat image = Normalise(region, settings_);
  std::vector<VeinCode> codes;
  codes.reserve(poses.size());
  for (const Pose& pose : poses) codes.push_back(CodeOf(Turn(image, pose)));
  return codes;
}

std::vector<GaborCoder::Answer> GaborCoder::AnswersOf(const cv::Mat& image) const {
  cv::Mat padded;
  cv::copyMakeBorder(image, padded, kBorderPx, kBorderPx, kBorderPx, kBorderPx, cv::BORDER_REFLECT);
  cv::Mat spectrum;
  cv::dft(padded, spectrum, cv::DFT_COMPLEX_OUTPUT);
  const std::array<cv::Mat, 2> parts = Split(spectrum);
  constexpr int kFirstCell = kBorderPx / kCellPx;
  const cv::Rect palm(kFirstCell, kFirstCell, kSide, kSide);
  std::vector<Answer> answers;
  answers.reserve(kFilters);
  for (const FilterPair& pair : pairs_) {
    cv::Mat both;
    cv::idft(FoldedProduct(parts, pair.real, pair.imaginary), both, cv::DFT_SCALE);
    for (const cv::Mat& answer : Split(both)) answers.push_back(answer(palm));
  }
  return answers;
}

VeinCode GaborCoder::CodeOf(const cv::Mat& image) const {
  const std::vector<Answer> answers = AnswersOf(image);
  std::array<std::vector<Line>, kLineSets> lines;
  std::array<float, kLineSets> sums{};
  for (size_t set = 0; set < kLineSets; ++set) {
    const std::span<const Answer> of_set(answers.data() + set * kOrientations, kOrientations);
    for (int cell = 0; cell < static_cast<int>(kCells); ++cell) {
      lines[set].push_back(LineAt(of_set, cell % kSide, cell / kSide));
      sums[set] += lines[set].back().strength;
    }
  }
  // Strengths of the two sets compare after division by their means.
  std::vector<float> strength(kCells);
  for (size_t cell = 0; cell < kCells; ++cell) {
    strength[cell] = std::min(lines[0][cell].strength / sums[0], lines[1][cell].strength / sums[1]);
  }
  std::vector<float> ranked = strength;
  const auto cut = static_cast<ptrdiff_t>(settings_.masked_fraction * static_cast<double>(kCells));
  std::nth_element(ranked.begin(), ranked.begin() + cut, ranked.end());
  VeinCode code;
  for (size_t cell = 0; cell < kCells; ++cell) {
    if (strength[cell] < ranked[static_cast<size_t>(cut)]) continue;
    SetCell(code, cell % kGridSide, cell / kGridSide,
            {.fine = lines[0][cell].orientation, .coarse = lines[1][cell].orientation});
  }
  return code;
}

}  // namespace ladon::matcher::extract
