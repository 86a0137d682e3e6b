// Synthetic hands: pictures of a whole hand before a dark background, with a synthetic palm on it.
//
// For tests and demonstration of the way from a picture to a palm region (hand_locator.h). The same
// sample gives the same bytes on one build. Pure, safe from any thread.
#ifndef LADON_MATCHER_EXTRACT_SYNTHETIC_HAND_H_
#define LADON_MATCHER_EXTRACT_SYNTHETIC_HAND_H_

#include <cstdint>
#include <vector>

#include "matcher/extract/synthetic_palm.h"

namespace ladon::matcher {

inline constexpr int kSyntheticHandWidthPx = 640;
inline constexpr int kSyntheticHandHeightPx = 480;

struct HandSample {
  PalmSample palm;          // It fills its hand: magnification is ignored, still is true.
  double age_years = 18;    // 6 to 18: how large the hand is seen, SeenSizeAtAge.
  double rotation_deg = 0;  // Clockwise, -180 to 180; fingers up at 0.
  double shift_x_px = 0;    // From the middle of the picture, to the right and down.
  double shift_y_px = 0;
  double spread_deg = 9;  // Between two fingers; 0 and less: closed, no valley is seen.
};

// A grey PNG file.
std::vector<uint8_t> RenderSyntheticHandPng(const HandSample& sample);

}  // namespace ladon::matcher

#endif  // LADON_MATCHER_EXTRACT_SYNTHETIC_HAND_H_
