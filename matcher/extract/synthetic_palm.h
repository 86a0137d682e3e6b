// Synthetic palms: images for tests, demo and load, so that nobody needs a real child's hand.
//
// A palm seed grows a branching vein network, creases and skin texture; a sample seed varies what
// a second visit would: shift, rotation, scale, light, vein contrast, sensor noise. The same seeds
// give the same bytes on one build. The images are much easier than real ones: accuracy on them
// shows that the machinery works, and nothing about people. Pure, safe from any thread.
#ifndef LADON_MATCHER_EXTRACT_SYNTHETIC_PALM_H_
#define LADON_MATCHER_EXTRACT_SYNTHETIC_PALM_H_

#include <cstdint>
#include <vector>

namespace ladon::matcher {

inline constexpr int kSyntheticPalmSidePx = 160;

struct PalmSample {
  uint64_t palm_seed = 0;
  uint64_t sample_seed = 0;
  // How much larger the palm is seen than by default, 0.5 to 4: wider veins, fewer of them.
  double magnification = 1;
  // As the palm lies on its hand: neither shifted nor turned, only lit and seen anew.
  bool still = false;
};

// How large the palm of a child is seen by a sensor at a fixed distance, as a part of an adult's: a
// hand is about 60 mm broad at 6 years and 80 mm at 18, and grows evenly here. As `magnification`
// it gives a palm that grows with its owner: the same seed, another age. Asserts 6 to 18 years.
double SeenSizeAtAge(double age_years);

// A grey PNG file of kSyntheticPalmSidePx a side; ExtractTemplate accepts it.
std::vector<uint8_t> RenderSyntheticPalmPng(PalmSample sample);

}  // namespace ladon::matcher

#endif  // LADON_MATCHER_EXTRACT_SYNTHETIC_PALM_H_
