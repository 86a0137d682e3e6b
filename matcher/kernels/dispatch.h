// Chooses a kernel for the CPU we run on. Levels form a chain; each falls back to the one before.
// Tests name a level to compare it with its specification; production takes the best.
// Pure but for reading the CPU's own feature bits; safe from any thread.
#ifndef LADON_MATCHER_KERNELS_DISPATCH_H_
#define LADON_MATCHER_KERNELS_DISPATCH_H_

#include <cstddef>
#include <cstdint>

namespace ladon::matcher {

enum class KernelLevel : uint8_t {
  kScalar = 0,
  kAvx2 = 1,
  kAvx512 = 2,  // F, BW, VL and VPOPCNTDQ.
};

// How rows in memory are opened. kOpenSsl: libcrypto, on CPUs without AES instructions.
enum class AesLevel : uint8_t { kOpenSsl = 0, kAesni = 1, kVaes = 2 };

KernelLevel BestKernelLevel();
AesLevel BestAesLevel();

namespace kernels {

using BlockExcessFn = void (*)(const uint64_t* row, const uint64_t* variants, size_t variant_count,
                               int16_t* excess, uint16_t* cells);
using ElasticTotalsFn = void (*)(const int16_t* excess, size_t width, size_t height,
                                 int16_t* totals);
using GatherCodeFn = void (*)(const uint8_t* first, size_t stride, const uint16_t* block_offsets,
                              const uint8_t* order, uint64_t* words);
using SketchScanFn = void (*)(const uint8_t* block, const uint8_t* tables, uint16_t* least,
                              uint8_t* at);
using ClearVectorsFn = void (*)();
using AesCtrFn = void (*)(const uint8_t* round_keys, const uint8_t* salt, const uint8_t* in,
                          uint8_t* out, size_t blocks);

// What a search runs; the headers of the scalar kernels specify each.
struct MatchKernels {
  BlockExcessFn block_excess;
  ElasticTotalsFn elastic_totals;
  GatherCodeFn gather_code;
  SketchScanFn sketch_scan;
};

// The kernels of `level`, or of the nearest lower level that this CPU has.
const MatchKernels& MatchKernelsFor(KernelLevel level);

// For this CPU, whatever level the kernels are of: libraries use its registers too.
ClearVectorsFn BestClearVectors();

// As above; nullptr means that OpenSSL has to do it.
AesCtrFn AesCtrFor(AesLevel level);

}  // namespace kernels
}  // namespace ladon::matcher

#endif  // LADON_MATCHER_KERNELS_DISPATCH_H_
