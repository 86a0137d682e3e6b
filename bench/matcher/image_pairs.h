// Mated pairs of real palms, for what a staged search misses on them.
#ifndef LADON_BENCH_MATCHER_IMAGE_PAIRS_H_
#define LADON_BENCH_MATCHER_IMAGE_PAIRS_H_

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#include "bench/matcher/miss_rate.h"
#include "matcher/transform.h"

namespace ladon::bench {

struct ImagePairs {
  std::vector<MatedPair> as_taken;
  // The same with probe images that were turned, moved and made larger or smaller a little before
  // extraction: a few thousand pictures cannot show a rate of one in ten thousand.
  std::vector<MatedPair> moved;
};

// Every image of one session of a palm as a template against every image of the other as a probe,
// both ways (`folder` as ladon-eval reads it), and against `copies` moved ones of each probe.
// Deterministic. Exits with a message when the folder cannot be read.
ImagePairs MeasureImagePairs(const std::string& folder, size_t copies,
                             const matcher::SchoolTransform& transform, size_t threads,
                             const std::function<void(size_t, size_t)>& progress);

}  // namespace ladon::bench

#endif  // LADON_BENCH_MATCHER_IMAGE_PAIRS_H_
