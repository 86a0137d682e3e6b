#include "matcher/kernels/gather_code_avx2.h"

#include <immintrin.h>

#include "matcher/kernels/layout.h"

// A block is four vectors of 16 cells. vpshufb permutes within 16 bytes and writes zero where bit 7
// of the index is set, so 32 permuted cells are the sum of four shuffles; vpmovmskb then takes one
// plane of them at a time.

namespace ladon::matcher::kernels {
namespace {

// Two rows of eight cells, twice.
__attribute__((target("avx2"), always_inline)) inline __m256i TwoRows(const uint8_t* at,
                                                                      size_t stride) {
  const __m128i upper = _mm_loadl_epi64(reinterpret_cast<const __m128i*>(at));
  const __m128i lower = _mm_loadl_epi64(reinterpret_cast<const __m128i*>(at + stride));
  return _mm256_broadcastsi128_si256(_mm_unpacklo_epi64(upper, lower));
}

__attribute__((target("avx2"), always_inline)) inline __m256i Permuted(const __m256i* sources,
                                                                       __m256i order) {
  __m256i cells = _mm256_setzero_si256();
  for (int s = 0; s < 4; ++s) {
    // Indices of source s become 0x70 .. 0x7f, all others 0x80 or more.
    const __m256i local = _mm256_xor_si256(order, _mm256_set1_epi8(static_cast<char>(16 * s)));
    const __m256i index = _mm256_adds_epu8(local, _mm256_set1_epi8(0x70));
    cells = _mm256_or_si256(cells, _mm256_shuffle_epi8(sources[s], index));
  }
  return cells;
}

__attribute__((target("avx2"), always_inline)) inline uint64_t Plane(__m256i low, __m256i high,
                                                                     int plane) {
  // Bit `plane` of each byte becomes its top bit; what comes in from the byte below is not taken.
  const auto first = static_cast<uint32_t>(_mm256_movemask_epi8(_mm256_slli_epi16(low, 7 - plane)));
  const auto second =
      static_cast<uint32_t>(_mm256_movemask_epi8(_mm256_slli_epi16(high, 7 - plane)));
  return uint64_t{second} << 32 | first;
}

}  // namespace

__attribute__((target("avx2"))) void GatherCodeAvx2(const uint8_t* first, size_t stride,
                                                    const uint16_t* block_offsets,
                                                    const uint8_t* order, uint64_t* words) {
  for (size_t w = 0; w < kWordsAPlane; ++w) {
    const uint8_t* const block = first + block_offsets[w];
    const __m256i sources[4] = {TwoRows(block, stride), TwoRows(block + 2 * stride, stride),
                                TwoRows(block + 4 * stride, stride),
                                TwoRows(block + 6 * stride, stride)};
    const auto* const orders = reinterpret_cast<const __m256i*>(order + 64 * w);
    const __m256i low = Permuted(sources, _mm256_loadu_si256(orders));
    const __m256i high = Permuted(sources, _mm256_loadu_si256(orders + 1));
#pragma GCC unroll 7
    for (int p = 0; p <= static_cast<int>(kOrientationPlanes); ++p) {
      words[static_cast<size_t>(p) * kWordsAPlane + w] = Plane(low, high, p);
    }
  }
}

}  // namespace ladon::matcher::kernels
