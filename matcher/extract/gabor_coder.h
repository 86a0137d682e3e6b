// From a palm region to a vein code.
//
// The region is brought to 128 x 128 pixels and normalised locally, so that neither light nor skin
// matters. Two sets of six Gabor filters that answer nothing to constants look for dark lines, fine
// and coarse ones; each answer is averaged over the 4 x 4 pixels of a cell; in each set the
// strongest answer names the cell's orientation (the competitive rule of Kong and Zhang,
// "Competitive coding scheme for palmprint verification", ICPR 2004); the cells with the weakest
// answers in either set are masked.
//
// Filtering, averaging and sampling are one multiplication in the frequency domain: taking every
// fourth pixel folds a spectrum onto a quarter of its side, so the way back is short, and one
// complex transform brings back two filters.
//
// Deterministic: one thread, no state but the constant spectra. Safe from any thread. May throw
// cv::Exception; ExtractTemplate and ExtractProbe stop it.
#ifndef LADON_MATCHER_EXTRACT_GABOR_CODER_H_
#define LADON_MATCHER_EXTRACT_GABOR_CODER_H_

#include <array>
#include <opencv2/core.hpp>
#include <span>
#include <vector>

#include "matcher/vein_code.h"

namespace ladon::matcher::extract {

struct LineFilter {
  double sigma_px = 0;       // The round envelope: how much of the line a filter sees.
  double wavelength_px = 0;  // One dark line and its bright flanks.
  int kernel_px = 0;         // Odd.
};

// What the filters see. The shipped values are the defaults; they were chosen on three public
// sets at once (docs/adr/0009).
struct GaborSettings {
  std::array<LineFilter, kLineSets> lines = {
      {{.sigma_px = 3.0, .wavelength_px = 8.0, .kernel_px = 25},
       {.sigma_px = 6.0, .wavelength_px = 15.0, .kernel_px = 39}}};
  double window_sigma_px = 8.0;   // Local normalisation.
  double contrast_floor = 4.0;    // Grey levels added to the local deviation.
  double masked_fraction = 0.10;  // The weakest cells.
};

// How the region is turned before it is coded.
struct Pose {
  double rotation_deg = 0;
  double scale = 1;
};

class GaborCoder {
 public:
  explicit GaborCoder(const GaborSettings& settings);

  // One code per pose, in order. `region` is CV_8UC1 of any size.
  std::vector<VeinCode> Code(const cv::Mat& region, std::span<const Pose> poses) const;

 private:
  // The spectra of two filters, the second times i, real and imaginary parts apart.
  struct FilterPair {
    cv::Mat real;
    cv::Mat imaginary;
  };
  // One value a cell.
  using Answer = cv::Mat;

  std::vector<Answer> AnswersOf(const cv::Mat& image) const;
  VeinCode CodeOf(const cv::Mat& image) const;

  GaborSettings settings_;
  std::vector<FilterPair> pairs_;  // In the order of the filters: set by set, angle by angle.
};

}  // namespace ladon::matcher::extract

#endif  // LADON_MATCHER_EXTRACT_GABOR_CODER_H_
