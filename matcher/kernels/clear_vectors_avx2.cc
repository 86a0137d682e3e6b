#include "matcher/kernels/clear_vectors_avx2.h"

#include <immintrin.h>

namespace ladon::matcher::kernels {

__attribute__((target("avx2"))) void ClearVectorsAvx2() {
  _mm256_zeroall();
}

}  // namespace ladon::matcher::kernels
