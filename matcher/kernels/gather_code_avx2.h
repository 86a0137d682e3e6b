// GatherCodeScalar for CPUs with AVX2: same arguments, same words, bit for bit.
// Call it only after the dispatcher (dispatch.h) has found AVX2.
#ifndef LADON_MATCHER_KERNELS_GATHER_CODE_AVX2_H_
#define LADON_MATCHER_KERNELS_GATHER_CODE_AVX2_H_

#include <cstddef>
#include <cstdint>

namespace ladon::matcher::kernels {

void GatherCodeAvx2(const uint8_t* first, size_t stride, const uint16_t* block_offsets,
                    const uint8_t* order, uint64_t* words);

}  // namespace ladon::matcher::kernels

#endif  // LADON_MATCHER_KERNELS_GATHER_CODE_AVX2_H_
