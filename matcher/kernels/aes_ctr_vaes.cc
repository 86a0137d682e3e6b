#include "matcher/kernels/aes_ctr_vaes.h"

#include <immintrin.h>

// 256-bit vaesenc does two blocks per instruction at the throughput of one: 8 registers in
// flight are 16 blocks, so a row of 896 bytes takes three and a half turns.

namespace ladon::matcher::kernels {
namespace {

constexpr size_t kRounds = 10;
constexpr size_t kInFlight = 8;
constexpr size_t kBlocksPerTurn = 2 * kInFlight;

// Counter blocks `number` and number + 1, the numbers little-endian yet: bytes 12 .. 15 of each
// half.
__attribute__((target("avx2"), always_inline)) inline __m256i FirstCounters(const uint8_t* salt) {
  uint64_t low = 0;
  uint32_t middle = 0;
  __builtin_memcpy(&low, salt, 8);
  __builtin_memcpy(&middle, salt + 8, 4);
  const auto first = static_cast<long long>(low);
  return _mm256_set_epi64x(static_cast<long long>(uint64_t{1} << 32 | middle), first,
                           static_cast<long long>(uint64_t{middle}), first);
}

__attribute__((target("avx2"), always_inline)) inline __m256i BigEndianNumbers(__m256i counters) {
  const __m256i order = _mm256_setr_epi8(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 15, 14, 13, 12,  //
                                         0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 15, 14, 13, 12);
  return _mm256_shuffle_epi8(counters, order);
}

// XORs the two blocks of `keystream` into out, or the first alone.
__attribute__((target("avx2"), always_inline)) inline void XorBlocks(__m256i keystream,
                                                                     const uint8_t* in,
                                                                     uint8_t* out, bool both) {
  if (both) {
    const __m256i plain = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(in));
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(out), _mm256_xor_si256(plain, keystream));
    return;
  }
  const __m128i plain = _mm_loadu_si128(reinterpret_cast<const __m128i*>(in));
  _mm_storeu_si128(reinterpret_cast<__m128i*>(out),
                   _mm_xor_si128(plain, _mm256_castsi256_si128(keystream)));
}

}  // namespace

__attribute__((target("avx2,vaes"))) void AesCtrVaes(const uint8_t* round_keys, const uint8_t* salt,
                                                     const uint8_t* in, uint8_t* out,
                                                     size_t blocks) {
  constexpr size_t kBlockBytes = 16;
  const auto* const keys = reinterpret_cast<const __m128i*>(round_keys);
  const __m256i whitening = _mm256_broadcastsi128_si256(_mm_loadu_si128(keys));
  const __m256i two = _mm256_set_epi32(2, 0, 0, 0, 2, 0, 0, 0);
  __m256i counters = FirstCounters(salt);
  for (size_t first = 0; first < blocks; first += kBlocksPerTurn) {
    __m256i state[kInFlight];
#pragma GCC unroll 8
    for (size_t i = 0; i < kInFlight; ++i) {
      state[i] = _mm256_xor_si256(BigEndianNumbers(counters), whitening);
      counters = _mm256_add_epi32(counters, two);
    }
    for (size_t r = 1; r < kRounds; ++r) {
      const __m256i k = _mm256_broadcastsi128_si256(_mm_loadu_si128(keys + r));
#pragma GCC unroll 8
      for (size_t i = 0; i < kInFlight; ++i) state[i] = _mm256_aesenc_epi128(state[i], k);
    }
    const __m256i k = _mm256_broadcastsi128_si256(_mm_loadu_si128(keys + kRounds));
#pragma GCC unroll 8
    for (size_t i = 0; i < kInFlight; ++i) state[i] = _mm256_aesenclast_epi128(state[i], k);
    const size_t count = blocks - first < kBlocksPerTurn ? blocks - first : kBlocksPerTurn;
    for (size_t b = 0; b < count; b += 2) {
      const size_t at = (first + b) * kBlockBytes;
      XorBlocks(state[b / 2], in + at, out + at, b + 1 < count);
    }
  }
}

}  // namespace ladon::matcher::kernels
