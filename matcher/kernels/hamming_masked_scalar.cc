#include "matcher/kernels/hamming_masked_scalar.h"

namespace ladon::matcher::kernels {

void HammingMaskedScalar(const uint64_t* row, const uint64_t* variants, size_t variant_count,
                         uint32_t* counts) {
  for (size_t v = 0; v < variant_count; ++v) {
    const uint64_t* variant = variants + v * 64;
    int differing = 0;
    int cells = 0;
    for (size_t w = 0; w < 16; ++w) {
      const uint64_t mask = row[48 + w] & variant[48 + w];
      cells += __builtin_popcountll(mask);
      for (size_t plane = 0; plane < 48; plane += 16) {
        differing += __builtin_popcountll((row[plane + w] ^ variant[plane + w]) & mask);
      }
    }
    counts[v] = static_cast<uint32_t>(differing) | static_cast<uint32_t>(cells) << 16;
  }
}

}  // namespace ladon::matcher::kernels
