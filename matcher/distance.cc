#include "matcher/distance.h"

#include <algorithm>
#include <bit>
#include <cassert>
#include <cstddef>
#include <cstdlib>
#include <limits>

namespace ladon::matcher {
namespace {

// The counts of one block of `row`.
MaskedCount CountBlock(const VeinCode& row, const VeinCode& probe, size_t block) {
  MaskedCount count;
  const size_t left = block % kBlocksASide * kBlockSide;
  const size_t top = block / kBlocksASide * kBlockSide;
  for (size_t y = top; y < top + kBlockSide; ++y) {
    for (size_t x = left; x < left + kBlockSide; ++x) {
      const std::optional<int> a = OrientationAt(row, x, y);
      const std::optional<int> b = OrientationAt(probe, x, y);
      if (!a.has_value() || !b.has_value()) continue;
      const int apart = std::abs(*a - *b);
      ++count.cells;
      count.differing_bits += static_cast<uint32_t>(std::min(apart, kOrientations - apart));
    }
  }
  return count;
}

}  // namespace

MaskedCount CountMasked(const VeinCode& a, const VeinCode& b) {
  MaskedCount count;
  for (size_t w = 0; w < kPlaneWords; ++w) {
    const uint64_t mask = a.words[kPlanes * kPlaneWords + w] & b.words[kPlanes * kPlaneWords + w];
    count.cells += static_cast<uint32_t>(std::popcount(mask));
    for (size_t p = 0; p < kPlanes; ++p) {
      const size_t i = p * kPlaneWords + w;
      count.differing_bits +=
          static_cast<uint32_t>(std::popcount((a.words[i] ^ b.words[i]) & mask));
    }
  }
  return count;
}

int32_t DistanceQ16(const VeinCode& a, const VeinCode& b) {
  return NormalisedDistanceQ16(CountMasked(a, b));
}

VeinCode Shift(const VeinCode& code, int dx, int dy) {
  constexpr int kSide = static_cast<int>(kGridSide);
  assert(-kSide < dx && dx < kSide && -kSide < dy && dy < kSide);
  VeinCode out;
  for (int y = 0; y < kSide; ++y) {
    const int from_y = y - dy;
    if (from_y < 0 || from_y >= kSide) continue;
    for (size_t p = 0; p <= kPlanes; ++p) {
      // A grid row is half a word: shifting its 32 bits drops what leaves and fills with zeros.
      const size_t base = p * kPlaneWords;
      const uint64_t word = code.words[base + static_cast<size_t>(from_y) / 2];
      auto row = static_cast<uint32_t>(word >> (from_y % 2 * 32));
      row = dx >= 0 ? row << dx : row >> -dx;
      out.words[base + static_cast<size_t>(y) / 2] |= uint64_t{row} << (y % 2 * 32);
    }
  }
  return out;
}

const MaskedCount& ChooseMove(std::span<const MaskedCount, kElasticMoves> counts) {
  size_t best = 0;
  int32_t best_gain = std::numeric_limits<int32_t>::min();
  for (size_t m = 0; m < kElasticMoves; ++m) {
    const int cells = std::abs(kMoves[m].dx) + std::abs(kMoves[m].dy);
    const int32_t gain = ExcessOf(counts[m]) - kElasticPenalty * cells;
    if (gain > best_gain) {
      best = m;
      best_gain = gain;
    }
  }
  return counts[best];
}

MaskedCount CountElastic(const VeinCode& row, const VeinCode& probe, int dx, int dy) {
  std::array<VeinCode, kElasticMoves> moved;
  for (size_t m = 0; m < kElasticMoves; ++m) {
    moved[m] = Shift(probe, dx + kMoves[m].dx, dy + kMoves[m].dy);
  }
  MaskedCount total;
  for (size_t block = 0; block < kBlocks; ++block) {
    std::array<MaskedCount, kElasticMoves> counts;
    for (size_t m = 0; m < kElasticMoves; ++m) counts[m] = CountBlock(row, moved[m], block);
    const MaskedCount& chosen = ChooseMove(counts);
    total.differing_bits += chosen.differing_bits;
    total.cells += chosen.cells;
  }
  return total;
}

int32_t SearchDistanceQ16(const VeinCode& row, std::span<const VeinCode> probe_codes) {
  int32_t least = std::numeric_limits<int32_t>::max();
  for (const VeinCode& code : probe_codes) {
    int32_t rigid = std::numeric_limits<int32_t>::max();
    CellMove at;
    for (int dy = -kAlignCellsMax; dy <= kAlignCellsMax; ++dy) {
      for (int dx = -kAlignCellsMax; dx <= kAlignCellsMax; ++dx) {
        const int32_t distance = DistanceQ16(row, Shift(code, dx, dy));
        if (distance >= rigid) continue;
        rigid = distance;
        at = {.dx = dx, .dy = dy};
      }
    }
    const int32_t distance = rigid <= kElasticRigidMaxQ16
                                 ? NormalisedDistanceQ16(CountElastic(row, code, at.dx, at.dy))
                                 : rigid;
    least = std::min(least, distance);
  }
  return least;
}

}  // namespace ladon::matcher
