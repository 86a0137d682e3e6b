// How far the sketches of 64 rows are from a probe, elastically: the first stage of a search, and
// the specification of the kernels of this name, which equal it bit for bit.
//
// A sketch is 16 words, one a block (matcher/sketch.h). block holds 64 of them by nibbles: nibble n
// (0 .. 15, lowest first) of word w is in the 32 bytes from (16 * w + n) * 32, of row r in the low
// half of byte r, of row 32 + r in the high half.
// tables holds, for each word w, each translation t (5 x 5, row by row, two cells apart) and each
// nibble n, 16 bytes at ((w * 25 + t) * 16 + n) * 16: what a row's nibble of that value costs,
// 0 .. 8 (SketchProbe).
// For a translation each word takes the least cost among the up to nine translations at most one
// step away in x and in y, plus kStepPenalty a step; four words at a time add up to at most 255,
// and these four sums add up. least[r] is the least over the translations, at[r] the first one that
// has it. Nothing is kept.
#ifndef LADON_MATCHER_KERNELS_SKETCH_SCAN_SCALAR_H_
#define LADON_MATCHER_KERNELS_SKETCH_SCAN_SCALAR_H_

#include <cstddef>
#include <cstdint>

namespace ladon::matcher::kernels {

inline constexpr size_t kSketchRows = 64;
inline constexpr size_t kSketchNibbles = 16;    // A word.
inline constexpr size_t kSketchStepsASide = 5;  // Translations a side.
inline constexpr size_t kSketchSteps = kSketchStepsASide * kSketchStepsASide;
inline constexpr size_t kSketchWordsASum = 4;
inline constexpr uint8_t kStepPenalty = 4;

void SketchScanScalar(const uint8_t* block, const uint8_t* tables, uint16_t* least, uint8_t* at);

}  // namespace ladon::matcher::kernels

#endif  // LADON_MATCHER_KERNELS_SKETCH_SCAN_SCALAR_H_
