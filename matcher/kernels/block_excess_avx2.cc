#include "matcher/kernels/block_excess_avx2.h"

#include <immintrin.h>

#include "matcher/kernels/layout.h"
#include "matcher/kernels/sum_avx2.h"

// Population count by nibble: vpshufb looks up 32 nibbles at once (Mula, Kurz, Lemire, "Faster
// population counts using AVX2 instructions", 2018). A byte sum stays below 256: at most 8 in each
// of six planes. vpsadbw adds the bytes of a lane, and a lane is a block; four vectors of such sums
// interleave into the sixteen values. Uops a variant: 4 x (2 mask + 6 x 2 + 7 x 7 count + 6) + 16.

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

__attribute__((target("avx2"))) void BlockExcessAvx2(const uint64_t* row, const uint64_t* variants,
                                                     size_t variant_count, int16_t* excess,
                                                     uint16_t* cells) {
  const __m256i zero = _mm256_setzero_si256();
  for (size_t v = 0; v < variant_count; ++v) {
    const uint64_t* const variant = variants + v * kWordsACode;
    __m256i all_differing = zero;
    __m256i all_common = zero;
#pragma GCC unroll 4
    for (int quarter = 0; quarter < 4; ++quarter) {
      const size_t w = static_cast<size_t>(quarter) * kWordsAVector;
      const __m256i mask =
          _mm256_and_si256(Load(row + kMaskWord + w), Load(variant + kMaskWord + w));
      __m256i differing = zero;
#pragma GCC unroll 6
      for (size_t plane = 0; plane < kMaskWord; plane += kWordsAPlane) {
        const __m256i x = _mm256_xor_si256(Load(row + plane + w), Load(variant + plane + w));
        differing = _mm256_add_epi8(differing, CountBytes(_mm256_and_si256(x, mask)));
      }
      all_differing = _mm256_or_si256(
          all_differing, _mm256_slli_epi64(_mm256_sad_epu8(differing, zero), 16 * quarter));
      all_common = _mm256_or_si256(
          all_common, _mm256_slli_epi64(_mm256_sad_epu8(CountBytes(mask), zero), 16 * quarter));
    }
    const __m256i doubled = _mm256_add_epi16(all_common, all_common);
    const __m256i gained = _mm256_sub_epi16(_mm256_add_epi16(doubled, all_common), all_differing);
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(excess + v * kWordsAPlane),
                        _mm256_add_epi16(gained, gained));
    cells[v] = static_cast<uint16_t>(SumOf16(all_common));
  }
}

}  // namespace ladon::matcher::kernels
