// The distance of two vein codes: the scalar specification that every kernel must equal.
//
// Count:     cells = cells reliable in both codes; differing_bits = angular steps summed over
//            them, 0 .. 3 * cells.
// Normalise: HD = differing_bits / (3 * cells); distance = 1/2 - (1/2 - HD) * sqrt(cells / 1024),
//            after Daugman ("How iris recognition works", 2004): few common cells pull the value
//            towards 1/2, so that a small overlap gives no lucky match.
// The result is in units of 1/65536 ("q16"), 0 .. 65536, lower is nearer, computed in integers
// only, so it is the same on every CPU. Pure functions, safe from any thread.
#ifndef LADON_MATCHER_DISTANCE_H_
#define LADON_MATCHER_DISTANCE_H_

#include <array>
#include <cstddef>
#include <cstdint>

#include "matcher/vein_code.h"

namespace ladon::matcher {

namespace distance_internal {

// With n cells and d differing bits, 65536 * (1/2 - HD) * sqrt(n / 1024) is (3n - 2d) * weight(n),
// weight(n) = 65536 / (6n) * sqrt(n / 1024) = 65536 / (192 * sqrt(n)), kept in units of
// 2^-kWeightBits.
inline constexpr int kWeightBits = 16;

// floor(sqrt(v)) by bisection, at compile time.
constexpr uint64_t IntegerSqrt(uint64_t v) {
  uint64_t low = 0;
  uint64_t high = uint64_t{1} << 32;
  while (low + 1 < high) {
    const uint64_t middle = low + (high - low) / 2;
    if (middle <= v / middle) {
      low = middle;
    } else {
      high = middle;
    }
  }
  return low;
}

// weight(n) * 2^16 = 2^32 / (192 * sqrt(n)) = 2^52 / (192 * sqrt(n * 2^40)), rounded.
constexpr std::array<int32_t, kCells + 1> MakeWeights() {
  std::array<int32_t, kCells + 1> weights{};
  for (uint64_t n = 1; n <= kCells; ++n) {
    const uint64_t divisor = 192 * IntegerSqrt(n << 40);
    weights[n] = static_cast<int32_t>(((uint64_t{1} << 52) + divisor / 2) / divisor);
  }
  return weights;
}

inline constexpr std::array<int32_t, kCells + 1> kWeights = MakeWeights();

}  // namespace distance_internal

// Alignment: a probe is compared at every translation of up to this many cells in x and in y.
inline constexpr int kShiftCellsMax = 4;
inline constexpr int kShifts = (2 * kShiftCellsMax + 1) * (2 * kShiftCellsMax + 1);

// What two unrelated codes have on average, and what no common cell at all gives.
inline constexpr int32_t kDistanceUnrelatedQ16 = 32768;

struct MaskedCount {
  uint32_t differing_bits = 0;
  uint32_t cells = 0;

  friend bool operator==(const MaskedCount&, const MaskedCount&) = default;
};

// Compares cell by cell, without alignment.
MaskedCount CountMasked(const VeinCode& a, const VeinCode& b);

// Needs differing_bits <= 3 * cells and cells <= kCells, as CountMasked and the kernels give them.
// In the header because the scan calls it once per comparison.
inline int32_t NormalisedDistanceQ16(const MaskedCount& count) {
  const int32_t excess =
      static_cast<int32_t>(kPlanes * count.cells) - 2 * static_cast<int32_t>(count.differing_bits);
  // Rounded to nearest; the arithmetic shift rounds the same way on either side of zero, so the
  // result is monotonic in differing_bits.
  constexpr int64_t kHalf = int64_t{1} << (distance_internal::kWeightBits - 1);
  const int64_t nearer = (int64_t{excess} * distance_internal::kWeights[count.cells] + kHalf) >>
                         distance_internal::kWeightBits;
  return kDistanceUnrelatedQ16 - static_cast<int32_t>(nearer);
}

// NormalisedDistanceQ16(CountMasked(a, b)).
int32_t DistanceQ16(const VeinCode& a, const VeinCode& b);

// Moves the content by (dx, dy): cell (x, y) of the result is cell (x - dx, y - dy) of `code`.
// Cells that come from outside the grid are masked out. Asserts |dx|, |dy| < kGridSide.
VeinCode Shift(const VeinCode& code, int dx, int dy);

}  // namespace ladon::matcher

#endif  // LADON_MATCHER_DISTANCE_H_
