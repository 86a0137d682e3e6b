#include "server/flow/own_work.h"

#include <future>
#include <memory>
#include <string>
#include <utility>

#include "ledger/proof/merkle.h"
#include "server/base/codec.h"
#include "server/flow/refusal.h"

namespace ladon::flow {

std::string_view OwnEventName(uint16_t event) {
  switch (static_cast<OwnEvent>(event)) {
    case OwnEvent::kErasureSettled:
      return "ERASURE_SETTLED";
    case OwnEvent::kErasureRemoved:
      return "ERASURE_REMOVED";
    case OwnEvent::kErasureKeysDestroyed:
      return "ERASURE_KEYS_DESTROYED";
    case OwnEvent::kErasureDone:
      return "ERASURE_DONE";
    case OwnEvent::kPalmKeysDestroyed:
      return "PALM_KEYS_DESTROYED";
    case OwnEvent::kEpochBegun:
      return "EPOCH_BEGUN";
    case OwnEvent::kRetention:
      return "RETENTION";
    case OwnEvent::kSubjectMoved:
      return "SUBJECT_MOVED";
  }
  return {};
}

access::Caller OwnCaller(OwnEvent event) {
  access::Caller caller;
  caller.principal.role = base::Role{};
  caller.uri = "ladon:self";
  caller.scope = access::Scope::kAllSchools;
  caller.event = static_cast<uint16_t>(event);
  return caller;
}

Request OwnRequest(const House& house, std::string_view label, const Object& object,
                   uint64_t number) {
  base::Encoder out;
  out.Raw("ladon/own/1");
  out.String(label);
  out.Raw({reinterpret_cast<const char*>(object.data()), object.size()});
  out.U64(number);
  const std::string text = out.Take();
  return {.key = {ledger::Sha256(text)}, .content = ContentDigest(house, "own", text)};
}

absl::StatusOr<ledger::Outcome> CommitAndWait(const House& house, const access::Caller& caller,
                                              const Object& object, ledger::Submission submission) {
  const auto promise = std::make_shared<std::promise<absl::StatusOr<ledger::Outcome>>>();
  std::future<absl::StatusOr<ledger::Outcome>> result = promise->get_future();
  Commit(house, caller, object, std::move(submission),
         [promise](const absl::Status& status, const ledger::Outcome& outcome) {
           const absl::Status verdict = status.ok() ? FromResult(outcome.code) : status;
           if (!verdict.ok()) {
             promise->set_value(verdict);
           } else {
             promise->set_value(outcome);
           }
         });
  return result.get();
}

}  // namespace ladon::flow
