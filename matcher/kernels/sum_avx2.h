// The sum of sixteen 16-bit numbers, for AVX2 kernels only.
#ifndef LADON_MATCHER_KERNELS_SUM_AVX2_H_
#define LADON_MATCHER_KERNELS_SUM_AVX2_H_

#include <immintrin.h>

namespace ladon::matcher::kernels {

__attribute__((target("avx2"), always_inline)) inline int SumOf16(__m256i numbers) {
  const __m256i pairs = _mm256_madd_epi16(numbers, _mm256_set1_epi16(1));
  const __m128i halves =
      _mm_add_epi32(_mm256_castsi256_si128(pairs), _mm256_extracti128_si256(pairs, 1));
  const __m128i quarters = _mm_add_epi32(halves, _mm_unpackhi_epi64(halves, halves));
  return _mm_cvtsi128_si32(_mm_add_epi32(quarters, _mm_shuffle_epi32(quarters, 1)));
}

}  // namespace ladon::matcher::kernels

#endif  // LADON_MATCHER_KERNELS_SUM_AVX2_H_
