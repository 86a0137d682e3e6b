#include "matcher/kernels/aes_ctr_aesni.h"

#include <immintrin.h>

// vaesenc: latency 4, two per cycle on current cores, so 8 blocks in flight fill the pipes.

namespace ladon::matcher::kernels {
namespace {

constexpr size_t kRounds = 10;
constexpr size_t kInFlight = 8;

__attribute__((target("aes,sse4.1"), always_inline)) inline __m128i NextRoundKey(__m128i key,
                                                                                 __m128i assisted) {
  const __m128i last = _mm_shuffle_epi32(assisted, 0xff);
  key = _mm_xor_si128(key, _mm_slli_si128(key, 4));
  key = _mm_xor_si128(key, _mm_slli_si128(key, 8));
  return _mm_xor_si128(key, last);
}

__attribute__((target("aes,sse4.1"), always_inline)) inline __m128i CounterBlock(
    const uint8_t* salt, uint32_t number) {
  uint64_t low = 0;
  uint32_t middle = 0;
  __builtin_memcpy(&low, salt, 8);
  __builtin_memcpy(&middle, salt + 8, 4);
  const uint64_t high = uint64_t{__builtin_bswap32(number)} << 32 | middle;
  return _mm_set_epi64x(static_cast<long long>(high), static_cast<long long>(low));
}

}  // namespace

__attribute__((target("aes,sse4.1"))) void AesExpandKeyAesni(const uint8_t* key,
                                                             uint8_t* round_keys) {
  auto* const out = reinterpret_cast<__m128i*>(round_keys);
  __m128i k = _mm_loadu_si128(reinterpret_cast<const __m128i*>(key));
  _mm_storeu_si128(out, k);
  // The round constant must be an immediate.
  k = NextRoundKey(k, _mm_aeskeygenassist_si128(k, 0x01));
  _mm_storeu_si128(out + 1, k);
  k = NextRoundKey(k, _mm_aeskeygenassist_si128(k, 0x02));
  _mm_storeu_si128(out + 2, k);
  k = NextRoundKey(k, _mm_aeskeygenassist_si128(k, 0x04));
  _mm_storeu_si128(out + 3, k);
  k = NextRoundKey(k, _mm_aeskeygenassist_si128(k, 0x08));
  _mm_storeu_si128(out + 4, k);
  k = NextRoundKey(k, _mm_aeskeygenassist_si128(k, 0x10));
  _mm_storeu_si128(out + 5, k);
  k = NextRoundKey(k, _mm_aeskeygenassist_si128(k, 0x20));
  _mm_storeu_si128(out + 6, k);
  k = NextRoundKey(k, _mm_aeskeygenassist_si128(k, 0x40));
  _mm_storeu_si128(out + 7, k);
  k = NextRoundKey(k, _mm_aeskeygenassist_si128(k, 0x80));
  _mm_storeu_si128(out + 8, k);
  k = NextRoundKey(k, _mm_aeskeygenassist_si128(k, 0x1b));
  _mm_storeu_si128(out + 9, k);
  k = NextRoundKey(k, _mm_aeskeygenassist_si128(k, 0x36));
  _mm_storeu_si128(out + 10, k);
}

__attribute__((target("aes,sse4.1"))) void AesCtrAesni(const uint8_t* round_keys,
                                                       const uint8_t* salt, const uint8_t* in,
                                                       uint8_t* out, size_t blocks) {
  const auto* const keys = reinterpret_cast<const __m128i*>(round_keys);
  for (size_t first = 0; first < blocks; first += kInFlight) {
    const size_t count = blocks - first < kInFlight ? blocks - first : kInFlight;
    __m128i state[kInFlight];
    // The whole group is always computed: a fixed trip count keeps it in registers.
    for (size_t i = 0; i < kInFlight; ++i) {
      state[i] = _mm_xor_si128(CounterBlock(salt, static_cast<uint32_t>(first + i)),
                               _mm_loadu_si128(keys));
    }
    for (size_t r = 1; r < kRounds; ++r) {
      const __m128i k = _mm_loadu_si128(keys + r);
      for (size_t i = 0; i < kInFlight; ++i) state[i] = _mm_aesenc_si128(state[i], k);
    }
    const __m128i k = _mm_loadu_si128(keys + kRounds);
    for (size_t i = 0; i < kInFlight; ++i) state[i] = _mm_aesenclast_si128(state[i], k);
    for (size_t i = 0; i < count; ++i) {
      const auto* const from = reinterpret_cast<const __m128i*>(in) + first + i;
      auto* const to = reinterpret_cast<__m128i*>(out) + first + i;
      _mm_storeu_si128(to, _mm_xor_si128(_mm_loadu_si128(from), state[i]));
    }
  }
}

}  // namespace ladon::matcher::kernels
