#include "matcher/eval/distance_table.h"

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "matcher/eval/nearest.h"

namespace ladon::matcher::eval {

absl::StatusOr<DistanceTable> DistanceTable::Compute(const CodedSet& set,
                                                     const SchoolTransform& transform,
                                                     size_t threads, const Progress& progress) {
  DistanceTable table;
  std::vector<VeinCode> rows;
  std::vector<const std::vector<VeinCode>*> probe_codes;
  for (size_t p = 0; p < set.palms.size(); ++p) {
    table.first_template_.push_back(rows.size());
    for (const VeinCode& code : set.palms[p].templates) rows.push_back(transform.Apply(code));
    for (const std::vector<VeinCode>& codes : set.palms[p].probes) {
      table.probes_.push_back({.palm = p, .distances_q16 = {}});
      probe_codes.push_back(&codes);
    }
  }
  table.first_template_.push_back(rows.size());
  if (rows.size() * probe_codes.size() > kDistancesMax) {
    return absl::ResourceExhaustedError(
        absl::StrCat(probe_codes.size(), " probes and ", rows.size(),
                     " templates are too many pairs at once; evaluate a part of the folder"));
  }
  ForEachIndex(probe_codes.size(), threads, progress, [&](size_t q) {
    table.probes_[q].distances_q16 = NearestDistances(rows, *probe_codes[q], transform);
  });
  return table;
}

}  // namespace ladon::matcher::eval
