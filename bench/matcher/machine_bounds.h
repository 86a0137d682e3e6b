// What the machine could do at best, measured in the same run as what we do.
#ifndef LADON_BENCH_MATCHER_MACHINE_BOUNDS_H_
#define LADON_BENCH_MATCHER_MACHINE_BOUNDS_H_

#include "matcher/kernels/dispatch.h"

namespace ladon::bench {

// Comparisons of two codes a second and core if nothing but exclusive or, and, population count and
// addition of registers took time: no loads, no sums across lanes, no stretching.
double PopcountBoundPerSecond(matcher::KernelLevel level);

// Bytes a second that one core reads from memory in order.
double ReadBytesPerSecond();

}  // namespace ladon::bench

#endif  // LADON_BENCH_MATCHER_MACHINE_BOUNDS_H_
