// What the machine could do at best, measured in the same run as what we do.
#ifndef LADON_BENCH_MATCHER_MACHINE_BOUNDS_H_
#define LADON_BENCH_MATCHER_MACHINE_BOUNDS_H_

#include <cstddef>

#include "matcher/kernels/dispatch.h"

namespace ladon::bench {

// Comparisons of two codes a second and core, with `threads` cores busy at once, if nothing but
// exclusive or, and, population count and addition of registers took time: no loads, no sums across
// lanes, no stretching.
double PopcountBoundPerSecond(matcher::KernelLevel level, size_t threads);

// Sketches a second and core that stage 1 could compare with the 25 translations of a code if
// nothing but its look-ups and their additions took time. 0 where the level has no look-up of
// bytes.
double SketchBoundPerSecond(matcher::KernelLevel level, size_t threads);

// Additions a second of which each waits for the one before: about the cycles a second that the
// core really gives us.
double CyclesPerSecond();

// Bytes a second that one core reads from memory in order.
double ReadBytesPerSecond();

}  // namespace ladon::bench

#endif  // LADON_BENCH_MATCHER_MACHINE_BOUNDS_H_
