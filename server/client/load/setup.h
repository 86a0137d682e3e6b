// Prepares a running server for a load run: a school with tills, children, cards, money and palms,
// and the scenario that names them. Invented children, synthetic palms.
// Threading: one thread.
#ifndef LADON_SERVER_CLIENT_LOAD_SETUP_H_
#define LADON_SERVER_CLIENT_LOAD_SETUP_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>

#include "absl/status/statusor.h"
#include "server/client/load/scenario.h"

namespace ladon::load {

inline constexpr size_t kTillsMax = 256;

struct SetupOptions {
  std::string server;
  std::string server_name;
  std::string sysadmin;     // Identity directory.
  std::string authority;    // Directory of the local authority.
  std::string identities;   // Where the identities of tills and cashier are made.
  size_t children = 200;    // 1..demo::kInventedChildrenMax
  size_t palms = 50;        // Of them with an enrolled palm.
  bool both_palms = false;  // Their left one too; probes are of the right one.
  size_t tills = 4;         // 1..kTillsMax
  int64_t money_kopecks = 10'000'000;
  uint64_t seed = 1;
};

// InvalidArgument: a limit. Otherwise what the first failing step says.
[[nodiscard]] absl::StatusOr<Scenario> SetUp(const SetupOptions& options,
                                             const std::function<void(size_t children)>& tick);

}  // namespace ladon::load

#endif  // LADON_SERVER_CLIENT_LOAD_SETUP_H_
