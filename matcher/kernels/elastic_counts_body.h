// The one loop of every elastic_counts kernel; each compiles it for its own instructions.
#ifndef LADON_MATCHER_KERNELS_ELASTIC_COUNTS_BODY_H_
#define LADON_MATCHER_KERNELS_ELASTIC_COUNTS_BODY_H_

#include <cstddef>
#include <cstdint>

namespace ladon::matcher::kernels {

// As elastic_counts_scalar.h says. Always inlined, so that it takes the target of its caller.
__attribute__((always_inline)) inline void ElasticCountsBody(const uint64_t* row,
                                                             const uint64_t* const* variants,
                                                             size_t variant_count,
                                                             const uint64_t* block_masks,
                                                             uint32_t* counts) {
  constexpr size_t kWords = 16;
  constexpr size_t kBlocks = 16;
  for (size_t v = 0; v < variant_count; ++v) {
    const uint64_t* const variant = variants[v];
    uint32_t* const out = counts + v * kBlocks;
    for (size_t b = 0; b < kBlocks; ++b) {
      const uint64_t* const block = block_masks + b * kWords;
      int differing = 0;
      int cells = 0;
      for (size_t w = 0; w < kWords; ++w) {
        const uint64_t mask = row[48 + w] & variant[48 + w] & block[w];
        cells += __builtin_popcountll(mask);
        for (size_t plane = 0; plane < 48; plane += kWords) {
          differing += __builtin_popcountll((row[plane + w] ^ variant[plane + w]) & mask);
        }
      }
      out[b] = static_cast<uint32_t>(differing) | static_cast<uint32_t>(cells) << 16;
    }
  }
}

}  // namespace ladon::matcher::kernels

#endif  // LADON_MATCHER_KERNELS_ELASTIC_COUNTS_BODY_H_
