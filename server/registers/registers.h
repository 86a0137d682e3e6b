// The registers of the data-protection officer and the security administrator: approvals, erasures,
// moves under way, requests of data subjects, incidents, grants of roles.
//
// Invariants: what is in memory is what the batches handed to the committer say; everything is
// loaded at Open(). Put() runs on the applier thread, inside a submission's `changes` or `record`,
// so it becomes durable with the entry, or the record of the security log, of the same call.
// Threading: finders from any thread, they return copies.
#ifndef LADON_SERVER_REGISTERS_REGISTERS_H_
#define LADON_SERVER_REGISTERS_REGISTERS_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "server/registers/records.h"
#include "storage/overlay.h"
#include "storage/store.h"

namespace ladon::registers {

inline constexpr size_t kPendingApprovalsMax = 1'000;  // Of all proposers,
inline constexpr size_t kPendingOfOneMax = 50;         // and of one of them.

class Registers {
 public:
  // DataLoss: a record does not decode, or stands under another's key. Otherwise the store's error.
  [[nodiscard]] static absl::StatusOr<std::unique_ptr<Registers>> Open(const storage::Store& store);

  [[nodiscard]] std::optional<Approval> FindApproval(const base::ApprovalId& id) const;
  // The one that was asked for this very request; nullopt: none.
  [[nodiscard]] std::optional<Approval> ApprovalOf(const Digest& operation) const;
  [[nodiscard]] std::optional<Erasure> FindErasure(const base::ErasureId& id) const;
  [[nodiscard]] std::optional<Erasure> ErasureOf(const base::SubjectId& subject) const;
  // Of this subject; nullopt: none is under way.
  [[nodiscard]] std::optional<Move> MoveOf(const base::SubjectId& subject) const;
  [[nodiscard]] std::optional<RightsRequest> FindRequest(const base::RightsRequestId& id) const;
  [[nodiscard]] std::optional<Incident> FindIncident(const base::IncidentId& id) const;
  [[nodiscard]] std::optional<PrincipalGrant> FindGrant(const base::ActorId& actor) const;

  // In order of id, at most `limit`, ids above `after` (zero: from the start), those that `wanted`
  // takes.
  [[nodiscard]] std::vector<Approval> ListApprovals(
      const base::ApprovalId& after, size_t limit,
      const std::function<bool(const Approval&)>& wanted) const;
  [[nodiscard]] std::vector<Erasure> ListErasures(
      const base::ErasureId& after, size_t limit,
      const std::function<bool(const Erasure&)>& wanted) const;
  [[nodiscard]] std::vector<RightsRequest> ListRequests(
      const base::RightsRequestId& after, size_t limit,
      const std::function<bool(const RightsRequest&)>& wanted) const;
  [[nodiscard]] std::vector<Incident> ListIncidents(
      const base::IncidentId& after, size_t limit,
      const std::function<bool(const Incident&)>& wanted) const;
  [[nodiscard]] std::vector<PrincipalGrant> ListGrants(
      const base::ActorId& after, size_t limit,
      const std::function<bool(const PrincipalGrant&)>& wanted) const;

  // 0: never.
  [[nodiscard]] Day LastSeen(const base::ActorId& actor) const;
  [[nodiscard]] std::vector<Seen> ListSeen(const base::ActorId& after, size_t limit) const;

  // The number of the next act of destruction. Applier thread.
  [[nodiscard]] uint64_t NextActNumber() const;

  void Put(const Approval& record, storage::Overlay* overlay);
  void Put(const Erasure& record, storage::Overlay* overlay);
  void Put(const Move& record, storage::Overlay* overlay);
  void Put(const RightsRequest& record, storage::Overlay* overlay);
  void Put(const Incident& record, storage::Overlay* overlay);
  void Put(const PrincipalGrant& record, storage::Overlay* overlay);
  void PutSeen(const Seen& record, storage::Overlay* overlay);
  void RemoveApproval(const base::ApprovalId& id, storage::Overlay* overlay);
  void RemoveMove(const base::SubjectId& subject, storage::Overlay* overlay);

 private:
  Registers() = default;
  absl::Status Load(char kind, std::string_view id, std::string_view value);

  mutable std::shared_mutex mutex_;
  std::map<base::ApprovalId, Approval> approvals_;
  std::map<Digest, base::ApprovalId> approval_of_;
  std::map<base::ErasureId, Erasure> erasures_;
  std::map<base::SubjectId, base::ErasureId> erasure_of_;
  std::map<base::SubjectId, Move> moves_;
  std::map<base::RightsRequestId, RightsRequest> requests_;
  std::map<base::IncidentId, Incident> incidents_;
  std::map<base::ActorId, PrincipalGrant> grants_;
  std::map<base::ActorId, Seen> seen_;
};

}  // namespace ladon::registers

#endif  // LADON_SERVER_REGISTERS_REGISTERS_H_
