// The specification of clear_vectors: no vector register keeps what was computed in it. Registers
// of a thread that waits lie in the kernel's memory of it, and in its core dump; the next
// computation that would write over the upper ones may be a long time off.
//
// On a CPU without AVX2 there are sixteen registers, which the next copy of some bytes writes over;
// nothing is done about them. Safe from any thread; costs tens of instructions.
#ifndef LADON_MATCHER_KERNELS_CLEAR_VECTORS_SCALAR_H_
#define LADON_MATCHER_KERNELS_CLEAR_VECTORS_SCALAR_H_

namespace ladon::matcher::kernels {

inline void ClearVectorsScalar() {}

}  // namespace ladon::matcher::kernels

#endif  // LADON_MATCHER_KERNELS_CLEAR_VECTORS_SCALAR_H_
