// How every call ends: one submission to the committer, which makes its audit record durable
// together with whatever it changed, and only then lets the answer go.
//
// Threading: any thread. The callbacks run on the applier thread and must not block.
#ifndef LADON_SERVER_FLOW_COMMIT_H_
#define LADON_SERVER_FLOW_COMMIT_H_

#include <array>
#include <cstdint>
#include <functional>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "ledger/command.h"
#include "ledger/sequencer.h"
#include "server/access/caller.h"
#include "server/flow/house.h"

namespace ladon::flow {

// A mutating call as it is known to idempotency: whose it is, and what was sent.
struct Request {
  ledger::OperationKey key;
  ledger::Digest content;
};

// The key of `request_id` when `principal_uri` uses it.
[[nodiscard]] ledger::OperationKey OperationKeyOf(std::string_view principal_uri,
                                                  const base::RequestId& request_id);
// Keyed digest of the bytes of a request, so that nobody can guess a probe from it.
[[nodiscard]] ledger::Digest ContentDigest(const House& house, std::string_view rpc,
                                           std::string_view bytes);
// An id that is random to everybody without our key, and the same at every repeat of the call.
template <class IdType>
[[nodiscard]] IdType DeriveId(const House& house, const ledger::OperationKey& key,
                              std::string_view label);
[[nodiscard]] std::array<uint8_t, 16> DeriveIdBytes(const House& house,
                                                    const ledger::OperationKey& key,
                                                    std::string_view label);

// What the call was about, for the security log; zero = nothing that has an id.
using Object = std::array<uint8_t, 16>;

// What ran into the committer and what came out.
using Committed = std::function<void(const absl::Status& status, const ledger::Outcome& outcome)>;

// Submits `submission` with an audit record about `object`; a `record` of its own is called before
// that is made. What others want to hear of its entry goes into the outbox. `done` gets OK with the
// outcome (its code may be a refusal of the ledger), the error of the submission's `check`, or
// Unavailable / ResourceExhausted when nothing is known to be durable.
void Commit(const House& house, const access::Caller& caller, const Object& object,
            ledger::Submission submission, Committed done);

template <class T>
using Done = std::function<void(absl::StatusOr<T>)>;

// Ends a call that changes nothing: `answer` is given once its audit record is durable.
template <class T>
void Reply(const House& house, const access::Caller& caller, const Object& object,
           absl::StatusOr<T> answer, Done<T> done);

// For calls that ended before the flow began (bad fields, no right): the refusal is recorded like
// any other, then given.
void ReplyRefused(const House& house, const access::Caller& caller, const absl::Status& refusal,
                  std::function<void(absl::Status)> done);

// The empty submission of a call that changes nothing, with its verdict for the audit record.
[[nodiscard]] ledger::Submission ReadOnly(absl::Status verdict);

// --- templates ---------------------------------------------------------------------------------

template <class IdType>
IdType DeriveId(const House& house, const ledger::OperationKey& key, std::string_view label) {
  return IdType{.bytes = DeriveIdBytes(house, key, label)};
}

template <class T>
void Reply(const House& house, const access::Caller& caller, const Object& object,
           absl::StatusOr<T> answer, Done<T> done) {
  ledger::Submission submission = ReadOnly(answer.status());
  Commit(house, caller, object, std::move(submission),
         [answer = std::move(answer), done = std::move(done)](const absl::Status& status,
                                                              const ledger::Outcome&) {
           // The verdict comes back as `status`; anything else means it was not recorded.
           if (!status.ok()) {
             done(status);
           } else {
             done(answer);
           }
         });
}

}  // namespace ladon::flow

#endif  // LADON_SERVER_FLOW_COMMIT_H_
