#include "server/flow/principals.h"

#include <map>
#include <memory>
#include <optional>
#include <utility>

#include "absl/strings/ascii.h"
#include "server/flow/approval.h"
#include "server/flow/mutate.h"

namespace ladon::flow {
namespace {

using registers::GrantState;
using registers::PrincipalGrant;

// Only who knows our key can tell whose personnel number it is.
registers::Digest HolderOf(const House& house, const std::string& holder) {
  if (holder.empty()) return {};
  // As people write it: p-104 is P-104.
  return ContentDigest(house, "ladon/holder", absl::AsciiStrToLower(holder)).bytes;
}

// Whoever has never come counts from the day of the grant: a certificate that lies in a drawer is
// not kept for ever.
bool IsIdleOn(const House& house, const base::Principal& principal,
              const std::optional<PrincipalGrant>& grant, registers::Day today) {
  const uint32_t days_max = house.principal_rules->idle_days_max;
  registers::Day last_seen = house.registers->LastSeen(principal.id);
  if (last_seen == 0 && grant && grant->granted_at_ns != 0)
    last_seen = UtcDay(grant->granted_at_ns);
  if (days_max == 0 || last_seen == 0) return false;
  if (base::AddDays(last_seen, static_cast<int32_t>(days_max)) >= today) return false;
  const registers::Day after = base::AddDays(last_seen, 1);
  uint32_t away = 0;
  if (principal.role == base::Role::kTerminal) {
    away = house.calendar->SchoolDaysBetween(after, today);
  } else {
    for (registers::Day day = after; day <= today && away <= days_max;
         day = base::AddDays(day, 1)) {
      away += house.calendar->IsWorkingDay(day) ? 1 : 0;
    }
  }
  return away > days_max;
}

bool IsIdle(const House& house, const base::Principal& principal,
            const std::optional<PrincipalGrant>& grant) {
  return IsIdleOn(house, principal, grant, UtcDay(house.now_ns()));
}

PrincipalView ViewOf(const House& house, const base::Principal& principal) {
  PrincipalView view{.principal = principal,
                     .grant = house.registers->FindGrant(principal.id),
                     .last_seen = house.registers->LastSeen(principal.id)};
  view.idle = IsIdle(house, principal, view.grant);
  return view;
}

absl::Status CheckApart(const House& house, const PrincipalGrant& wanted) {
  if (wanted.holder == registers::Digest{}) return absl::OkStatus();
  constexpr size_t kRolesOfOneMax = 100;
  const auto held =
      house.registers->ListGrants({}, kRolesOfOneMax, [&](const PrincipalGrant& grant) {
        return grant.holder == wanted.holder && grant.actor != wanted.actor &&
               grant.state == GrantState::kActive;
      });
  for (const PrincipalGrant& grant : held) {
    if (!house.matrix->MayMeet(grant.role, wanted.role)) {
      return Refuse(Reason::kRolesApart, "principal_uri");
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status CheckPrincipal(const House& house, const base::Principal& principal,
                            const std::string& uri) {
  const auto grant = house.registers->FindGrant(principal.id);
  const bool founder = house.principal_rules->founders.contains(uri);
  // Tills and caterers are registered in the directory.
  const bool needs = house.principal_rules->grants_required && !founder &&
                     principal.role != base::Role::kTerminal &&
                     principal.role != base::Role::kCaterer;
  const bool fits = grant && grant->role == principal.role && grant->school == principal.school;
  if (grant && grant->state == GrantState::kBlocked) return Refuse(Reason::kNotPermitted);
  if (needs && !(fits && grant->granted_at_ns != 0)) return Refuse(Reason::kNotPermitted);
  // Founders are the way back in: they are never blocked for having been away.
  if (!founder && IsIdle(house, principal, grant)) {
    return Refuse(Reason::kNotPermitted);
  }
  return absl::OkStatus();
}

registers::Day IdleFrom(const House& house, const base::Principal& principal, registers::Day first,
                        registers::Day last) {
  const auto grant = house.registers->FindGrant(principal.id);
  for (registers::Day day = first; day <= last; day = base::AddDays(day, 1)) {
    if (IsIdleOn(house, principal, grant, day)) return day;
  }
  return 0;
}

void GrantRole(const House& house, const access::Caller& caller, const Request& request,
               const base::Principal& principal, const std::string& holder,
               Done<PrincipalAnswer> done) {
  const PrincipalGrant wanted{
      .actor = principal.id,
      .role = principal.role,
      .school = principal.school,
      .holder = HolderOf(house, holder),
      .granted_by = {.id = caller.principal.id, .role = caller.principal.role},
      .granted_at_ns = house.now_ns()};
  ledger::Submission submission =
      ForRequest(house, caller, request, principal.school, ledger::NoteOperation{});
  submission.check = [&house, wanted](const storage::Reader&) {
    const auto known = house.registers->FindGrant(wanted.actor);
    if (known && known->granted_at_ns != 0 &&
        (known->role != wanted.role || known->school != wanted.school)) {
      return Refuse(Reason::kAlreadyExists, "principal_uri");  // An id is never given again.
    }
    if (!wanted.school.IsZero() && !house.directory->FindSchool(wanted.school)) {
      return Refuse(Reason::kSchoolUnknown, "principal_uri");
    }
    return CheckApart(house, wanted);
  };
  submission.changes = [&house, request, wanted](const ledger::Outcome&,
                                                 storage::Overlay& overlay) {
    PrincipalGrant grant = wanted;
    grant.approved_by = ApproverOf(house, request);
    house.registers->Put(grant, &overlay);
  };
  NeedApproval(house, caller, request, principal.school, principal.id.bytes, &submission);
  Mutate<PrincipalAnswer>(
      house, caller, principal.id.bytes, std::move(submission),
      [&house, principal](const ledger::Outcome& outcome) -> absl::StatusOr<PrincipalAnswer> {
        return PrincipalAnswer{.view = ViewOf(house, principal), .journal_index = outcome.index};
      },
      std::move(done));
}

void SetPrincipalState(const House& house, const access::Caller& caller, const Request& request,
                       const base::Principal& principal, GrantState state,
                       Done<PrincipalAnswer> done) {
  // The way back in is not shut by one of those whom it is to help against.
  const bool founder = house.principal_rules->founders.contains(base::FormatPrincipal(principal));
  if (founder && state == GrantState::kBlocked) {
    return Reply<PrincipalAnswer>(
        house, caller, principal.id.bytes,
        RefuseField("principal_uri", "is a founder of the configuration: take it out there"),
        std::move(done));
  }
  const auto grant = std::make_shared<PrincipalGrant>();
  const uint64_t now_ns = house.now_ns();
  ledger::Submission submission =
      ForRequest(house, caller, request, principal.school, ledger::NoteOperation{});
  submission.check = [&house, principal, state, grant](const storage::Reader&) {
    const auto known = house.registers->FindGrant(principal.id);
    if (!known && house.registers->LastSeen(principal.id) == 0) {
      return Refuse(Reason::kPrincipalUnknown, "principal_uri");
    }
    *grant = known.value_or(
        PrincipalGrant{.actor = principal.id, .role = principal.role, .school = principal.school});
    grant->state = state;
    // What was granted while this one was blocked may not go with it.
    const bool returns = state == GrantState::kActive && grant->granted_at_ns != 0;
    return returns ? CheckApart(house, *grant) : absl::OkStatus();
  };
  submission.changes = [&house, grant, now_ns](const ledger::Outcome&, storage::Overlay& overlay) {
    house.registers->Put(*grant, &overlay);
    if (grant->state == GrantState::kActive) {
      house.registers->PutSeen({.actor = grant->actor,
                                .role = grant->role,
                                .school = grant->school,
                                .day = UtcDay(now_ns)},
                               &overlay);
    }
  };
  Mutate<PrincipalAnswer>(
      house, caller, principal.id.bytes, std::move(submission),
      [&house, principal](const ledger::Outcome& outcome) -> absl::StatusOr<PrincipalAnswer> {
        return PrincipalAnswer{.view = ViewOf(house, principal), .journal_index = outcome.index};
      },
      std::move(done));
}

void ListPrincipals(const House& house, const access::Caller& caller, const base::ActorId& after,
                    size_t limit, Done<PrincipalPage> done) {
  // Whoever was granted a role and has not called yet, and whoever called.
  std::map<base::ActorId, base::Principal> known;
  for (const PrincipalGrant& grant :
       house.registers->ListGrants(after, limit + 1, [](const auto&) { return true; })) {
    known[grant.actor] = {.role = grant.role, .school = grant.school, .id = grant.actor};
  }
  for (const registers::Seen& seen : house.registers->ListSeen(after, limit + 1)) {
    known[seen.actor] = {.role = seen.role, .school = seen.school, .id = seen.actor};
  }
  PrincipalPage page;
  for (const auto& [id, principal] : known) {
    if (page.principals.size() > limit) break;
    page.principals.push_back(ViewOf(house, principal));
  }
  page.more = page.principals.size() > limit;
  if (page.more) page.principals.pop_back();
  Reply<PrincipalPage>(house, caller, {}, std::move(page), std::move(done));
}

}  // namespace ladon::flow
