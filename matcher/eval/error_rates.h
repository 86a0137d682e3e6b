// Error rates of one-to-one comparisons, in the words of ISO/IEC 19795-1: false match rate (FMR),
// false non-match rate (FNMR), equal error rate (EER), and how sure they are.
//
// A comparison score here is a distance: lower is nearer, and a comparison matches when its
// distance is at most the threshold. All rates are fractions, 0 .. 1. Pure functions.
#ifndef LADON_MATCHER_EVAL_ERROR_RATES_H_
#define LADON_MATCHER_EVAL_ERROR_RATES_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace ladon::matcher::eval {

// Distances in 1/65536 (distance.h).
struct Scores {
  std::vector<int32_t> genuine;   // The same palm, across sessions.
  std::vector<int32_t> impostor;  // Different palms.

  // Every function below needs both ascending, and neither empty (asserted).
  void Sort();
};

[[nodiscard]] double FnmrAtThreshold(const Scores& scores, int32_t threshold_q16);
[[nodiscard]] double FmrAtThreshold(const Scores& scores, int32_t threshold_q16);

// The largest threshold whose FMR is at most `fmr`; with 0, just below the nearest impostor.
[[nodiscard]] int32_t ThresholdAtFmr(const Scores& scores, double fmr);
[[nodiscard]] double FnmrAtFmr(const Scores& scores, double fmr);

// Where FMR and FNMR cross: the mean of both at the threshold where they are nearest to each other.
// 0 exactly when some threshold separates the two.
[[nodiscard]] double EqualErrorRate(const Scores& scores);

// Nearest impostor minus farthest genuine, as a fraction of the distance scale. Positive: a
// threshold without any error exists, and this is the room around it.
[[nodiscard]] double SeparationMargin(const Scores& scores);

struct DetPoint {
  double fmr;
  double fnmr;
};
// The detection error trade-off from the strictest to the laxest threshold, at most `points_max`
// points, no two equal neighbours.
[[nodiscard]] std::vector<DetPoint> DetCurve(const Scores& scores, size_t points_max);

struct Interval {
  double low;
  double high;
};
// The middle 90 % of `samples` (percentiles 5 and 95, nearest rank). Needs at least one.
[[nodiscard]] Interval Middle90(std::vector<double> samples);
// Clopper and Pearson, "The use of confidence or fiducial limits" (1934), 90 % two-sided:
// `errors` of `trials` independent attempts. With no error the upper end is the rule of 3 (2.996 /
// trials) at 95 % one-sided.
[[nodiscard]] Interval ClopperPearson90(size_t errors, size_t trials);

}  // namespace ladon::matcher::eval

#endif  // LADON_MATCHER_EVAL_ERROR_RATES_H_
