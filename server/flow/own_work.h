// What the house does by itself: no caller, a number of its own in the security log.
// Threading: CommitAndWait() on a thread that nobody waits for, never on one of the ledger's.
#ifndef LADON_SERVER_FLOW_OWN_WORK_H_
#define LADON_SERVER_FLOW_OWN_WORK_H_

#include <cstdint>
#include <optional>
#include <string_view>

#include "absl/status/statusor.h"
#include "server/flow/commit.h"

namespace ladon::flow {

// Numbers in the security log, from 951; those of calls stand in access.matrix. Never reused.
enum class OwnEvent : uint16_t {
  kErasureSettled = 951,
  kErasureRemoved = 952,
  kErasureKeysDestroyed = 953,
  kErasureDone = 954,
  kPalmKeysDestroyed = 955,
  kRetention = 957,
  kSubjectMoved = 958,
};
// "process/erasure-settled"; empty: not one of these.
[[nodiscard]] std::string_view OwnEventName(uint16_t event);
[[nodiscard]] std::optional<uint16_t> OwnEventOf(std::string_view name);

[[nodiscard]] access::Caller OwnCaller(OwnEvent event);
// The id of a piece of own work: the same for the same `label`, object and number, so that it is
// done once however often it is begun.
[[nodiscard]] Request OwnRequest(const House& house, std::string_view label, const Object& object,
                                 uint64_t number);

// Commits and waits until it is durable. The error of `check`, a verdict of the ledger as a
// refusal, or Unavailable / ResourceExhausted.
[[nodiscard]] absl::StatusOr<ledger::Outcome> CommitAndWait(const House& house,
                                                            const access::Caller& caller,
                                                            const Object& object,
                                                            ledger::Submission submission);

}  // namespace ladon::flow

#endif  // LADON_SERVER_FLOW_OWN_WORK_H_
