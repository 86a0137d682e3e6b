// The peer: FAISS's exhaustive binary index (Debian's libfaiss) over the same codes and variants.
// It knows no masks, so it compares the planes only: six sevenths of our bits.
#ifndef LADON_BENCH_MATCHER_FAISS_PEER_H_
#define LADON_BENCH_MATCHER_FAISS_PEER_H_

#include <cstddef>
#include <span>

#include "matcher/vein_code.h"

namespace ladon::bench {

struct FaissFigures {
  double ms_a_variant = 0;  // One variant against all rows.
  size_t nearest = 0;       // The row nearest to any of the variants.
};

// `variants` on `threads` threads, median of `rounds`.
FaissFigures SearchWithFaiss(std::span<const matcher::VeinCode> rows,
                             std::span<const matcher::VeinCode> variants, size_t threads,
                             size_t rounds);

}  // namespace ladon::bench

#endif  // LADON_BENCH_MATCHER_FAISS_PEER_H_
