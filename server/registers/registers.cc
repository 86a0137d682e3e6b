#include "server/registers/registers.h"

#include <algorithm>
#include <mutex>
#include <utility>

namespace ladon::registers {
namespace {

using storage::Family;

// The first byte of a key; the id follows.
constexpr char kApproval = 'a';
constexpr char kErasure = 'e';
constexpr char kGrant = 'g';
constexpr char kIncident = 'i';
constexpr char kMove = 'm';
constexpr char kRequest = 'r';
constexpr char kSeen = 's';

template <class IdType>
std::string KeyOf(char kind, const IdType& id) {
  return std::string(1, kind) + std::string(id.view());
}

template <class IdType, class R>
std::optional<R> Find(const std::map<IdType, R>& records, const IdType& id) {
  const auto it = records.find(id);
  if (it == records.end()) return std::nullopt;
  return it->second;
}

template <class IdType, class R>
std::vector<R> List(const std::map<IdType, R>& records, const IdType& after, size_t limit,
                    const std::function<bool(const R&)>& wanted) {
  std::vector<R> page;
  for (auto it = records.upper_bound(after); it != records.end() && page.size() < limit; ++it) {
    if (wanted(it->second)) page.push_back(it->second);
  }
  return page;
}

// Takes a decoded record whose id is that of its key.
template <class IdType, class R>
absl::Status Take(absl::StatusOr<R> record, const IdType& id, std::string_view key,
                  std::map<IdType, R>* records) {
  if (!record.ok()) return record.status();
  if (id.view() != key) return absl::DataLossError("registers: a record under another's key");
  records->emplace(id, *std::move(record));
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::unique_ptr<Registers>> Registers::Open(const storage::Store& store) {
  std::unique_ptr<Registers> registers(new Registers());
  const std::unique_ptr<storage::Scan> scan = store.NewScan(Family::kRegisters);
  for (scan->Seek(""); scan->Valid(); scan->Next()) {
    const std::string_view key = scan->key();
    if (key.size() != 1 + base::kIdBytes) {
      return absl::DataLossError("registers: record under a malformed key");
    }
    absl::Status s = registers->Load(key.front(), key.substr(1), scan->value());
    if (!s.ok()) return s;
  }
  if (absl::Status s = scan->status(); !s.ok()) return s;
  return registers;
}

absl::Status Registers::Load(char kind, std::string_view id, std::string_view value) {
  switch (kind) {
    case kApproval: {
      auto record = DecodeApproval(value);
      if (record.ok()) approval_of_[record->operation] = record->id;
      const base::ApprovalId own = record.ok() ? record->id : base::ApprovalId{};
      return Take(std::move(record), own, id, &approvals_);
    }
    case kErasure: {
      auto record = DecodeErasure(value);
      if (record.ok()) erasure_of_[record->subject] = record->id;
      const base::ErasureId own = record.ok() ? record->id : base::ErasureId{};
      return Take(std::move(record), own, id, &erasures_);
    }
    case kGrant: {
      auto record = DecodePrincipalGrant(value);
      const base::ActorId own = record.ok() ? record->actor : base::ActorId{};
      return Take(std::move(record), own, id, &grants_);
    }
    case kIncident: {
      auto record = DecodeIncident(value);
      const base::IncidentId own = record.ok() ? record->id : base::IncidentId{};
      return Take(std::move(record), own, id, &incidents_);
    }
    case kMove: {
      auto record = DecodeMove(value);
      const base::SubjectId own = record.ok() ? record->subject : base::SubjectId{};
      return Take(std::move(record), own, id, &moves_);
    }
    case kRequest: {
      auto record = DecodeRightsRequest(value);
      const base::RightsRequestId own = record.ok() ? record->id : base::RightsRequestId{};
      return Take(std::move(record), own, id, &requests_);
    }
    case kSeen: {
      auto record = DecodeSeen(value);
      const base::ActorId own = record.ok() ? record->actor : base::ActorId{};
      return Take(std::move(record), own, id, &seen_);
    }
    default:
      return absl::DataLossError("registers: a record of an unknown kind");
  }
}

std::optional<Approval> Registers::FindApproval(const base::ApprovalId& id) const {
  const std::shared_lock lock(mutex_);
  return Find(approvals_, id);
}

std::optional<Approval> Registers::ApprovalOf(const Digest& operation) const {
  const std::shared_lock lock(mutex_);
  const auto it = approval_of_.find(operation);
  if (it == approval_of_.end()) return std::nullopt;
  return Find(approvals_, it->second);
}

std::optional<Erasure> Registers::FindErasure(const base::ErasureId& id) const {
  const std::shared_lock lock(mutex_);
  return Find(erasures_, id);
}

std::optional<Erasure> Registers::ErasureOf(const base::SubjectId& subject) const {
  const std::shared_lock lock(mutex_);
  const auto it = erasure_of_.find(subject);
  if (it == erasure_of_.end()) return std::nullopt;
  return Find(erasures_, it->second);
}

std::optional<Move> Registers::MoveOf(const base::SubjectId& subject) const {
  const std::shared_lock lock(mutex_);
  return Find(moves_, subject);
}

std::optional<RightsRequest> Registers::FindRequest(const base::RightsRequestId& id) const {
  const std::shared_lock lock(mutex_);
  return Find(requests_, id);
}

std::optional<Incident> Registers::FindIncident(const base::IncidentId& id) const {
  const std::shared_lock lock(mutex_);
  return Find(incidents_, id);
}

std::optional<PrincipalGrant> Registers::FindGrant(const base::ActorId& actor) const {
  const std::shared_lock lock(mutex_);
  return Find(grants_, actor);
}

std::vector<Approval> Registers::ListApprovals(
    const base::ApprovalId& after, size_t limit,
    const std::function<bool(const Approval&)>& wanted) const {
  const std::shared_lock lock(mutex_);
  return List(approvals_, after, limit, wanted);
}

std::vector<Erasure> Registers::ListErasures(
    const base::ErasureId& after, size_t limit,
    const std::function<bool(const Erasure&)>& wanted) const {
  const std::shared_lock lock(mutex_);
  return List(erasures_, after, limit, wanted);
}

std::vector<RightsRequest> Registers::ListRequests(
    const base::RightsRequestId& after, size_t limit,
    const std::function<bool(const RightsRequest&)>& wanted) const {
  const std::shared_lock lock(mutex_);
  return List(requests_, after, limit, wanted);
}

std::vector<Incident> Registers::ListIncidents(
    const base::IncidentId& after, size_t limit,
    const std::function<bool(const Incident&)>& wanted) const {
  const std::shared_lock lock(mutex_);
  return List(incidents_, after, limit, wanted);
}

std::vector<PrincipalGrant> Registers::ListGrants(
    const base::ActorId& after, size_t limit,
    const std::function<bool(const PrincipalGrant&)>& wanted) const {
  const std::shared_lock lock(mutex_);
  return List(grants_, after, limit, wanted);
}

Day Registers::LastSeen(const base::ActorId& actor) const {
  const std::shared_lock lock(mutex_);
  const auto it = seen_.find(actor);
  return it == seen_.end() ? 0 : it->second.day;
}

std::vector<Seen> Registers::ListSeen(const base::ActorId& after, size_t limit) const {
  const std::shared_lock lock(mutex_);
  return List<base::ActorId, Seen>(seen_, after, limit, [](const Seen&) { return true; });
}

void Registers::PutSeen(const Seen& record, storage::Overlay* overlay) {
  overlay->Put(Family::kRegisters, KeyOf(kSeen, record.actor), Encode(record));
  const std::unique_lock lock(mutex_);
  seen_[record.actor] = record;
}

uint64_t Registers::NextActNumber() const {
  const std::shared_lock lock(mutex_);
  uint64_t last = 0;
  for (const auto& [id, erasure] : erasures_) last = std::max(last, erasure.act_number);
  return last + 1;
}

void Registers::Put(const Approval& record, storage::Overlay* overlay) {
  overlay->Put(Family::kRegisters, KeyOf(kApproval, record.id), Encode(record));
  const std::unique_lock lock(mutex_);
  approvals_[record.id] = record;
  approval_of_[record.operation] = record.id;
}

void Registers::RemoveApproval(const base::ApprovalId& id, storage::Overlay* overlay) {
  overlay->Delete(Family::kRegisters, KeyOf(kApproval, id));
  const std::unique_lock lock(mutex_);
  const auto it = approvals_.find(id);
  if (it == approvals_.end()) return;
  approval_of_.erase(it->second.operation);
  approvals_.erase(it);
}

void Registers::Put(const Erasure& record, storage::Overlay* overlay) {
  overlay->Put(Family::kRegisters, KeyOf(kErasure, record.id), Encode(record));
  const std::unique_lock lock(mutex_);
  erasures_[record.id] = record;
  erasure_of_[record.subject] = record.id;
}

void Registers::Put(const Move& record, storage::Overlay* overlay) {
  overlay->Put(Family::kRegisters, KeyOf(kMove, record.subject), Encode(record));
  const std::unique_lock lock(mutex_);
  moves_[record.subject] = record;
}

void Registers::RemoveMove(const base::SubjectId& subject, storage::Overlay* overlay) {
  overlay->Delete(Family::kRegisters, KeyOf(kMove, subject));
  const std::unique_lock lock(mutex_);
  moves_.erase(subject);
}

void Registers::Put(const RightsRequest& record, storage::Overlay* overlay) {
  overlay->Put(Family::kRegisters, KeyOf(kRequest, record.id), Encode(record));
  const std::unique_lock lock(mutex_);
  requests_[record.id] = record;
}

void Registers::Put(const Incident& record, storage::Overlay* overlay) {
  overlay->Put(Family::kRegisters, KeyOf(kIncident, record.id), Encode(record));
  const std::unique_lock lock(mutex_);
  incidents_[record.id] = record;
}

void Registers::Put(const PrincipalGrant& record, storage::Overlay* overlay) {
  overlay->Put(Family::kRegisters, KeyOf(kGrant, record.actor), Encode(record));
  const std::unique_lock lock(mutex_);
  grants_[record.actor] = record;
}

}  // namespace ladon::registers
