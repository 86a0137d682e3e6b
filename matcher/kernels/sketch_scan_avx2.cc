#include "matcher/kernels/sketch_scan_avx2.h"

#include <immintrin.h>

#include "matcher/kernels/layout.h"
#include "matcher/kernels/sketch_scan_scalar.h"

// A vpshufb looks up one nibble of 32 rows for one translation (Andre, Kermarrec, Le Scouarnec,
// "Cache locality is not enough", VLDB 2015). The five translations of a row of the grid are kept
// in registers at once, so that a loaded nibble serves all five. Uops a word and 64 rows, roughly:
// 25 x 16 x 5 look-ups and additions, 25 x 12 for the least of nine.

namespace ladon::matcher::kernels {
namespace {

constexpr size_t kSide = kSketchStepsASide;
constexpr size_t kHalves = 2;  // 32 rows each.

struct Rows64 {
  __m256i half[kHalves];
};

__attribute__((target("avx2"), always_inline)) inline __m256i Load(const uint8_t* from) {
  return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(from));
}

__attribute__((target("avx2"), always_inline)) inline __m256i Table(const uint8_t* from) {
  return _mm256_broadcastsi128_si256(_mm_loadu_si128(reinterpret_cast<const __m128i*>(from)));
}

__attribute__((target("avx2"), always_inline)) inline __m256i Least(__m256i here, __m256i before,
                                                                    __m256i after) {
  const __m256i moved =
      _mm256_adds_epu8(_mm256_min_epu8(before, after), _mm256_set1_epi8(kStepPenalty));
  return _mm256_min_epu8(here, moved);
}

// What one word costs at the five translations of one row of the grid, after moves across.
__attribute__((target("avx2"), always_inline)) inline void CostsOfRow(const Rows64* nibbles,
                                                                      const uint8_t* tables,
                                                                      Rows64* across) {
  constexpr size_t kTableBytes = kSketchNibbles * 16;
  __m256i low[kSide];
  __m256i high[kSide];
#pragma GCC unroll 5
  for (size_t x = 0; x < kSide; ++x) low[x] = high[x] = _mm256_setzero_si256();
#pragma GCC unroll 4
  for (size_t n = 0; n < kSketchNibbles; ++n) {
    const __m256i low_nibble = nibbles[n].half[0];
    const __m256i high_nibble = nibbles[n].half[1];
#pragma GCC unroll 5
    for (size_t x = 0; x < kSide; ++x) {
      const __m256i table = Table(tables + x * kTableBytes + n * 16);
      low[x] = _mm256_add_epi8(low[x], _mm256_shuffle_epi8(table, low_nibble));
      high[x] = _mm256_add_epi8(high[x], _mm256_shuffle_epi8(table, high_nibble));
      // In this order: g++ 12 would look up all ten first, and half of the sums, for which no
      // register is left then, would go through memory; that took half as long again.
      asm("" : "+x"(low[x]), "+x"(high[x]));
    }
  }
#pragma GCC unroll 5
  for (size_t x = 0; x < kSide; ++x) {
    const size_t before = x == 0 ? x : x - 1;
    const size_t after = x + 1 == kSide ? x : x + 1;
    across[x].half[0] = Least(low[x], low[before], low[after]);
    across[x].half[1] = Least(high[x], high[before], high[after]);
  }
}

// Adds what a word costs at the five translations of one column of the grid, after moves down it.
template <size_t kHalf>
__attribute__((target("avx2"), always_inline)) inline void AddColumn(const Rows64* across,
                                                                     Rows64* sums) {
  __m256i costs[kSide];
#pragma GCC unroll 5
  for (size_t y = 0; y < kSide; ++y) costs[y] = across[y * kSide].half[kHalf];
#pragma GCC unroll 5
  for (size_t y = 0; y < kSide; ++y) {
    const __m256i above = costs[y == 0 ? y : y - 1];
    const __m256i below = costs[y + 1 == kSide ? y : y + 1];
    __m256i& sum = sums[y * kSide].half[kHalf];
    sum = _mm256_adds_epu8(sum, Least(costs[y], above, below));
  }
}

// Moves the sums, which are about to overflow, to the totals.
__attribute__((target("avx2"))) void Widen(Rows64* sums, __m256i (*totals)[2 * kHalves]) {
  const __m256i zero = _mm256_setzero_si256();
  for (size_t t = 0; t < kSketchSteps; ++t) {
    for (size_t h = 0; h < kHalves; ++h) {
      __m256i& sum = sums[t].half[h];
      totals[t][2 * h] = _mm256_add_epi16(totals[t][2 * h], _mm256_unpacklo_epi8(sum, zero));
      totals[t][2 * h + 1] =
          _mm256_add_epi16(totals[t][2 * h + 1], _mm256_unpackhi_epi8(sum, zero));
      sum = zero;
    }
  }
}

}  // namespace

__attribute__((target("avx2"))) void SketchScanAvx2(const uint8_t* block, const uint8_t* tables,
                                                    uint16_t* least, uint8_t* at) {
  const __m256i zero = _mm256_setzero_si256();
  const __m256i low = _mm256_set1_epi8(0x0f);
  __m256i totals[kSketchSteps][2 * kHalves];
  Rows64 sums[kSketchSteps];
  for (size_t t = 0; t < kSketchSteps; ++t) {
    for (__m256i& total : totals[t]) total = zero;
    for (__m256i& sum : sums[t].half) sum = zero;
  }
  for (size_t w = 0; w < kWordsAPlane; ++w) {
    Rows64 nibbles[kSketchNibbles];
    for (size_t n = 0; n < kSketchNibbles; ++n) {
      const __m256i packed = Load(block + (w * kSketchNibbles + n) * 32);
      nibbles[n].half[0] = _mm256_and_si256(packed, low);
      nibbles[n].half[1] = _mm256_and_si256(_mm256_srli_epi16(packed, 4), low);
    }
    Rows64 across[kSketchSteps];
    for (size_t y = 0; y < kSide; ++y) {
      CostsOfRow(nibbles, tables + (w * kSketchSteps + y * kSide) * kSketchNibbles * 16,
                 across + y * kSide);
    }
    for (size_t x = 0; x < kSide; ++x) {
      AddColumn<0>(across + x, sums + x);
      AddColumn<1>(across + x, sums + x);
    }
    if (w % kSketchWordsASum + 1 == kSketchWordsASum) Widen(sums, totals);
  }
  for (size_t h = 0; h < kHalves; ++h) {
    __m256i best[2] = {totals[0][2 * h], totals[0][2 * h + 1]};
    __m256i place[2] = {zero, zero};
    for (size_t t = 1; t < kSketchSteps; ++t) {
      for (size_t i = 0; i < 2; ++i) {
        const __m256i total = totals[t][2 * h + i];
        const __m256i nearer = _mm256_cmpgt_epi16(best[i], total);
        best[i] = _mm256_min_epi16(best[i], total);
        place[i] = _mm256_blendv_epi8(place[i], _mm256_set1_epi16(static_cast<short>(t)), nearer);
      }
    }
    // unpack took rows 0..7 and 16..23 of the half, then 8..15 and 24..31.
    auto* const to = reinterpret_cast<__m256i*>(least + 32 * h);
    _mm256_storeu_si256(to, _mm256_permute2x128_si256(best[0], best[1], 0x20));
    _mm256_storeu_si256(to + 1, _mm256_permute2x128_si256(best[0], best[1], 0x31));
    // Packing puts them back in order.
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(at + 32 * h),
                        _mm256_packus_epi16(place[0], place[1]));
  }
}

}  // namespace ladon::matcher::kernels
