#include "matcher/distance.h"

#include <algorithm>
#include <bit>
#include <cassert>
#include <cstddef>
#include <cstdlib>
#include <vector>

#include "matcher/kernels/elastic_totals_scalar.h"

namespace ladon::matcher {
namespace {

// A plane as 32 rows of 32 cells, cell x of a row in bit x.
using PlaneRows = std::array<uint32_t, kGridSide>;

PlaneRows RowsOf(const uint64_t* plane) {
  PlaneRows rows{};
  for (size_t y = 0; y < kGridSide; ++y) {
    for (size_t column = 0; column < kBlocksASide; ++column) {
      const uint64_t block = plane[y / kBlockSide * kBlocksASide + column];
      const uint64_t eight = block >> (y % kBlockSide * kBlockSide) & 0xff;
      rows[y] |= static_cast<uint32_t>(eight << (column * kBlockSide));
    }
  }
  return rows;
}

void SetRow(uint64_t* plane, size_t y, uint32_t row) {
  for (size_t column = 0; column < kBlocksASide; ++column) {
    const uint64_t eight = row >> (column * kBlockSide) & 0xff;
    plane[y / kBlockSide * kBlocksASide + column] |= eight << (y % kBlockSide * kBlockSide);
  }
}

// What one block can count on at translation (dx, dy), given its excess at every translation.
int32_t BestNearby(const std::vector<std::array<int32_t, kBlocks>>& excess, size_t block, int dx,
                   int dy) {
  int32_t best = 0;
  bool found = false;
  for (int y = dy - 1; y <= dy + 1; ++y) {
    for (int x = dx - 1; x <= dx + 1; ++x) {
      if (std::abs(x) > kShiftCellsMax || std::abs(y) > kShiftCellsMax) continue;
      const int place = (y + kShiftCellsMax) * kShiftSide + x + kShiftCellsMax;
      const int32_t price = kernels::kMovePenalty * (std::abs(x - dx) + std::abs(y - dy));
      const int32_t gain = excess[static_cast<size_t>(place)][block] - price;
      best = found ? std::max(best, gain) : gain;
      found = true;
    }
  }
  return best;
}

}  // namespace

std::array<int32_t, kBlocks> ExcessByBlock(const VeinCode& a, const VeinCode& b) {
  std::array<int32_t, kBlocks> excess{};
  for (size_t w = 0; w < kPlaneWords; ++w) {
    const uint64_t mask = a.words[kPlanes * kPlaneWords + w] & b.words[kPlanes * kPlaneWords + w];
    excess[w] = static_cast<int32_t>(kPlanes) * std::popcount(mask);
    for (size_t p = 0; p < kPlanes; ++p) {
      const size_t i = p * kPlaneWords + w;
      excess[w] -= 2 * std::popcount((a.words[i] ^ b.words[i]) & mask);
    }
  }
  return excess;
}

MaskedCount CountMasked(const VeinCode& a, const VeinCode& b) {
  MaskedCount count;
  for (const int32_t excess : ExcessByBlock(a, b)) count.excess += excess;
  for (size_t w = kPlanes * kPlaneWords; w < kCodeWords; ++w) {
    count.cells += static_cast<uint32_t>(std::popcount(a.words[w] & b.words[w]));
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
  for (size_t p = 0; p <= kPlanes; ++p) {
    const PlaneRows rows = RowsOf(code.words.data() + p * kPlaneWords);
    for (int y = std::max(0, dy); y < std::min(kSide, kSide + dy); ++y) {
      // Shifting 32 bits drops what leaves and fills with zeros.
      const uint32_t row = rows[static_cast<size_t>(y - dy)];
      SetRow(out.words.data() + p * kPlaneWords, static_cast<size_t>(y),
             dx >= 0 ? row << dx : row >> -dx);
    }
  }
  return out;
}

int32_t SearchDistanceQ16(const VeinCode& row, std::span<const VeinCode> probe_codes) {
  int32_t least = kDistanceUnrelatedQ16 * 2;
  for (const VeinCode& code : probe_codes) {
    std::vector<std::array<int32_t, kBlocks>> excess;
    std::vector<uint32_t> cells;
    for (int dy = -kShiftCellsMax; dy <= kShiftCellsMax; ++dy) {
      for (int dx = -kShiftCellsMax; dx <= kShiftCellsMax; ++dx) {
        const VeinCode moved = Shift(code, dx, dy);
        excess.push_back(ExcessByBlock(row, moved));
        cells.push_back(CountMasked(row, moved).cells);
      }
    }
    size_t place = 0;
    for (int dy = -kShiftCellsMax; dy <= kShiftCellsMax; ++dy) {
      for (int dx = -kShiftCellsMax; dx <= kShiftCellsMax; ++dx) {
        MaskedCount total = {.excess = 0, .cells = cells[place++]};
        for (size_t block = 0; block < kBlocks; ++block) {
          total.excess += BestNearby(excess, block, dx, dy);
        }
        least = std::min(least, NormalisedDistanceQ16(total));
      }
    }
  }
  return least;
}

}  // namespace ladon::matcher
