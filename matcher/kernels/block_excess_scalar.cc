#include "matcher/kernels/block_excess_scalar.h"

#include "matcher/kernels/layout.h"

namespace ladon::matcher::kernels {

void BlockExcessScalar(const uint64_t* row, const uint64_t* variants, size_t variant_count,
                       int16_t* excess, uint16_t* cells) {
  for (size_t v = 0; v < variant_count; ++v) {
    const uint64_t* const variant = variants + v * kWordsACode;
    int all_cells = 0;
    for (size_t w = 0; w < kWordsAPlane; ++w) {
      const uint64_t mask = row[kMaskWord + w] & variant[kMaskWord + w];
      int differing = 0;
      for (size_t plane = 0; plane < kMaskWord; plane += kWordsAPlane) {
        differing += __builtin_popcountll((row[plane + w] ^ variant[plane + w]) & mask);
      }
      const int common = __builtin_popcountll(mask);
      all_cells += common;
      excess[v * kWordsAPlane + PlaceOfWord(w)] =
          static_cast<int16_t>(static_cast<int>(kOrientationPlanes) * common - 2 * differing);
    }
    cells[v] = static_cast<uint16_t>(all_cells);
  }
}

}  // namespace ladon::matcher::kernels
