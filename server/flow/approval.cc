#include "server/flow/approval.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "server/flow/mutate.h"
#include "server/registers/registers.h"

namespace ladon::flow {
namespace {

using registers::Approval;
using registers::ApprovalState;

registers::Actor ActorOf(const access::Caller& caller) {
  return {.id = caller.principal.id, .role = caller.principal.role};
}

// Whether `caller` may decide about it, by the matrix and by its school.
bool MayDecide(const House& house, const access::Caller& caller, const Approval& approval) {
  const access::Rule* const rule = house.matrix->FindEvent(approval.event);
  if (rule == nullptr) return false;
  const access::Grant* const grant = FindGrant(rule->approvers, caller.principal.role);
  if (grant == nullptr) return false;
  const bool all = grant->scope == access::Scope::kAllSchools && caller.principal.school.IsZero();
  return all || caller.principal.school == approval.school;
}

// One person under two certificates is known by the holder that both were granted to.
bool SamePerson(const House& house, const registers::Actor& one, const base::ActorId& other) {
  if (one.id == other) return true;
  const auto a = house.registers->FindGrant(one.id);
  const auto b = house.registers->FindGrant(other);
  return a && b && a->holder != registers::Digest{} && a->holder == b->holder;
}

// Of a submission on its way: whether its refusal must ask for an approval.
struct Asking {
  Approval approval;
  bool ask = false;
  bool use = false;
};

// Nobody alone can take the room of all others.
bool HasRoom(const House& house, const Approval& wanted) {
  const auto pending = house.registers->ListApprovals(
      {}, registers::kPendingApprovalsMax, [&](const Approval& approval) {
        return approval.state == ApprovalState::kPending &&
               approval.expires_at_ns > wanted.proposed_at_ns;
      });
  const auto own = std::count_if(pending.begin(), pending.end(), [&](const Approval& approval) {
    return approval.proposer.id == wanted.proposer.id;
  });
  return pending.size() < registers::kPendingApprovalsMax &&
         static_cast<size_t>(own) < registers::kPendingOfOneMax;
}

// Whoever asks for a new approval clears some old ones away. Security log and journal keep what was
// decided.
void RemoveOld(const House& house, uint64_t now_ns, storage::Overlay* overlay) {
  constexpr size_t kAtOnce = 8;
  const auto old = house.registers->ListApprovals({}, kAtOnce, [now_ns](const Approval& approval) {
    return approval.expires_at_ns + kApprovalKeptNs <= now_ns;
  });
  for (const Approval& approval : old) house.registers->RemoveApproval(approval.id, overlay);
}

absl::Status Look(const House& house, const Approval& wanted, Asking* asking) {
  asking->ask = asking->use = false;
  const auto known = house.registers->ApprovalOf(wanted.operation);
  if (!known) {
    if (!HasRoom(house, wanted)) return Refuse(Reason::kOverloaded);
    asking->ask = true;
    asking->approval = wanted;
    return Refuse(Reason::kApprovalNeeded, base::HexOf(wanted.id));
  }
  if (known->content != wanted.content) return Refuse(Reason::kRequestIdReused);
  const bool expired = known->expires_at_ns <= wanted.proposed_at_ns;
  switch (known->state) {
    case ApprovalState::kPending:
      return expired ? Refuse(Reason::kApprovalExpired)
                     : Refuse(Reason::kApprovalNeeded, base::HexOf(known->id));
    case ApprovalState::kRejected:
      return Refuse(Reason::kApprovalRejected);
    case ApprovalState::kUsed:
      return Refuse(Reason::kApprovalDecided);
    case ApprovalState::kGranted:
      break;
  }
  if (expired) return Refuse(Reason::kApprovalExpired);
  asking->use = true;
  asking->approval = *known;
  return absl::OkStatus();
}

}  // namespace

void NeedApproval(const House& house, const access::Caller& caller, const Request& request,
                  const base::SchoolId& school, const Object& object,
                  ledger::Submission* submission) {
  const uint64_t now_ns = house.now_ns();
  Approval wanted{.id = DeriveId<base::ApprovalId>(house, request.key, "approval"),
                  .event = caller.event,
                  .school = school,
                  .object = object,
                  .operation = request.key.digest.bytes,
                  .content = request.content.bytes,
                  .proposer = ActorOf(caller),
                  .proposed_at_ns = now_ns,
                  .expires_at_ns = now_ns + kApprovalLifetimeNs};
  const auto asking = std::make_shared<Asking>();
  submission->check = [&house, wanted, asking,
                       check = std::move(submission->check)](const storage::Reader& reader) {
    // What would be refused anyway needs nobody's approval.
    if (absl::Status s = check ? check(reader) : absl::OkStatus(); !s.ok()) return s;
    return Look(house, wanted, asking.get());
  };
  submission->changes = [&house, asking, changes = std::move(submission->changes)](
                            const ledger::Outcome& outcome, storage::Overlay& overlay) {
    if (changes) changes(outcome, overlay);
    asking->approval.state = ApprovalState::kUsed;
    if (asking->use) house.registers->Put(asking->approval, &overlay);
  };
  submission->record = [&house, asking, record = std::move(submission->record)](
                           const absl::Status& status, const ledger::Outcome& outcome,
                           storage::Overlay& overlay) {
    if (record) record(status, outcome, overlay);
    if (!asking->ask) return;
    house.registers->Put(asking->approval, &overlay);
    RemoveOld(house, asking->approval.proposed_at_ns, &overlay);
  };
}

registers::Actor ApproverOf(const House& house, const Request& request) {
  const auto approval = house.registers->ApprovalOf(request.key.digest.bytes);
  return approval ? approval->approver : registers::Actor{};
}

void ListApprovals(const House& house, const access::Caller& caller, const base::ApprovalId& after,
                   size_t limit, bool decided_too, Done<ApprovalPage> done) {
  const uint64_t now_ns = house.now_ns();
  ApprovalPage page{
      .approvals = house.registers->ListApprovals(after, limit + 1, [&](const Approval& approval) {
        const bool open =
            approval.state == ApprovalState::kPending && approval.expires_at_ns > now_ns;
        return (open || decided_too) &&
               (approval.proposer.id == caller.principal.id || MayDecide(house, caller, approval));
      })};
  page.more = page.approvals.size() > limit;
  if (page.more) page.approvals.pop_back();
  Reply<ApprovalPage>(house, caller, {}, std::move(page), std::move(done));
}

void DecideApproval(const House& house, const access::Caller& caller, const Request& request,
                    const base::ApprovalId& id, const registers::Digest& content, bool grant,
                    Done<DecidedApproval> done) {
  const auto decided = std::make_shared<Approval>();
  ledger::Submission submission =
      ForRequest(house, caller, request, caller.principal.school, ledger::NoteOperation{});
  submission.check = [&house, caller, id, content, grant, decided,
                      now_ns = house.now_ns()](const storage::Reader&) {
    const auto approval = house.registers->FindApproval(id);
    if (!approval || !MayDecide(house, caller, *approval)) {
      return Refuse(Reason::kApprovalUnknown, "approval_id");
    }
    if (SamePerson(house, approval->proposer, caller.principal.id)) {
      return Refuse(Reason::kApproverNotIndependent);
    }
    if (approval->state != ApprovalState::kPending) return Refuse(Reason::kApprovalDecided);
    if (approval->content != content) {
      return Refuse(Reason::kApprovalDecided, "content_digest");
    }
    if (approval->expires_at_ns <= now_ns) return Refuse(Reason::kApprovalExpired);
    *decided = *approval;
    decided->state = grant ? ApprovalState::kGranted : ApprovalState::kRejected;
    decided->approver = ActorOf(caller);
    decided->decided_at_ns = now_ns;
    return absl::OkStatus();
  };
  submission.changes = [&house, decided](const ledger::Outcome&, storage::Overlay& overlay) {
    house.registers->Put(*decided, &overlay);
  };
  Mutate<DecidedApproval>(
      house, caller, id.bytes, std::move(submission),
      [&house, id](const ledger::Outcome& outcome) -> absl::StatusOr<DecidedApproval> {
        const auto approval = house.registers->FindApproval(id);
        if (!approval) return Refuse(Reason::kApprovalUnknown);
        return DecidedApproval{.approval = *approval, .journal_index = outcome.index};
      },
      std::move(done));
}

}  // namespace ladon::flow
