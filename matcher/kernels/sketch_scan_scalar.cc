#include "matcher/kernels/sketch_scan_scalar.h"

#include "matcher/kernels/layout.h"

namespace ladon::matcher::kernels {
namespace {

constexpr size_t kSide = kSketchStepsASide;

unsigned Least(unsigned here, unsigned before, unsigned after) {
  const unsigned moved = (before < after ? before : after) + kStepPenalty;
  return here < moved ? here : moved;
}

// The least costs of one word of one row: across, then down.
void Spread(unsigned* costs) {
  unsigned across[kSketchSteps];
  for (size_t y = 0; y < kSide; ++y) {
    for (size_t x = 0; x < kSide; ++x) {
      const unsigned* const row = costs + y * kSide;
      across[y * kSide + x] =
          Least(row[x], row[x == 0 ? x : x - 1], row[x + 1 == kSide ? x : x + 1]);
    }
  }
  for (size_t y = 0; y < kSide; ++y) {
    for (size_t x = 0; x < kSide; ++x) {
      costs[y * kSide + x] = Least(across[y * kSide + x], across[(y == 0 ? y : y - 1) * kSide + x],
                                   across[(y + 1 == kSide ? y : y + 1) * kSide + x]);
    }
  }
}

}  // namespace

void SketchScanScalar(const uint8_t* block, const uint8_t* tables, uint16_t* least, uint8_t* at) {
  for (size_t r = 0; r < kSketchRows; ++r) {
    unsigned totals[kSketchSteps] = {};
    unsigned sums[kSketchSteps] = {};
    for (size_t w = 0; w < kWordsAPlane; ++w) {
      unsigned costs[kSketchSteps] = {};
      for (size_t n = 0; n < kSketchNibbles; ++n) {
        const uint8_t packed = block[(w * kSketchNibbles + n) * 32 + r % 32];
        const size_t value = r < 32 ? packed & 0x0f : packed >> 4;
        for (size_t t = 0; t < kSketchSteps; ++t) {
          costs[t] += tables[((w * kSketchSteps + t) * kSketchNibbles + n) * 16 + value];
        }
      }
      Spread(costs);
      for (size_t t = 0; t < kSketchSteps; ++t) {
        sums[t] += costs[t];
        if (w % kSketchWordsASum + 1 == kSketchWordsASum) {
          totals[t] += sums[t] < 255 ? sums[t] : 255;
          sums[t] = 0;
        }
      }
    }
    size_t best = 0;
    for (size_t t = 1; t < kSketchSteps; ++t) {
      if (totals[t] < totals[best]) best = t;
    }
    least[r] = static_cast<uint16_t>(totals[best]);
    at[r] = static_cast<uint8_t>(best);
  }
}

}  // namespace ladon::matcher::kernels
