// What a load run needs to know of a prepared school: where, whom, what for.
//
// A JSON file: {"server","school_id","caterer_id","items":[{item_id,category,name,
// unit_price_kopecks}],"cards":[{technology,uid,reader_profile}],"accounts":["<hex>"],
// "subjects":["<hex>"],"probes":[["<base64 of a code>", ...]]}; ids and card numbers in hex. It
// holds templates and card numbers of invented children only, yet is written with mode 0600.
// Threading: plain values.
#ifndef LADON_SERVER_CLIENT_LOAD_SCENARIO_H_
#define LADON_SERVER_CLIENT_LOAD_SCENARIO_H_

#include <cstddef>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "ladon/v1/admin_service.pb.h"
#include "ladon/v1/types.pb.h"

namespace ladon::load {

inline constexpr size_t kScenarioBytesMax = 256U << 20;
inline constexpr size_t kScenarioEntriesMax = 100'000;  // Of each list.

struct Scenario {
  std::string server;     // host:port
  std::string school_id;  // 16 bytes, as all ids here
  std::string caterer_id;
  std::vector<v1::PriceListItem> items;
  std::vector<v1::Card> cards;
  std::vector<std::string> accounts;
  std::vector<std::string> subjects;
  std::vector<v1::Probe> probes;
};

// FailedPrecondition: the file system. AlreadyExists: never overwrites.
[[nodiscard]] absl::Status WriteScenario(const std::string& path, const Scenario& scenario);

// NotFound, InvalidArgument (not a scenario, and where), ResourceExhausted (a limit).
[[nodiscard]] absl::StatusOr<Scenario> ReadScenario(const std::string& path);

}  // namespace ladon::load

#endif  // LADON_SERVER_CLIENT_LOAD_SCENARIO_H_
