// The specification of clear_vectors: no vector register keeps what a kernel of its level put
// there. Registers of a thread that waits lie in the kernel's memory of it, and in its core dump;
// the next computation that would write over the upper ones may be a long time off.
//
// Code without vectors leaves none. Safe from any thread; costs tens of instructions.
#ifndef LADON_MATCHER_KERNELS_CLEAR_VECTORS_SCALAR_H_
#define LADON_MATCHER_KERNELS_CLEAR_VECTORS_SCALAR_H_

namespace ladon::matcher::kernels {

inline void ClearVectorsScalar() {}

}  // namespace ladon::matcher::kernels

#endif  // LADON_MATCHER_KERNELS_CLEAR_VECTORS_SCALAR_H_
