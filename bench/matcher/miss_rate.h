// What a staged search misses: mated pairs against the limits of its stages.
#ifndef LADON_BENCH_MATCHER_MISS_RATE_H_
#define LADON_BENCH_MATCHER_MISS_RATE_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "bench/matcher/population.h"
#include "matcher/scan.h"
#include "matcher/transform.h"

namespace ladon::bench {

// One row against the probe of its owner.
struct MatedPair {
  int32_t distance_q16 = 0;  // Exhaustively.
  bool narrow = false;       // Whether the stages let it through with the upright code,
  bool wide = false;         // and with all codes.
};

// Transformed rows against the probe of their owner.
std::vector<MatedPair> MeasureRows(std::span<const matcher::VeinCode> rows,
                                   const matcher::ProbeVariants& probe);

// `rows_a_probe` showings, made for each of `probes` from the palm of the same number, as rows.
std::vector<MatedPair> MeasureInventedPairs(const Population& population,
                                            std::span<const std::vector<matcher::VeinCode>> probes,
                                            size_t rows_a_probe,
                                            const matcher::SchoolTransform& transform,
                                            size_t threads,
                                            const std::function<void(size_t)>& progress);

struct MissRate {
  size_t accepted = 0;  // Pairs that the exhaustive search accepts.
  size_t missed = 0;    // Of them, those that the stages reject.
  size_t widened = 0;   // Found, but only widely.
  [[nodiscard]] double rate() const;
  // One-sided 95 % upper bound (Clopper and Pearson; for no miss the rule of three).
  [[nodiscard]] double upper() const;
};

MissRate CountMisses(std::span<const MatedPair> pairs, int32_t distance_max_q16);

}  // namespace ladon::bench

#endif  // LADON_BENCH_MATCHER_MISS_RATE_H_
