// Identify: one child, or nobody, or ambiguous; never a guess.
// Threading: FindByMeans() on a worker (palms) or any thread (cards, lists); Identify() anywhere.
#ifndef LADON_SERVER_FLOW_IDENTIFY_H_
#define LADON_SERVER_FLOW_IDENTIFY_H_

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "absl/status/statusor.h"
#include "matcher/vein_code.h"
#include "server/flow/commit.h"
#include "server/flow/house.h"
#include "server/flow/list_means.h"
#include "server/flow/payer.h"
#include "server/flow/token.h"
#include "server/vault/card_number.h"

namespace ladon::flow {

struct Probe {
  std::vector<matcher::VeinCode> codes;  // 1..kProbeCodesMax, of one image.
  base::SensorId sensor;
  Liveness liveness = Liveness::kUnknown;
};

using PayMeans = std::variant<Probe, vault::CardNumber, ListMeans>;

struct IdentifyAnswer {
  Payer payer;
  std::string token;
  uint64_t expires_at_ns = 0;
};

// Who it is, in the caller's school, without asking whether they may be served. kPalmNotRecognised,
// kPalmAmbiguous, kLivenessFailed, kPalmThrottled, kBiometricsOff; kCardUnknown, kTooManyAttempts;
// as FindByList(); kSchoolUnknown. Palms only on a searcher's thread.
[[nodiscard]] absl::StatusOr<Identified> FindByMeans(const House& house,
                                                     const access::Caller& caller,
                                                     const PayMeans& means);

void Identify(const House& house, const access::Caller& caller, PayMeans means,
              Done<IdentifyAnswer> done);

}  // namespace ladon::flow

#endif  // LADON_SERVER_FLOW_IDENTIFY_H_
