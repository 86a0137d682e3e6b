// One probe against a gallery: exhaustively, or in stages with a measured miss rate.
//
// Exhaustive: every row gets the distance of SearchDistanceQ16 (distance.h).
// Staged, each stage on what the one before has passed:
//   1. sketches (sketch.h): one code of the probe at 25 translations, one bit a cell;
//   2. the whole row against that code at the translations around the best of stage 1;
//   3. the distance of SearchDistanceQ16, over all codes and translations.
// First narrowly, with the upright code alone. Only when nobody near enough is found that way do
// all codes go through the stages before the answer is "nobody": an owner is found at once as a
// rule, and a stranger costs several times as much.
// So a row that is found has its exact distance, and ties and row order matter as little as before;
// a row that the stages reject is not found. How often that happens to a row that the exhaustive
// search would accept is a figure of `./dev bench matcher` (docs/adr/0010).
//
// Answers do not depend on the CPU or on the number of threads. Rows and sketches are opened into
// scratch that is wiped. Safe from any thread; the pool's threads work too.
#ifndef LADON_MATCHER_SEARCH_H_
#define LADON_MATCHER_SEARCH_H_

#include <cstddef>
#include <cstdint>

#include "matcher/gallery_table.h"
#include "matcher/kernels/dispatch.h"
#include "matcher/memory_key.h"
#include "matcher/scan.h"
#include "matcher/search_pool.h"

namespace ladon::matcher {

// What passes stage 1, narrowly with the upright code and widely with any (of 2 048; chance brings
// about 850 at the best translation), and stage 2. Chosen on the real sets by what they keep and
// what they miss (docs/adr/0010).
inline constexpr uint16_t kNarrowSketchCostMax = 780;
inline constexpr uint16_t kWideSketchCostMax = 820;
inline constexpr int32_t kWindowDistanceMaxQ16 = 26'000;
// Stage 2 looks this many cells around the best translation of stage 1.
inline constexpr int kWindowCells = 2;

// What a search needs of its process and probe; all outlive the call.
struct SearchContext {
  const MemoryKey* memory_key;
  const kernels::MatchKernels* kernels;
  SearchPool* pool;  // nullptr: the caller's thread alone.
};

// How much each stage has passed on, narrowly and widely together.
struct StageCounts {
  size_t rows = 0;
  size_t after_sketches = 0;  // Pairs of a row and a code.
  size_t after_windows = 0;   // Rows.
  bool widened = false;
};

[[nodiscard]] TwoBest SearchExhaustively(const GalleryView& view, const ProbeVariants& probe,
                                         const SearchContext& context);

// Widens unless somebody within `near_enough_q16` is found narrowly. `counts` may be nullptr.
[[nodiscard]] TwoBest SearchInStages(const GalleryView& view, const ProbeVariants& probe,
                                     int32_t near_enough_q16, const SearchContext& context,
                                     StageCounts* counts);

// Stage 2 for one open row: the least distance of `code` of the probe at the translations within
// kWindowCells of step `at` of stage 1.
[[nodiscard]] int32_t WindowDistanceQ16(const VeinCode& row, const ProbeVariants& probe,
                                        size_t code, uint8_t at,
                                        const kernels::MatchKernels& kernels);

}  // namespace ladon::matcher

#endif  // LADON_MATCHER_SEARCH_H_
