// How much more than chance one row agrees with each of some variants, block by block: the
// specification of the kernels of this name, which equal it bit for bit.
//
// Codes are 112 words (layout.h). With c cells reliable in both codes of a block and d differing
// bits under them, its excess is 6 * c - 2 * d: -384 .. 384. excess gets 16 values a variant, in
// the order of PlaceOfWord; cells gets the common cells of the whole variant, 0 .. 1 024.
// No alignment is assumed, nothing is kept, variant_count may be 0.
#ifndef LADON_MATCHER_KERNELS_BLOCK_EXCESS_SCALAR_H_
#define LADON_MATCHER_KERNELS_BLOCK_EXCESS_SCALAR_H_

#include <cstddef>
#include <cstdint>

namespace ladon::matcher::kernels {

void BlockExcessScalar(const uint64_t* row, const uint64_t* variants, size_t variant_count,
                       int16_t* excess, uint16_t* cells);

}  // namespace ladon::matcher::kernels

#endif  // LADON_MATCHER_KERNELS_BLOCK_EXCESS_SCALAR_H_
