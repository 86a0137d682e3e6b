// The shape of a code as the kernels see it; matcher/scan.cc asserts that it is the matcher's.
#ifndef LADON_MATCHER_KERNELS_LAYOUT_H_
#define LADON_MATCHER_KERNELS_LAYOUT_H_

#include <cstddef>
#include <cstdint>

namespace ladon::matcher::kernels {

inline constexpr size_t kWordsAPlane = 16;  // One 64-bit word a block.
inline constexpr size_t kOrientationPlanes = 6;
inline constexpr size_t kMaskWord = kOrientationPlanes * kWordsAPlane;
inline constexpr size_t kWordsACode = kMaskWord + kWordsAPlane;
inline constexpr size_t kWordsAVector = 4;  // Of 256 bits.

// Blocks are counted column by column: the excess of word 4 * row + column is at 4 * column + row.
// Vector kernels get this order for nothing.
constexpr size_t PlaceOfWord(size_t word) {
  return word % kWordsAVector * (kWordsAPlane / kWordsAVector) + word / kWordsAVector;
}

}  // namespace ladon::matcher::kernels

#endif  // LADON_MATCHER_KERNELS_LAYOUT_H_
