// How well two protected templates can be told to be of one palm: D_sys.
//
// After Gomez-Barrero, Galbally, Rathgeb and Busch, "General Framework to Evaluate Unlinkability in
// Biometric Template Protection Systems", IEEE TIFS 13(6), 2018, with prior ratio omega = 1. Scores
// of mated pairs (one palm, two keys) and of non-mated pairs fill histograms with common edges;
// where a score is likelier among mated pairs it betrays them. 0: unlinkable; 1: fully linkable.
// Few samples push it up, never down. Pure function.
#ifndef LADON_MATCHER_EVAL_UNLINKABILITY_H_
#define LADON_MATCHER_EVAL_UNLINKABILITY_H_

#include <span>

namespace ladon::matcher::eval {

// Needs at least 100 scores of each kind (asserted). Bins: a tenth of the smaller number of scores,
// at most 100.
[[nodiscard]] double SystemLinkability(std::span<const double> mated,
                                       std::span<const double> non_mated);

}  // namespace ladon::matcher::eval

#endif  // LADON_MATCHER_EVAL_UNLINKABILITY_H_
