// From a palm region to vein codes: the image processing of code v1, without any file format.
//
// Steps: the grey region is reduced to 128 x 128; brightness and contrast are normalised against a
// local Gaussian window, so that skin tone and uneven light cancel; the result is rotated and
// scaled; six Gabor filters without response to constants look for dark lines; each filter's
// response is averaged over the 4 x 4 pixels of a cell; the strongest answer names the cell's
// orientation (the competitive rule of Kong and Zhang, "Competitive coding scheme for palmprint
// verification", ICPR 2004); the cells with the weakest answers are masked.
//
// Deterministic: one thread, no state but the constant filters. Safe from any thread. May throw
// cv::Exception; ExtractTemplate and ExtractProbe stop it.
#ifndef LADON_MATCHER_EXTRACT_GABOR_CODER_H_
#define LADON_MATCHER_EXTRACT_GABOR_CODER_H_

#include <array>
#include <opencv2/core.hpp>
#include <span>
#include <vector>

#include "matcher/vein_code.h"

namespace ladon::matcher::extract {

// What the filters see. The shipped values are the defaults; they were chosen on three public
// sets at once (matcher/README.md).
struct GaborSettings {
  double sigma_px = 4.0;          // The round envelope: how much of the line a filter sees.
  double wavelength_px = 10.0;    // One dark line and its bright flanks.
  int kernel_px = 31;             // Odd.
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
  VeinCode CodeOf(const cv::Mat& image) const;

  GaborSettings settings_;
  std::array<cv::Mat, kOrientations> filters_;
};

}  // namespace ladon::matcher::extract

#endif  // LADON_MATCHER_EXTRACT_GABOR_CODER_H_
