// Dual control: a call that one person may not make alone.
//
// The first time such a call comes, it is refused with kApprovalNeeded and an approval is written
// down beside the refusal's record. A second person decides; then the very same request, under the
// same id and with the same content, goes through, once. Who may decide stands in access.matrix.
// Threading: any thread; `done` on a thread of the ledger's.
#ifndef LADON_SERVER_FLOW_APPROVAL_H_
#define LADON_SERVER_FLOW_APPROVAL_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "server/flow/commit.h"
#include "server/registers/records.h"

namespace ladon::flow {

inline constexpr uint64_t kApprovalLifetimeNs = 72ULL * 3600 * 1'000'000'000;
// How long one is still shown after its term.
inline constexpr uint64_t kApprovalKeptNs = 30ULL * 24 * 3600 * 1'000'000'000;

// Lets `submission` pass only with an approval, behind its own check. kApprovalNeeded (its field is
// the approval's id in hex), kApprovalExpired, kApprovalRejected, kApprovalDecided.
void NeedApproval(const House& house, const access::Caller& caller, const Request& request,
                  const base::SchoolId& school, const Object& object,
                  ledger::Submission* submission);

// Who approved the request; nobody: it needed no approval, or has none.
[[nodiscard]] registers::Actor ApproverOf(const House& house, const Request& request);

struct ApprovalPage {
  std::vector<registers::Approval> approvals;
  bool more = false;
};
// What the caller asked for or may decide.
void ListApprovals(const House& house, const access::Caller& caller, const base::ApprovalId& after,
                   size_t limit, bool decided_too, Done<ApprovalPage> done);

struct DecidedApproval {
  registers::Approval approval;
  uint64_t journal_index = 0;
};
// kApprovalUnknown (also: not for this role or school), kApprovalDecided (also: another content),
// kApprovalExpired, kApproverNotIndependent.
void DecideApproval(const House& house, const access::Caller& caller, const Request& request,
                    const base::ApprovalId& id, const registers::Digest& content, bool grant,
                    Done<DecidedApproval> done);

}  // namespace ladon::flow

#endif  // LADON_SERVER_FLOW_APPROVAL_H_
