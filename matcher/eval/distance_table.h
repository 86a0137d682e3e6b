// Distances of every probe image to every template, computed once and used by every split.
//
// Threading: Compute blocks and uses `threads` threads; a finished table is immutable.
#ifndef LADON_MATCHER_EVAL_DISTANCE_TABLE_H_
#define LADON_MATCHER_EVAL_DISTANCE_TABLE_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "absl/status/statusor.h"
#include "matcher/eval/coded_set.h"
#include "matcher/eval/parallel.h"
#include "matcher/transform.h"

namespace ladon::matcher::eval {

// 1 GiB of distances: 16 000 probe images against as many templates.
inline constexpr size_t kDistancesMax = size_t{1} << 28;

class DistanceTable {
 public:
  // As the gallery compares: under `transform`, each probe code at every translation. (The
  // transform changes no distance; it is there so that what is measured is what runs.)
  // ResourceExhausted: more than kDistancesMax pairs.
  [[nodiscard]] static absl::StatusOr<DistanceTable> Compute(const CodedSet& set,
                                                             const SchoolTransform& transform,
                                                             size_t threads,
                                                             const Progress& progress);

  struct Probe {
    size_t palm = 0;
    std::vector<int32_t> distances_q16;  // To every template, palm by palm.
  };

  [[nodiscard]] std::span<const Probe> probes() const { return probes_; }
  // Where the templates of palm p begin; one more entry than palms.
  [[nodiscard]] std::span<const size_t> first_template() const { return first_template_; }
  [[nodiscard]] size_t palms() const { return first_template_.size() - 1; }

 private:
  DistanceTable() = default;

  std::vector<Probe> probes_;
  std::vector<size_t> first_template_;
};

}  // namespace ladon::matcher::eval

#endif  // LADON_MATCHER_EVAL_DISTANCE_TABLE_H_
