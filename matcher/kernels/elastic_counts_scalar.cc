#include "matcher/kernels/elastic_counts_scalar.h"

#include "matcher/kernels/elastic_counts_body.h"

namespace ladon::matcher::kernels {

void ElasticCountsScalar(const uint64_t* row, const uint64_t* const* variants, size_t variant_count,
                         const uint64_t* block_masks, uint32_t* counts) {
  ElasticCountsBody(row, variants, variant_count, block_masks, counts);
}

}  // namespace ladon::matcher::kernels
