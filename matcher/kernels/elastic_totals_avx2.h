// ElasticTotalsScalar for CPUs with AVX2: same arguments, same values, bit for bit.
// Call it only after the dispatcher (dispatch.h) has found AVX2.
#ifndef LADON_MATCHER_KERNELS_ELASTIC_TOTALS_AVX2_H_
#define LADON_MATCHER_KERNELS_ELASTIC_TOTALS_AVX2_H_

#include <cstddef>
#include <cstdint>

namespace ladon::matcher::kernels {

void ElasticTotalsAvx2(const int16_t* excess, size_t width, size_t height, int16_t* totals);

}  // namespace ladon::matcher::kernels

#endif  // LADON_MATCHER_KERNELS_ELASTIC_TOTALS_AVX2_H_
