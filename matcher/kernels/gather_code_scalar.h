// One permuted code out of a grid of cells, one byte a cell: the specification of the kernels of
// this name, which equal it bit for bit.
//
// first points at cell (0, 0) of the code in a grid whose rows are stride bytes apart (its
// neighbours are readable: moving first moves the palm); bit p of a byte is plane p, bit 6 the
// mask. Word w of a plane takes the block of 8 x 8 cells whose first cell is at first +
// block_offsets[w], and its bit i takes cell order[64 * w + i] of it, counted row by row, 0 .. 63.
// words gets all 112 words of the code.
#ifndef LADON_MATCHER_KERNELS_GATHER_CODE_SCALAR_H_
#define LADON_MATCHER_KERNELS_GATHER_CODE_SCALAR_H_

#include <cstddef>
#include <cstdint>

namespace ladon::matcher::kernels {

void GatherCodeScalar(const uint8_t* first, size_t stride, const uint16_t* block_offsets,
                      const uint8_t* order, uint64_t* words);

}  // namespace ladon::matcher::kernels

#endif  // LADON_MATCHER_KERNELS_GATHER_CODE_SCALAR_H_
