#include "matcher/kernels/block_excess_avx512.h"

#include <immintrin.h>

#include "matcher/kernels/layout.h"

// vpopcntq counts eight blocks at once. The row's 14 vectors stay in registers for all variants;
// a variant costs 14 loads, 12 vpternlogq, 2 vpandq, 14 vpopcntq and 10 additions.

namespace ladon::matcher::kernels {
namespace {

constexpr size_t kWordsAWideVector = 8;
constexpr size_t kVectors = kWordsACode / kWordsAWideVector;
constexpr size_t kMaskVector = kMaskWord / kWordsAWideVector;
constexpr int kXorThenAnd = 0x28;  // (a ^ b) & c

}  // namespace

__attribute__((target("avx512f,avx512bw,avx512vl,avx512vpopcntdq"))) void BlockExcessAvx512(
    const uint64_t* row, const uint64_t* variants, size_t variant_count, int16_t* excess,
    uint16_t* cells) {
  __m512i rows[kVectors];
  for (size_t i = 0; i < kVectors; ++i) {
    rows[i] = _mm512_loadu_si512(row + i * kWordsAWideVector);
  }
  for (size_t v = 0; v < variant_count; ++v) {
    const uint64_t* const variant = variants + v * kWordsACode;
    __m512i common[2];
    __m512i gained[2];
#pragma GCC unroll 2
    for (size_t half = 0; half < 2; ++half) {
      const __m512i mask =
          _mm512_and_si512(rows[kMaskVector + half],
                           _mm512_loadu_si512(variant + (kMaskVector + half) * kWordsAWideVector));
      __m512i differing = _mm512_setzero_si512();
#pragma GCC unroll 6
      for (size_t i = half; i < kMaskVector; i += 2) {
        const __m512i other = _mm512_loadu_si512(variant + i * kWordsAWideVector);
        differing = _mm512_add_epi64(differing, _mm512_popcnt_epi64(_mm512_ternarylogic_epi64(
                                                    rows[i], other, mask, kXorThenAnd)));
      }
      common[half] = _mm512_popcnt_epi64(mask);
      const __m512i doubled = _mm512_add_epi64(common[half], common[half]);
      const __m512i tripled = _mm512_add_epi64(doubled, common[half]);
      const __m512i single = _mm512_sub_epi64(tripled, differing);
      gained[half] = _mm512_add_epi64(single, single);
    }
    // Words 0..3 and 4..7 lie in the halves of gained[0], 8..11 and 12..15 in those of gained[1]:
    // each goes to its own 16 bits of the lane of its column.
    const __m256i low = _mm256_set1_epi64x(0xffff);
    const __m256i quarter0 = _mm256_and_si256(_mm512_castsi512_si256(gained[0]), low);
    const __m256i quarter1 = _mm256_and_si256(_mm512_extracti64x4_epi64(gained[0], 1), low);
    const __m256i quarter2 = _mm256_and_si256(_mm512_castsi512_si256(gained[1]), low);
    const __m256i quarter3 = _mm512_extracti64x4_epi64(gained[1], 1);
    const __m256i packed = _mm256_or_si256(
        _mm256_or_si256(quarter0, _mm256_slli_epi64(quarter1, 16)),
        _mm256_or_si256(_mm256_slli_epi64(quarter2, 32), _mm256_slli_epi64(quarter3, 48)));
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(excess + v * kWordsAPlane), packed);
    cells[v] =
        static_cast<uint16_t>(_mm512_reduce_add_epi64(_mm512_add_epi64(common[0], common[1])));
  }
}

}  // namespace ladon::matcher::kernels
