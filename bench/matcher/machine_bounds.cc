#include "bench/matcher/machine_bounds.h"

#include <immintrin.h>

#include <algorithm>
#include <barrier>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <thread>
#include <vector>

#include "matcher/kernels/sketch_scan_scalar.h"
#include "matcher/vein_code.h"

namespace ladon::bench {
namespace {

using matcher::KernelLevel;

constexpr int kRounds = 5;
constexpr size_t kTurns = 2'000'000;
constexpr size_t kChains = 4;  // Independent ones, so that latency does not count.

double SecondsSince(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

// Loops over chains are unrolled, also those before and after the one that is timed: an array that
// a loop walks lies in memory, and then memory would be measured.

// A register the compiler must neither know nor keep.
template <class Register>
void Hide(Register& value) {
  asm volatile("" : "+x"(value));
}

__attribute__((target("avx512f,avx512vpopcntdq"))) void CountAvx512() {
  __m512i bits[kChains];
  __m512i sums[kChains];
  const __m512i mask = _mm512_set1_epi64(0x1234567890abcdef);
#pragma GCC unroll 4
  for (size_t c = 0; c < kChains; ++c) {
    bits[c] = _mm512_set1_epi64(static_cast<int64_t>(c + 1));
    sums[c] = _mm512_setzero_si512();
  }
  for (size_t turn = 0; turn < kTurns; ++turn) {
#pragma GCC unroll 4
    for (size_t c = 0; c < kChains; ++c) {
      Hide(bits[c]);
      const __m512i differing = _mm512_ternarylogic_epi64(bits[c], mask, mask, 0x28);
      sums[c] = _mm512_add_epi64(sums[c], _mm512_popcnt_epi64(differing));
    }
  }
#pragma GCC unroll 4
  for (size_t c = 0; c < kChains; ++c) Hide(sums[c]);
}

__attribute__((target("avx2"))) void CountAvx2() {
  const __m256i table = _mm256_setr_epi8(0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4,  //
                                         0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4);
  const __m256i nibble = _mm256_set1_epi8(0x0f);
  const __m256i mask = _mm256_set1_epi64x(0x1234567890abcdef);
  __m256i bits[kChains];
  __m256i sums[kChains];
#pragma GCC unroll 4
  for (size_t c = 0; c < kChains; ++c) {
    bits[c] = _mm256_set1_epi64x(static_cast<int64_t>(c + 1));
    sums[c] = _mm256_setzero_si256();
  }
  for (size_t turn = 0; turn < kTurns; ++turn) {
#pragma GCC unroll 4
    for (size_t c = 0; c < kChains; ++c) {
      Hide(bits[c]);
      const __m256i differing = _mm256_and_si256(_mm256_xor_si256(bits[c], mask), mask);
      const __m256i low = _mm256_shuffle_epi8(table, _mm256_and_si256(differing, nibble));
      const __m256i high =
          _mm256_shuffle_epi8(table, _mm256_and_si256(_mm256_srli_epi16(differing, 4), nibble));
      sums[c] = _mm256_add_epi8(sums[c], _mm256_add_epi8(low, high));
    }
  }
#pragma GCC unroll 4
  for (size_t c = 0; c < kChains; ++c) Hide(sums[c]);
}

void CountScalar() {
  uint64_t sums[kChains] = {};
  uint64_t bits[kChains] = {1, 2, 3, 4};
  for (size_t turn = 0; turn < kTurns; ++turn) {
#pragma GCC unroll 4
    for (size_t c = 0; c < kChains; ++c) {
      asm volatile("" : "+r"(bits[c]));
      sums[c] += static_cast<uint64_t>(__builtin_popcountll((bits[c] ^ turn) & ~turn));
    }
  }
#pragma GCC unroll 4
  for (size_t c = 0; c < kChains; ++c) asm volatile("" : "+r"(sums[c]));
}

// A table's bytes looked up by those of a register, and added.
__attribute__((target("avx2"))) void LookUpAvx2() {
  const __m256i table = _mm256_set1_epi8(3);
  __m256i nibbles = table;
  __m256i sums[kChains];
#pragma GCC unroll 4
  for (size_t c = 0; c < kChains; ++c) sums[c] = table;
  for (size_t turn = 0; turn < kTurns; ++turn) {
#pragma GCC unroll 4
    for (size_t c = 0; c < kChains; ++c) {
      Hide(nibbles);
      sums[c] = _mm256_add_epi8(sums[c], _mm256_shuffle_epi8(table, nibbles));
    }
  }
#pragma GCC unroll 4
  for (size_t c = 0; c < kChains; ++c) Hide(sums[c]);
}

__attribute__((target("avx512f,avx512bw"))) void LookUpAvx512() {
  const __m512i table = _mm512_set1_epi8(3);
  __m512i nibbles = table;
  __m512i sums[kChains];
#pragma GCC unroll 4
  for (size_t c = 0; c < kChains; ++c) sums[c] = table;
  for (size_t turn = 0; turn < kTurns; ++turn) {
#pragma GCC unroll 4
    for (size_t c = 0; c < kChains; ++c) {
      Hide(nibbles);
      sums[c] = _mm512_add_epi8(sums[c], _mm512_shuffle_epi8(table, nibbles));
    }
  }
#pragma GCC unroll 4
  for (size_t c = 0; c < kChains; ++c) Hide(sums[c]);
}

constexpr double kChainTurns = static_cast<double>(kTurns * kChains);

// How often a second the slowest of `threads` threads at once runs `work`, at best.
double TurnsPerSecond(void (*work)(), size_t threads) {
  double seconds = 1e9;
  for (int round = 0; round < kRounds; ++round) {
    std::barrier together(static_cast<ptrdiff_t>(threads));
    std::vector<double> took(threads);
    const auto run = [&](size_t t) {
      together.arrive_and_wait();
      const auto start = std::chrono::steady_clock::now();
      work();
      took[t] = SecondsSince(start);
    };
    std::vector<std::jthread> others;
    for (size_t t = 1; t < threads; ++t) others.emplace_back(run, t);
    run(0);
    others.clear();
    seconds = std::min(seconds, *std::max_element(took.begin(), took.end()));
  }
  return 1 / seconds;
}

struct Counter {
  void (*count)();
  double words;  // Of 64 bits, at once.
};

Counter CounterOf(KernelLevel level) {
  switch (level) {
    case KernelLevel::kAvx512:
      return {.count = CountAvx512, .words = 8};
    case KernelLevel::kAvx2:
      return {.count = CountAvx2, .words = 4};
    case KernelLevel::kScalar:
      return {.count = CountScalar, .words = 1};
  }
  __builtin_unreachable();
}

}  // namespace

double PopcountBoundPerSecond(KernelLevel level, size_t threads) {
  const Counter counter = CounterOf(level);
  return kChainTurns * counter.words * TurnsPerSecond(counter.count, threads) /
         static_cast<double>(matcher::kCodeWords);
}

double SketchBoundPerSecond(KernelLevel level, size_t threads) {
  if (level == KernelLevel::kScalar) return 0;
  const bool wide = level == KernelLevel::kAvx512;
  constexpr double kLookUpsASketch =
      matcher::kernels::kSketchSteps * matcher::kernels::kSketchNibbles * matcher::kPlaneWords;
  return kChainTurns * (wide ? 64 : 32) *
         TurnsPerSecond(wide ? LookUpAvx512 : LookUpAvx2, threads) / kLookUpsASketch;
}

double CyclesPerSecond() {
  constexpr size_t kAdditions = 100'000'000;
  double seconds = 1e9;
  for (int round = 0; round < kRounds; ++round) {
    uint64_t sum = 0;
    const auto start = std::chrono::steady_clock::now();
    for (size_t i = 0; i < kAdditions; ++i) asm volatile("add $1, %0" : "+r"(sum));
    seconds = std::min(seconds, SecondsSince(start));
  }
  return static_cast<double>(kAdditions) / seconds;
}

double ReadBytesPerSecond() {
  const std::vector<uint64_t> words(size_t{32} << 20, 1);  // 256 MiB: no cache holds it.
  double seconds = 1e9;
  for (int round = 0; round < kRounds; ++round) {
    const auto start = std::chrono::steady_clock::now();
    uint64_t sums[8] = {};
    for (size_t i = 0; i < words.size(); i += 8) {
      for (size_t k = 0; k < 8; ++k) sums[k] += words[i + k];
    }
    uint64_t sum = std::accumulate(sums, sums + 8, uint64_t{0});
    asm volatile("" : "+r"(sum));
    seconds = std::min(seconds, SecondsSince(start));
  }
  return static_cast<double>(words.size() * sizeof(uint64_t)) / seconds;
}

}  // namespace ladon::bench
