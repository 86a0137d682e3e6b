// The figures of an evaluation, in the words of ISO/IEC 19795-1: closed set, open set, several
// random splits, and how sure each figure is.
//
// A split takes `templates_per_palm` templates of each palm and enrols a part of the palms; the
// probes of enrolled palms are mated searches, all others non-mated. The first split takes the
// first templates of every palm, the others draw them. In comparisons of a split a palm is as far
// as its nearest template. Deterministic in the seed. Pure.
#ifndef LADON_MATCHER_EVAL_EVALUATION_H_
#define LADON_MATCHER_EVAL_EVALUATION_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "matcher/eval/distance_table.h"
#include "matcher/eval/error_rates.h"
#include "matcher/thresholds.h"

namespace ladon::matcher::eval {

struct Design {
  size_t templates_per_palm = 3;
  double enrolled_fraction = 0.5;
  size_t splits = 10;
  uint64_t seed = 1;
};

// The mean over splits, and a 90 % interval. For rates it spans both the spread over splits and
// Clopper and Pearson's interval for the attempts of one split; attempts with one palm are not
// independent, so it is still on the narrow side.
struct Figure {
  double mean = 0;
  Interval ci90{};
};

struct Evaluation {
  // By the key of the report: rank1, eer, fnmr_at_fmr_1e-3 and so on.
  std::map<std::string, Figure> figures;
  std::vector<DetPoint> det;       // Comparisons of all splits together.
  size_t genuine_comparisons = 0;  // Of one split.
  size_t impostor_comparisons = 0;
  size_t mated_searches = 0;
  size_t non_mated_searches = 0;
  DecisionRule rule{};  // The one that shipped thresholds give for this gallery size.
};

// `probe_codes` is the number of codes in a probe: thresholds depend on it. Needs at least two
// palms and one probe.
[[nodiscard]] Evaluation Evaluate(const DistanceTable& table, size_t probe_codes,
                                  const Design& design, const Thresholds& thresholds);

}  // namespace ladon::matcher::eval

#endif  // LADON_MATCHER_EVAL_EVALUATION_H_
