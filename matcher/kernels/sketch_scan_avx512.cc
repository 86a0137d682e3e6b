#include "matcher/kernels/sketch_scan_avx512.h"

#include <immintrin.h>

#include "matcher/kernels/layout.h"
#include "matcher/kernels/sketch_scan_scalar.h"

// As the AVX2 kernel (sketch_scan_avx2.cc), with all 64 rows in one vector.

namespace ladon::matcher::kernels {
namespace {

constexpr size_t kSide = kSketchStepsASide;

#define LADON_AVX512 __attribute__((target("avx512f,avx512bw"), always_inline)) inline

LADON_AVX512 __m512i Table(const uint8_t* from) {
  return _mm512_broadcast_i32x4(_mm_loadu_si128(reinterpret_cast<const __m128i*>(from)));
}

LADON_AVX512 __m512i Least(__m512i here, __m512i before, __m512i after) {
  const __m512i moved =
      _mm512_adds_epu8(_mm512_min_epu8(before, after), _mm512_set1_epi8(kStepPenalty));
  return _mm512_min_epu8(here, moved);
}

// What one word costs at the five translations of one row of the grid, after moves across.
LADON_AVX512 void CostsOfRow(const __m512i* nibbles, const uint8_t* tables, __m512i* across) {
  constexpr size_t kTableBytes = kSketchNibbles * 16;
  __m512i costs[kSide];
#pragma GCC unroll 5
  for (size_t x = 0; x < kSide; ++x) costs[x] = _mm512_setzero_si512();
  for (size_t n = 0; n < kSketchNibbles; ++n) {
#pragma GCC unroll 5
    for (size_t x = 0; x < kSide; ++x) {
      costs[x] = _mm512_add_epi8(
          costs[x], _mm512_shuffle_epi8(Table(tables + x * kTableBytes + n * 16), nibbles[n]));
    }
  }
#pragma GCC unroll 5
  for (size_t x = 0; x < kSide; ++x) {
    across[x] = Least(costs[x], costs[x == 0 ? x : x - 1], costs[x + 1 == kSide ? x : x + 1]);
  }
}

#undef LADON_AVX512

}  // namespace

__attribute__((target("avx512f,avx512bw"))) void SketchScanAvx512(const uint8_t* block,
                                                                  const uint8_t* tables,
                                                                  uint16_t* least, uint8_t* at) {
  const __m512i zero = _mm512_setzero_si512();
  const __m256i low = _mm256_set1_epi8(0x0f);
  __m512i totals[kSketchSteps][2];
  __m512i sums[kSketchSteps];
  for (size_t t = 0; t < kSketchSteps; ++t) totals[t][0] = totals[t][1] = sums[t] = zero;
  for (size_t w = 0; w < kWordsAPlane; ++w) {
    __m512i nibbles[kSketchNibbles];
    for (size_t n = 0; n < kSketchNibbles; ++n) {
      const __m256i packed = _mm256_loadu_si256(
          reinterpret_cast<const __m256i*>(block + (w * kSketchNibbles + n) * 32));
      const __m256i first = _mm256_and_si256(packed, low);
      const __m256i second = _mm256_and_si256(_mm256_srli_epi16(packed, 4), low);
      nibbles[n] = _mm512_inserti64x4(_mm512_castsi256_si512(first), second, 1);
    }
    __m512i across[kSketchSteps];
    for (size_t y = 0; y < kSide; ++y) {
      CostsOfRow(nibbles, tables + (w * kSketchSteps + y * kSide) * kSketchNibbles * 16,
                 across + y * kSide);
    }
    const bool last_of_sum = w % kSketchWordsASum + 1 == kSketchWordsASum;
    for (size_t t = 0; t < kSketchSteps; ++t) {
      const size_t above = t < kSide ? t : t - kSide;
      const size_t below = t + kSide < kSketchSteps ? t + kSide : t;
      const __m512i sum = _mm512_adds_epu8(sums[t], Least(across[t], across[above], across[below]));
      if (!last_of_sum) {
        sums[t] = sum;
        continue;
      }
      totals[t][0] = _mm512_add_epi16(totals[t][0], _mm512_unpacklo_epi8(sum, zero));
      totals[t][1] = _mm512_add_epi16(totals[t][1], _mm512_unpackhi_epi8(sum, zero));
      sums[t] = zero;
    }
  }
  __m512i best[2] = {totals[0][0], totals[0][1]};
  __m512i place[2] = {zero, zero};
  for (size_t t = 1; t < kSketchSteps; ++t) {
    for (size_t i = 0; i < 2; ++i) {
      const __mmask32 nearer = _mm512_cmpgt_epi16_mask(best[i], totals[t][i]);
      best[i] = _mm512_min_epi16(best[i], totals[t][i]);
      place[i] = _mm512_mask_mov_epi16(place[i], nearer, _mm512_set1_epi16(static_cast<short>(t)));
    }
  }
  // unpack took the low, then the high eight rows of each sixteen; quarters go back in order.
  uint16_t unpacked[2][32];
  _mm512_storeu_si512(unpacked[0], best[0]);
  _mm512_storeu_si512(unpacked[1], best[1]);
  for (size_t quarter = 0; quarter < 4; ++quarter) {
    for (size_t i = 0; i < 2; ++i) {
      __builtin_memcpy(least + 16 * quarter + 8 * i, unpacked[i] + 8 * quarter,
                       8 * sizeof(uint16_t));
    }
  }
  _mm512_storeu_si512(at, _mm512_packus_epi16(place[0], place[1]));
}

}  // namespace ladon::matcher::kernels
