// clear_vectors (clear_vectors_scalar.h) for CPUs with AVX-512: 32 registers, of which vzeroall
// knows 16. Call it only after the dispatcher (dispatch.h) has found AVX-512 F.
#ifndef LADON_MATCHER_KERNELS_CLEAR_VECTORS_AVX512_H_
#define LADON_MATCHER_KERNELS_CLEAR_VECTORS_AVX512_H_

namespace ladon::matcher::kernels {

void ClearVectorsAvx512();

}  // namespace ladon::matcher::kernels

#endif  // LADON_MATCHER_KERNELS_CLEAR_VECTORS_AVX512_H_
