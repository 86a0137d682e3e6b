#include "matcher/kernels/aes_ctr_vaes.h"

#include <immintrin.h>

// 256-bit vaesenc does two blocks per instruction at the throughput of one: 8 registers in
// flight are 16 blocks, so a row of 512 bytes takes two turns.

namespace ladon::matcher::kernels {
namespace {

constexpr size_t kRounds = 10;
constexpr size_t kInFlight = 8;
constexpr size_t kBlocksPerTurn = 2 * kInFlight;

__attribute__((target("avx2"), always_inline)) inline uint64_t CounterHigh(uint32_t salt_tail,
                                                                           size_t number) {
  return uint64_t{__builtin_bswap32(static_cast<uint32_t>(number))} << 32 | salt_tail;
}

}  // namespace

__attribute__((target("avx2,vaes"))) void AesCtrVaes(const uint8_t* round_keys, const uint8_t* salt,
                                                     const uint8_t* in, uint8_t* out,
                                                     size_t blocks) {
  const auto* const keys = reinterpret_cast<const __m128i*>(round_keys);
  uint64_t low = 0;
  uint32_t middle = 0;
  __builtin_memcpy(&low, salt, 8);
  __builtin_memcpy(&middle, salt + 8, 4);
  for (size_t first = 0; first < blocks; first += kBlocksPerTurn) {
    __m256i state[kInFlight];
    const __m256i whitening = _mm256_broadcastsi128_si256(_mm_loadu_si128(keys));
    for (size_t i = 0; i < kInFlight; ++i) {
      const size_t number = first + 2 * i;
      const __m256i counter = _mm256_set_epi64x(
          static_cast<long long>(CounterHigh(middle, number + 1)), static_cast<long long>(low),
          static_cast<long long>(CounterHigh(middle, number)), static_cast<long long>(low));
      state[i] = _mm256_xor_si256(counter, whitening);
    }
    for (size_t r = 1; r < kRounds; ++r) {
      const __m256i k = _mm256_broadcastsi128_si256(_mm_loadu_si128(keys + r));
      for (size_t i = 0; i < kInFlight; ++i) state[i] = _mm256_aesenc_epi128(state[i], k);
    }
    const __m256i k = _mm256_broadcastsi128_si256(_mm_loadu_si128(keys + kRounds));
    for (size_t i = 0; i < kInFlight; ++i) state[i] = _mm256_aesenclast_epi128(state[i], k);
    const size_t count = blocks - first < kBlocksPerTurn ? blocks - first : kBlocksPerTurn;
    for (size_t b = 0; b < count; ++b) {
      const __m128i key_block = b % 2 == 0 ? _mm256_castsi256_si128(state[b / 2])
                                           : _mm256_extracti128_si256(state[b / 2], 1);
      const auto* const from = reinterpret_cast<const __m128i*>(in) + first + b;
      auto* const to = reinterpret_cast<__m128i*>(out) + first + b;
      _mm_storeu_si128(to, _mm_xor_si128(_mm_loadu_si128(from), key_block));
    }
  }
}

}  // namespace ladon::matcher::kernels
