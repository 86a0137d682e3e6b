// BlockExcessScalar for CPUs with AVX-512 and VPOPCNTDQ: same arguments, same values, bit for bit.
// Call it only after the dispatcher (dispatch.h) has found them.
#ifndef LADON_MATCHER_KERNELS_BLOCK_EXCESS_AVX512_H_
#define LADON_MATCHER_KERNELS_BLOCK_EXCESS_AVX512_H_

#include <cstddef>
#include <cstdint>

namespace ladon::matcher::kernels {

void BlockExcessAvx512(const uint64_t* row, const uint64_t* variants, size_t variant_count,
                       int16_t* excess, uint16_t* cells);

}  // namespace ladon::matcher::kernels

#endif  // LADON_MATCHER_KERNELS_BLOCK_EXCESS_AVX512_H_
