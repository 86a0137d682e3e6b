// SketchScanScalar for CPUs with AVX2: same arguments, same values, bit for bit.
// Call it only after the dispatcher (dispatch.h) has found them. block and tables are 32-byte
// aligned or not, as they like.
#ifndef LADON_MATCHER_KERNELS_SKETCH_SCAN_AVX2_H_
#define LADON_MATCHER_KERNELS_SKETCH_SCAN_AVX2_H_

#include <cstddef>
#include <cstdint>

namespace ladon::matcher::kernels {

void SketchScanAvx2(const uint8_t* block, const uint8_t* tables, uint16_t* least, uint8_t* at);

}  // namespace ladon::matcher::kernels

#endif  // LADON_MATCHER_KERNELS_SKETCH_SCAN_AVX2_H_
