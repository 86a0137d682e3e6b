#include "matcher/kernels/hamming_masked_avx2.h"

#include <immintrin.h>

// Population count by nibble: vpshufb looks up 32 nibbles at once (Mula, Kurz, Lemire, "Faster
// population counts using AVX2 instructions", 2018). Byte sums stay below 256: differing bits
// add at most 8 in each of 12 vectors (96), mask bits at most 8 in each of 4 (32), so vpsadbw runs
// once per variant. Uops per variant, roughly: 16 x (load, and) + 12 xor + 16 x 7 count + 12
// reduce.

namespace ladon::matcher::kernels {
namespace {

__attribute__((target("avx2"), always_inline)) inline __m256i CountBytes(__m256i bits) {
  const __m256i table = _mm256_setr_epi8(0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4,  //
                                         0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4);
  const __m256i nibble = _mm256_set1_epi8(0x0f);
  const __m256i low = _mm256_and_si256(bits, nibble);
  const __m256i high = _mm256_and_si256(_mm256_srli_epi16(bits, 4), nibble);
  return _mm256_add_epi8(_mm256_shuffle_epi8(table, low), _mm256_shuffle_epi8(table, high));
}

__attribute__((target("avx2"), always_inline)) inline __m256i Load(const uint64_t* words) {
  return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(words));
}

}  // namespace

__attribute__((target("avx2"))) void HammingMaskedAvx2(const uint64_t* row,
                                                       const uint64_t* variants,
                                                       size_t variant_count, uint32_t* counts) {
  const __m256i zero = _mm256_setzero_si256();
  for (size_t v = 0; v < variant_count; ++v) {
    const uint64_t* variant = variants + v * 64;
    __m256i differing = zero;
    __m256i cells = zero;
    for (size_t w = 0; w < 16; w += 4) {
      const __m256i mask = _mm256_and_si256(Load(row + 48 + w), Load(variant + 48 + w));
      cells = _mm256_add_epi8(cells, CountBytes(mask));
      for (size_t plane = 0; plane < 48; plane += 16) {
        const __m256i x = _mm256_xor_si256(Load(row + plane + w), Load(variant + plane + w));
        differing = _mm256_add_epi8(differing, CountBytes(_mm256_and_si256(x, mask)));
      }
    }
    // Each 64-bit lane: differing in the low half, cells from bit 16 up; the four lanes add up.
    const __m256i lanes = _mm256_or_si256(_mm256_sad_epu8(differing, zero),
                                          _mm256_slli_epi64(_mm256_sad_epu8(cells, zero), 16));
    const __m128i halves =
        _mm_add_epi32(_mm256_castsi256_si128(lanes), _mm256_extracti128_si256(lanes, 1));
    const __m128i sum = _mm_add_epi32(halves, _mm_unpackhi_epi64(halves, halves));
    counts[v] = static_cast<uint32_t>(_mm_cvtsi128_si32(sum));
  }
}

}  // namespace ladon::matcher::kernels
