#include "matcher/kernels/gather_code_scalar.h"

#include "matcher/kernels/layout.h"

namespace ladon::matcher::kernels {

void GatherCodeScalar(const uint8_t* first, size_t stride, const uint16_t* block_offsets,
                      const uint8_t* order, uint64_t* words) {
  for (size_t w = 0; w < kWordsAPlane; ++w) {
    const uint8_t* const block = first + block_offsets[w];
    uint64_t planes[kOrientationPlanes + 1] = {};
    for (size_t i = 0; i < 64; ++i) {
      const size_t cell = order[64 * w + i];
      const uint64_t bits = block[cell / 8 * stride + cell % 8];
      for (size_t p = 0; p <= kOrientationPlanes; ++p) planes[p] |= (bits >> p & 1) << i;
    }
    for (size_t p = 0; p <= kOrientationPlanes; ++p) words[p * kWordsAPlane + w] = planes[p];
  }
}

}  // namespace ladon::matcher::kernels
