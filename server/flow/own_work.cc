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
      return "process/erasure-settled";
    case OwnEvent::kErasureRemoved:
      return "process/erasure-removed";
    case OwnEvent::kErasureKeysDestroyed:
      return "process/erasure-keys-destroyed";
    case OwnEvent::kErasureDone:
      return "process/erasure-done";
    case OwnEvent::kPalmKeysDestroyed:
      return "process/palm-keys-destroyed";
    case OwnEvent::kRetention:
      return "process/retention";
    case OwnEvent::kSubjectMoved:
      return "process/subject-moved";
  }
  return {};
}

std::optional<uint16_t> OwnEventOf(std::string_view name) {
  constexpr auto kFirst = static_cast<uint16_t>(OwnEvent::kErasureSettled);
  constexpr auto kLast = static_cast<uint16_t>(OwnEvent::kSubjectMoved);
  for (uint16_t event = kFirst; event <= kLast; ++event) {
    if (!name.empty() && OwnEventName(event) == name) return event;
  }
  return std::nullopt;
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
