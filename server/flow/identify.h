// Identify: one child, or nobody, or ambiguous; never a guess.
// Threading: Find…() are called on a worker (palms) or any thread (cards); Identify() anywhere.
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
#include "server/flow/on_worker.h"
#include "server/flow/payer.h"
#include "server/flow/token.h"
#include "server/vault/card_number.h"

namespace ladon::flow {

struct Probe {
  std::vector<matcher::VeinCode> codes;  // 1..kProbeCodesMax, of one image.
  base::SensorId sensor;
  Liveness liveness = Liveness::kUnknown;
};

using PayMeans = std::variant<Probe, vault::CardNumber>;

struct IdentifyAnswer {
  Payer payer;
  std::string token;
  uint64_t expires_at_ns = 0;
};

// Who it is, in the caller's school, without asking whether they may be served. kPalmNotRecognised,
// kPalmAmbiguous, kLivenessFailed, kPalmThrottled, kBiometricsOff; kCardUnknown; kSchoolUnknown.
[[nodiscard]] absl::StatusOr<Identified> FindByMeans(const House& house,
                                                     const access::Caller& caller,
                                                     const PayMeans& means);

// Runs `job` where the means want it: palms on the searchers' threads, cards at once.
template <class T>
void RunForMeans(const House& house, const access::Caller& caller, const PayMeans& means,
                 Done<T> done, std::function<void(Done<T>)> job) {
  if (std::holds_alternative<vault::CardNumber>(means)) {
    job(std::move(done));
  } else {
    OnWorker<T>(house, caller, std::move(done), std::move(job));
  }
}

void Identify(const House& house, const access::Caller& caller, PayMeans means,
              Done<IdentifyAnswer> done);

}  // namespace ladon::flow

#endif  // LADON_SERVER_FLOW_IDENTIFY_H_
