#include "matcher/kernels/elastic_counts_avx2.h"

#include "matcher/kernels/elastic_counts_body.h"

namespace ladon::matcher::kernels {

__attribute__((target("avx2,popcnt"))) void ElasticCountsAvx2(const uint64_t* row,
                                                              const uint64_t* const* variants,
                                                              size_t variant_count,
                                                              const uint64_t* block_masks,
                                                              uint32_t* counts) {
  ElasticCountsBody(row, variants, variant_count, block_masks, counts);
}

}  // namespace ladon::matcher::kernels
