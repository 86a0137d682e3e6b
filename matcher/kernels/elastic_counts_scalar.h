// Masked Hamming counts of one row against a few variants, block by block: the specification.
//
// Codes are words as in hamming_masked_scalar.h; `block_masks` is kBlocks x 16 words that say which
// cells are of which block (matcher/transform.h). counts[v * kBlocks + b] = differing bits of block
// b under both masks | common mask bits << 16. Every other kernel of this name equals this one bit
// for bit. No alignment is assumed, nothing is kept.
#ifndef LADON_MATCHER_KERNELS_ELASTIC_COUNTS_SCALAR_H_
#define LADON_MATCHER_KERNELS_ELASTIC_COUNTS_SCALAR_H_

#include <cstddef>
#include <cstdint>

namespace ladon::matcher::kernels {

void ElasticCountsScalar(const uint64_t* row, const uint64_t* const* variants, size_t variant_count,
                         const uint64_t* block_masks, uint32_t* counts);

}  // namespace ladon::matcher::kernels

#endif  // LADON_MATCHER_KERNELS_ELASTIC_COUNTS_SCALAR_H_
