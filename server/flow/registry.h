// A bank's registry: what it says was paid, held against what is booked.
//
// Every step may be repeated: a payment books once under its contract and id, whoever brings it,
// and a mark is the same mark. A stop in the middle leaves payments that are booked and not marked;
// the same request goes on from there. Threading: any thread; `done` on House::exporter.
#ifndef LADON_SERVER_FLOW_REGISTRY_H_
#define LADON_SERVER_FLOW_REGISTRY_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "server/flow/commit.h"
#include "server/payments/record.h"

namespace ladon::flow {

inline constexpr size_t kRegistryLinesMax = 1'000;  // Of one call.
inline constexpr size_t kDifferingToldMax = 100;

struct RegistryLine {
  std::string payment_id;
  std::string account;  // As the payer typed it.
  int64_t paid_kopecks = 0;
};
struct RegistryInput {
  std::string contract;
  payments::Digest file{};  // Of the whole file, of which this may be a part.
  std::vector<RegistryLine> lines;
};

struct LineCount {
  uint32_t lines = 0;
  int64_t paid_kopecks = 0;
};
struct RegistryAnswer {
  LineCount matched;
  LineCount booked;     // Only the registry had them.
  LineCount suspended;  // Of these, for an account that is not there.
  LineCount differ;
  std::vector<std::string> differing;  // The first kDifferingToldMax.
};
// Beyond the contract's limit for one day it needs a second person: as NeedApproval().
// kContractUnknown.
void ImportRegistry(const House& house, const access::Caller& caller, const Request& request,
                    RegistryInput input, Done<RegistryAnswer> done);

}  // namespace ladon::flow

#endif  // LADON_SERVER_FLOW_REGISTRY_H_
