// Masked Hamming counts of one row against a block of variants: the specification.
//
// A code is 64 little-endian words: three planes of 16 and the mask (matcher/vein_code.h).
// counts[v] = differing bits under both masks | common mask bits << 16; both fit: at most 3 072
// and 1 024. Every other kernel of this name equals this one bit for bit.
// No alignment is assumed, nothing is kept, `variant_count` may be 0.
#ifndef LADON_MATCHER_KERNELS_HAMMING_MASKED_SCALAR_H_
#define LADON_MATCHER_KERNELS_HAMMING_MASKED_SCALAR_H_

#include <cstddef>
#include <cstdint>

namespace ladon::matcher::kernels {

void HammingMaskedScalar(const uint64_t* row, const uint64_t* variants, size_t variant_count,
                         uint32_t* counts);

}  // namespace ladon::matcher::kernels

#endif  // LADON_MATCHER_KERNELS_HAMMING_MASKED_SCALAR_H_
