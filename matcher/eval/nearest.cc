#include "matcher/eval/nearest.h"

#include <algorithm>
#include <cstddef>

#include "matcher/kernels/dispatch.h"
#include "matcher/memory_key.h"
#include "matcher/scan.h"

namespace ladon::matcher::eval {

std::vector<int32_t> NearestDistances(std::span<const VeinCode> rows,
                                      std::span<const VeinCode> probe_codes,
                                      const SchoolTransform& transform) {
  const kernels::MatchKernels& kernels = kernels::MatchKernelsFor(BestKernelLevel());
  const ProbeVariants variants(transform, probe_codes);
  std::vector<int32_t> nearest(rows.size());
  for (size_t r = 0; r < rows.size(); r += kOpenRowsMax) {
    const size_t count = std::min(kOpenRowsMax, rows.size() - r);
    ScanRows(rows.subspan(r, count), variants, kernels, {&nearest[r], count});
  }
  return nearest;
}

}  // namespace ladon::matcher::eval
