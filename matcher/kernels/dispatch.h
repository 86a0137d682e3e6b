// Chooses a kernel for the CPU we run on. Levels form a chain; each falls back to the one before.
// Tests name a level to compare it with its specification; production takes the best.
// Pure but for reading the CPU's own feature bits; safe from any thread.
#ifndef LADON_MATCHER_KERNELS_DISPATCH_H_
#define LADON_MATCHER_KERNELS_DISPATCH_H_

#include <cstddef>
#include <cstdint>

namespace ladon::matcher {

enum class KernelLevel : uint8_t { kScalar = 0, kAvx2 = 1 };

// How rows in memory are opened. kOpenSsl: libcrypto, on CPUs without AES instructions.
enum class AesLevel : uint8_t { kOpenSsl = 0, kAesni = 1, kVaes = 2 };

KernelLevel BestKernelLevel();
AesLevel BestAesLevel();

namespace kernels {

using HammingMaskedFn = void (*)(const uint64_t* row, const uint64_t* variants,
                                 size_t variant_count, uint32_t* counts);
using ElasticCountsFn = void (*)(const uint64_t* row, const uint64_t* const* variants,
                                 size_t variant_count, const uint64_t* block_masks,
                                 uint32_t* counts);
using AesCtrFn = void (*)(const uint8_t* round_keys, const uint8_t* salt, const uint8_t* in,
                          uint8_t* out, size_t blocks);

// The kernel of `level`, or of the nearest lower level that this CPU has.
HammingMaskedFn HammingMaskedFor(KernelLevel level);
ElasticCountsFn ElasticCountsFor(KernelLevel level);

// As above; nullptr means that OpenSSL has to do it.
AesCtrFn AesCtrFor(AesLevel level);

}  // namespace kernels
}  // namespace ladon::matcher

#endif  // LADON_MATCHER_KERNELS_DISPATCH_H_
