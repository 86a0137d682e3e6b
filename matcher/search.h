// One probe against a gallery: exhaustively, or in stages with a measured miss rate.
//
// Exhaustive: every row gets the distance of SearchDistanceQ16 (distance.h).
// Staged, each stage on what the one before has passed:
//   1. sketches (sketch.h): the probe's upright code at 25 translations, one bit a cell;
//   2. the whole row against the upright code at the translations around the best of stage 1;
//   3. the distance of SearchDistanceQ16, over all codes and translations.
// The first two pass narrowly. Only when nobody near enough is found that way do they pass widely
// before the answer is "nobody": an owner is found at once as a rule, and a stranger costs more.
// So a row that is found has its exact distance, and ties and row order matter as little as before;
// a row that the wide stages reject is not found. How often that happens to a row that the
// exhaustive search would accept is a figure of `./dev bench matcher` (docs/adr/0010).
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

// What passes stages 1 and 2: sketches at most this far (of 2 048, chance brings about 850 at the
// best translation), windows at most this. Chosen on the real sets by what they keep and what they
// miss (docs/adr/0010).
struct StageLimits {
  uint16_t sketch_cost_max;
  int32_t window_distance_max_q16;
};
inline constexpr StageLimits kNarrow = {.sketch_cost_max = 780, .window_distance_max_q16 = 26'000};
// A region's gallery is too large to look at a third of it once more.
inline constexpr size_t kWideRowsMax = 20'000;
inline constexpr StageLimits kWide = {.sketch_cost_max = 840, .window_distance_max_q16 = 26'800};
inline constexpr StageLimits kWideRegion = {.sketch_cost_max = 810,
                                            .window_distance_max_q16 = 26'400};
// Stage 2 looks this many cells around the best translation of stage 1.
inline constexpr int kWindowCells = 2;

// What a search needs of its process and probe; all outlive the call.
struct SearchContext {
  const MemoryKey* memory_key;
  const kernels::MatchKernels* kernels;
  SearchPool* pool;  // nullptr: the caller's thread alone.
};

// How many rows each stage has passed on, narrowly and widely together.
struct StageCounts {
  size_t rows = 0;
  size_t after_sketches = 0;
  size_t after_windows = 0;
  bool widened = false;
};

[[nodiscard]] TwoBest SearchExhaustively(const GalleryView& view, const ProbeVariants& probe,
                                         const SearchContext& context);

// Widens unless somebody within `near_enough_q16` is found narrowly. `counts` may be nullptr.
[[nodiscard]] TwoBest SearchInStages(const GalleryView& view, const ProbeVariants& probe,
                                     int32_t near_enough_q16, const SearchContext& context,
                                     StageCounts* counts);

// Stage 2 for one open row: the least distance of the upright code at the translations within
// kWindowCells of step `at` of stage 1.
[[nodiscard]] int32_t WindowDistanceQ16(const VeinCode& row, const ProbeVariants& probe, uint8_t at,
                                        const kernels::MatchKernels& kernels);

}  // namespace ladon::matcher

#endif  // LADON_MATCHER_SEARCH_H_
