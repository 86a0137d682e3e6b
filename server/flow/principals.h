// Who may act in a role, beyond having a certificate: grants, blocks, and how long somebody was
// away. Threading: any thread; `done` on a thread of the ledger's.
#ifndef LADON_SERVER_FLOW_PRINCIPALS_H_
#define LADON_SERVER_FLOW_PRINCIPALS_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "server/flow/commit.h"
#include "server/registers/records.h"

namespace ladon::flow {

// Of the configuration.
struct PrincipalRules {
  bool grants_required = false;
  std::set<std::string> founders;  // URIs that need no grant: the first security administrators.
  uint32_t idle_days_max = 0;      // 0: nobody is blocked for having been away.
  int64_t refund_kopecks_max = 0;  // Above it a refund needs a second person; 0: none does.
};

struct PrincipalView {
  base::Principal principal;
  std::optional<registers::PrincipalGrant> grant;
  registers::Day last_seen = 0;
  bool idle = false;
};

// kNotPermitted, in the same words whatever it is: blocked, away too long, or without a grant where
// one is required. Days away are working days; of a till, school days: holidays close no canteen.
[[nodiscard]] absl::Status CheckPrincipal(const House& house, const base::Principal& principal,
                                          const std::string& uri);

// The first day in first..last on which this principal is refused for having been away, if it stays
// away; 0: none.
[[nodiscard]] registers::Day IdleFrom(const House& house, const base::Principal& principal,
                                      registers::Day first, registers::Day last);

struct PrincipalAnswer {
  PrincipalView view;
  uint64_t journal_index = 0;
};
// kRolesApart, and those of NeedApproval(). `holder` empty: not a person.
void GrantRole(const House& house, const access::Caller& caller, const Request& request,
               const base::Principal& principal, const std::string& holder,
               Done<PrincipalAnswer> done);
// kPrincipalUnknown: neither granted nor ever seen. kFieldInvalid: a founder, who is never blocked.
// Activating also ends idleness.
void SetPrincipalState(const House& house, const access::Caller& caller, const Request& request,
                       const base::Principal& principal, registers::GrantState state,
                       Done<PrincipalAnswer> done);

struct PrincipalPage {
  std::vector<PrincipalView> principals;
  bool more = false;
};
void ListPrincipals(const House& house, const access::Caller& caller, const base::ActorId& after,
                    size_t limit, Done<PrincipalPage> done);

}  // namespace ladon::flow

#endif  // LADON_SERVER_FLOW_PRINCIPALS_H_
