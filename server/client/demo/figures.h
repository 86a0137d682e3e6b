// The figures of the demonstration and their JSON. Threading: plain values.
#ifndef LADON_SERVER_CLIENT_DEMO_FIGURES_H_
#define LADON_SERVER_CLIENT_DEMO_FIGURES_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"

namespace ladon::demo {

struct Figures {
  int64_t palms_enrolled = 0;
  int64_t mated_probes = 0;  // Images of enrolled palms, those the extractor refused included.
  int64_t right_child = 0;   // Of them answered with the right child.
  int64_t strangers = 0;     // Images of palms that are not enrolled.
  int64_t false_accepts = 0;
  int64_t wrong_child = 0;  // Identified or debited.
  int64_t ambiguous = 0;
  int64_t not_extracted = 0;
  std::vector<int64_t> identify_us;
  std::vector<int64_t> debit_us;
  int64_t acknowledged = 0;
  int64_t lost = 0;
  int64_t duplicated = 0;

  // 0 without a probe.
  [[nodiscard]] double rank1() const;
};

// Nearest-rank percentile in milliseconds; 0 for no value.
[[nodiscard]] double PercentileMs(std::vector<int64_t> latencies_us, int percent);

// Exactly the keys palms_enrolled, mated_probes, rank1, false_accepts, wrong_child, ambiguous,
// identify_ms{p50,p99}, debit_ms{p50,p99}, acknowledged, lost, duplicated.
[[nodiscard]] std::string FiguresJson(const Figures& figures);
// FailedPrecondition: the file system.
[[nodiscard]] absl::Status WriteFigures(const std::string& path, const Figures& figures);

}  // namespace ladon::demo

#endif  // LADON_SERVER_CLIENT_DEMO_FIGURES_H_
