// The distance of two vein codes: the scalar specification that every kernel must equal.
//
// Count:     cells = cells reliable in both codes; differing_bits = angular steps summed over
//            them, 0 .. 3 * cells.
// Normalise: HD = differing_bits / (3 * cells); distance = 1/2 - (1/2 - HD) * sqrt(cells / 1024),
//            after Daugman ("How iris recognition works", 2004): few common cells pull the value
//            towards 1/2, so that a small overlap gives no lucky match.
// The result is in units of 1/65536 ("q16"), 0 .. 65536, lower is nearer, computed in integers
// only, so it is the same on every CPU. Pure functions, safe from any thread.
//
// A search compares a template with a probe in two steps. Rigid: the probe moves as a whole, and
// the nearest translation counts. Elastic, for what is near enough to matter: a hand held flatter
// or bent differently is stretched, so each of 4 x 4 blocks of the template may find its cells one
// cell further on. This is what separates palms of two sessions (docs/adr/0008).
#ifndef LADON_MATCHER_DISTANCE_H_
#define LADON_MATCHER_DISTANCE_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

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

// Rigid alignment: a probe is compared at every translation of up to this many cells in x and in y.
inline constexpr int kAlignCellsMax = 4;
// Elastic alignment: how much further one block may move.
inline constexpr int kElasticCellsMax = 1;
// So a probe is needed at translations of up to this many cells.
inline constexpr int kShiftCellsMax = kAlignCellsMax + kElasticCellsMax;
inline constexpr int kShiftSide = 2 * kShiftCellsMax + 1;
inline constexpr int kShifts = kShiftSide * kShiftSide;

inline constexpr size_t kBlockSide = 8;  // Cells.
inline constexpr size_t kBlocksASide = kGridSide / kBlockSide;
inline constexpr size_t kBlocks = kBlocksASide * kBlocksASide;
// What a block's excess (below) must gain for each cell that it moves: else noise would move it.
inline constexpr int32_t kElasticPenalty = 4;
// A code that is farther than this after rigid alignment stays there: few unrelated ones are
// nearer, and moving blocks brings hardly any of the others within a threshold (docs/adr/0008).
inline constexpr int32_t kElasticRigidMaxQ16 = 29'400;

// What two unrelated codes have on average, and what no common cell at all gives.
inline constexpr int32_t kDistanceUnrelatedQ16 = 32768;

struct MaskedCount {
  uint32_t differing_bits = 0;
  uint32_t cells = 0;

  friend bool operator==(const MaskedCount&, const MaskedCount&) = default;
};

// How much more two codes agree than unrelated ones would: 3 * cells for equal codes, about 0 for
// unrelated ones.
inline int32_t ExcessOf(const MaskedCount& count) {
  return static_cast<int32_t>(kPlanes * count.cells) -
         2 * static_cast<int32_t>(count.differing_bits);
}

// Compares cell by cell, without alignment.
MaskedCount CountMasked(const VeinCode& a, const VeinCode& b);

// Needs differing_bits <= 3 * cells and cells <= kCells, as CountMasked and the kernels give them.
// In the header because the scan calls it once per comparison.
inline int32_t NormalisedDistanceQ16(const MaskedCount& count) {
  // Rounded to nearest; the arithmetic shift rounds the same way on either side of zero, so the
  // result is monotonic in differing_bits.
  constexpr int64_t kHalf = int64_t{1} << (distance_internal::kWeightBits - 1);
  const int64_t nearer =
      (int64_t{ExcessOf(count)} * distance_internal::kWeights[count.cells] + kHalf) >>
      distance_internal::kWeightBits;
  return kDistanceUnrelatedQ16 - static_cast<int32_t>(nearer);
}

// NormalisedDistanceQ16(CountMasked(a, b)).
int32_t DistanceQ16(const VeinCode& a, const VeinCode& b);

// Moves the content by (dx, dy): cell (x, y) of the result is cell (x - dx, y - dy) of `code`.
// Cells that come from outside the grid are masked out. Asserts |dx|, |dy| < kGridSide.
VeinCode Shift(const VeinCode& code, int dx, int dy);

// The counts of one block under each of the moves that it may make; the first is no move.
inline constexpr size_t kElasticSide = size_t{2} * kElasticCellsMax + 1;
inline constexpr size_t kElasticMoves = kElasticSide * kElasticSide;
struct CellMove {
  int dx = 0;
  int dy = 0;
};
inline constexpr std::array<CellMove, kElasticMoves> kMoves = {
    {{0, 0}, {-1, -1}, {0, -1}, {1, -1}, {-1, 0}, {1, 0}, {-1, 1}, {0, 1}, {1, 1}}};

// Which of `counts`, one a move, the block takes: the greatest excess after the penalty, and the
// first of equals.
[[nodiscard]] const MaskedCount& ChooseMove(std::span<const MaskedCount, kElasticMoves> counts);

// `probe`, moved by (dx, dy) as a whole, against `row`, blocks of `row` moving on their own.
[[nodiscard]] MaskedCount CountElastic(const VeinCode& row, const VeinCode& probe, int dx, int dy);

// What a search takes for the distance of `row`, and the specification of matcher/scan.h: the least
// over the probe's codes. A code is taken at its nearest rigid alignment (of equals the least dy,
// then the least dx), elastically if that is within kElasticRigidMaxQ16.
[[nodiscard]] int32_t SearchDistanceQ16(const VeinCode& row, std::span<const VeinCode> probe_codes);

}  // namespace ladon::matcher

#endif  // LADON_MATCHER_DISTANCE_H_
