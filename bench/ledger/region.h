// A store as a region's is after a year: children with palms, a journal, a security log. For timing
// how a server starts on it.
#ifndef LADON_BENCH_LEDGER_REGION_H_
#define LADON_BENCH_LEDGER_REGION_H_

#include <cstdint>
#include <string>

#include "absl/status/status.h"

namespace ladon::bench {

struct RegionOptions {
  std::string store;
  std::string keys;
  std::string root_key_file;
  uint32_t schools = 320;
  uint32_t children = 120'000;
  uint32_t samples = 6;  // Of each child: both palms, three captures.
  uint64_t transfers = 10'000'000;
  uint64_t seed = 1;
};

// Fills a new store and a new directory of keys, past the network and past consents: only what a
// start reads. One record of the security log for each transfer.
[[nodiscard]] absl::Status FillRegion(const RegionOptions& options);

}  // namespace ladon::bench

#endif  // LADON_BENCH_LEDGER_REGION_H_
