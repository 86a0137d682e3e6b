// clear_vectors (clear_vectors_scalar.h) for CPUs with AVX2.
// Call it only after the dispatcher (dispatch.h) has found AVX2.
#ifndef LADON_MATCHER_KERNELS_CLEAR_VECTORS_AVX2_H_
#define LADON_MATCHER_KERNELS_CLEAR_VECTORS_AVX2_H_

namespace ladon::matcher::kernels {

void ClearVectorsAvx2();

}  // namespace ladon::matcher::kernels

#endif  // LADON_MATCHER_KERNELS_CLEAR_VECTORS_AVX2_H_
