// The distance of two vein codes: the scalar specification that every kernel must equal.
//
// Count:     cells = cells reliable in both codes; differing_bits = angular steps summed over them
//            and over both sets of lines, 0 .. 6 * cells; excess = 6 * cells - 2 * differing_bits,
//            how much more two codes agree than unrelated ones would.
// Normalise: distance = 1/2 - (1/2 - HD) * sqrt(cells / 1024) with HD = differing_bits / (6 *
//            cells), after Daugman ("How iris recognition works", 2004): few common cells pull the
//            value towards 1/2, so that a small overlap gives no lucky match.
// The result is in units of 1/65536 ("q16"), 0 .. 65536, lower is nearer, computed in integers
// only, so it is the same on every CPU. Pure functions, safe from any thread.
//
// A search compares a template with a probe elastically: a hand held flatter or bent differently is
// not only moved but stretched, so at every translation each of 4 x 4 blocks of the template may
// find its cells one cell further on, at a price. This is what separates palms of two sessions
// (docs/adr/0009).
#ifndef LADON_MATCHER_DISTANCE_H_
#define LADON_MATCHER_DISTANCE_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "matcher/vein_code.h"

namespace ladon::matcher {

namespace distance_internal {

// With n cells and excess e, 65536 * (1/2 - HD) * sqrt(n / 1024) is e * weight(n), weight(n) =
// 65536 / (12n) * sqrt(n / 1024) = 65536 / (384 * sqrt(n)), kept in units of 2^-kWeightBits.
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

// weight(n) * 2^16 = 2^32 / (384 * sqrt(n)) = 2^52 / (384 * sqrt(n * 2^40)), rounded.
constexpr std::array<int32_t, kCells + 1> MakeWeights() {
  std::array<int32_t, kCells + 1> weights{};
  for (uint64_t n = 1; n <= kCells; ++n) {
    const uint64_t divisor = 2 * kPlanes * kGridSide * IntegerSqrt(n << 40);
    weights[n] = static_cast<int32_t>(((uint64_t{1} << 52) + divisor / 2) / divisor);
  }
  return weights;
}

inline constexpr std::array<int32_t, kCells + 1> kWeights = MakeWeights();

}  // namespace distance_internal

// Raised whenever the distance of any pair changes: a calibration (calibration.h) of another
// version says nothing about this one.
inline constexpr int kComparisonVersion = 2;

// A probe is compared at every translation of up to this many cells in x and in y.
inline constexpr int kShiftCellsMax = 5;
inline constexpr int kShiftSide = 2 * kShiftCellsMax + 1;
inline constexpr int kShifts = kShiftSide * kShiftSide;

// A translation that leaves fewer common cells than this decides nothing: its distance is
// kDistanceUnrelatedQ16. Two ordinary codes have 550 left in the farthest corner.
inline constexpr uint32_t kCommonCellsMin = 256;

// What two unrelated codes have on average, and what too small an overlap gives.
inline constexpr int32_t kDistanceUnrelatedQ16 = 32768;

struct MaskedCount {
  int32_t excess = 0;
  uint32_t cells = 0;

  friend bool operator==(const MaskedCount&, const MaskedCount&) = default;
};

// Compares cell by cell, without alignment.
MaskedCount CountMasked(const VeinCode& a, const VeinCode& b);

// The same for each block on its own, the order of words: 16 excesses that add up to the whole.
std::array<int32_t, kBlocks> ExcessByBlock(const VeinCode& a, const VeinCode& b);

// Needs cells <= kCells and |excess| <= 6 * kCells, as the counts above and the kernels give them.
// In the header because the scan calls it once per comparison.
inline int32_t NormalisedDistanceQ16(const MaskedCount& count) {
  if (count.cells < kCommonCellsMin) return kDistanceUnrelatedQ16;
  // Rounded to nearest; the arithmetic shift rounds the same way on either side of zero, so the
  // result is monotonic in the excess.
  constexpr int64_t kHalf = int64_t{1} << (distance_internal::kWeightBits - 1);
  const int64_t nearer =
      (int64_t{count.excess} * distance_internal::kWeights[count.cells] + kHalf) >>
      distance_internal::kWeightBits;
  return kDistanceUnrelatedQ16 - static_cast<int32_t>(nearer);
}

// NormalisedDistanceQ16(CountMasked(a, b)): as the codes lie, without alignment.
int32_t DistanceQ16(const VeinCode& a, const VeinCode& b);

// Moves the content by (dx, dy): cell (x, y) of the result is cell (x - dx, y - dy) of `code`.
// Cells that come from outside the grid are masked out. Asserts |dx|, |dy| < kGridSide.
VeinCode Shift(const VeinCode& code, int dx, int dy);

// What a search takes for the distance of `row`, and the specification of matcher/scan.h: the least
// over the probe's codes and all translations (dx, dy). At a translation each block takes its
// greatest excess among the translations at most one cell away in x and in y and within
// kShiftCellsMax, less kernels::kMovePenalty for each cell; the excesses add up, and the common
// cells are those of (dx, dy) itself.
[[nodiscard]] int32_t SearchDistanceQ16(const VeinCode& row, std::span<const VeinCode> probe_codes);

}  // namespace ladon::matcher

#endif  // LADON_MATCHER_DISTANCE_H_
