// elastic_counts_scalar.h with the CPU's own population count, which every CPU with AVX2 has: few
// rows are compared elastically, so vectors would not be felt.
#ifndef LADON_MATCHER_KERNELS_ELASTIC_COUNTS_AVX2_H_
#define LADON_MATCHER_KERNELS_ELASTIC_COUNTS_AVX2_H_

#include <cstddef>
#include <cstdint>

namespace ladon::matcher::kernels {

void ElasticCountsAvx2(const uint64_t* row, const uint64_t* const* variants, size_t variant_count,
                       const uint64_t* block_masks, uint32_t* counts);

}  // namespace ladon::matcher::kernels

#endif  // LADON_MATCHER_KERNELS_ELASTIC_COUNTS_AVX2_H_
