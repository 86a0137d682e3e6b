// Seeded codes for tests: random ones, and noisy copies that stay near their original.
#ifndef LADON_TESTS_MATCHER_RANDOM_CODES_H_
#define LADON_TESTS_MATCHER_RANDOM_CODES_H_

#include <random>
#include <span>

#include "matcher/random_source.h"
#include "matcher/scan.h"
#include "matcher/vein_code.h"

namespace ladon::matcher {

// A canonical code; each cell is masked out with probability `masked`.
inline VeinCode RandomCode(std::mt19937_64& rng, double masked = 0.1) {
  VeinCode code;
  std::uniform_int_distribution<int> orientation(0, kOrientations - 1);
  std::bernoulli_distribution out(masked);
  for (size_t y = 0; y < kGridSide; ++y) {
    for (size_t x = 0; x < kGridSide; ++x) {
      if (out(rng)) continue;
      const int fine = orientation(rng);
      SetCell(code, x, y, {.fine = fine, .coarse = orientation(rng)});
    }
  }
  return code;
}

// `code` with each reliable cell redrawn with probability `noise`.
inline VeinCode NoisyCopy(const VeinCode& code, double noise, std::mt19937_64& rng) {
  VeinCode copy = code;
  std::uniform_int_distribution<int> orientation(0, kOrientations - 1);
  std::bernoulli_distribution redraw(noise);
  for (size_t y = 0; y < kGridSide; ++y) {
    for (size_t x = 0; x < kGridSide; ++x) {
      if (!CellAt(code, x, y).has_value() || !redraw(rng)) continue;
      const int fine = orientation(rng);
      SetCell(copy, x, y, {.fine = fine, .coarse = orientation(rng)});
    }
  }
  return copy;
}

inline RandomSource SeededBytes(uint64_t seed) {
  return [rng = std::mt19937_64(seed)](std::span<uint8_t> out) mutable {
    for (uint8_t& b : out) b = static_cast<uint8_t>(rng());
  };
}

inline SubjectRef SubjectOf(uint64_t number) {
  SubjectRef subject;
  for (size_t i = 0; i < 8; ++i) subject.bytes[15 - i] = static_cast<uint8_t>(number >> (8 * i));
  return subject;
}

}  // namespace ladon::matcher

#endif  // LADON_TESTS_MATCHER_RANDOM_CODES_H_
