// The exhaustive comparison of one probe with many rows, as the gallery makes it. Pure.
#ifndef LADON_MATCHER_EVAL_NEAREST_H_
#define LADON_MATCHER_EVAL_NEAREST_H_

#include <cstdint>
#include <span>
#include <vector>

#include "matcher/transform.h"
#include "matcher/vein_code.h"

namespace ladon::matcher::eval {

// The distance (distance.h) of each row to the nearest of the probe's codes at any translation.
// `rows` are under `transform`; `probe_codes` are plain, 1 .. kProbeCodesMax.
[[nodiscard]] std::vector<int32_t> NearestDistances(std::span<const VeinCode> rows,
                                                    std::span<const VeinCode> probe_codes,
                                                    const SchoolTransform& transform);

}  // namespace ladon::matcher::eval

#endif  // LADON_MATCHER_EVAL_NEAREST_H_
