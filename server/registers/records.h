// What the registers hold, one kind of record each. Random ids, days and numbers only: nobody's
// name is in here, and what stands here may be kept for years after a person was forgotten.
//
// Encoded as version u8, then the fields in the order of the struct, big endian, texts counted.
// Threading: plain values and pure functions.
#ifndef LADON_SERVER_REGISTERS_RECORDS_H_
#define LADON_SERVER_REGISTERS_RECORDS_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "server/base/id.h"
#include "server/base/principal.h"

namespace ladon::registers {

using Day = uint32_t;  // YYYYMMDD; 0 = none.
using Digest = std::array<uint8_t, 32>;

// A person, as the registers know one.
struct Actor {
  base::ActorId id;  // Zero: nobody (yet).
  base::Role role{};

  friend bool operator==(const Actor&, const Actor&) = default;
};

// A call that one person may not make alone: asked for by one, decided by another, used once.
enum class ApprovalState : uint8_t { kPending = 1, kGranted = 2, kRejected = 3, kUsed = 4 };
struct Approval {
  base::ApprovalId id;
  ApprovalState state = ApprovalState::kPending;
  uint16_t event = 0;  // The call, as access.matrix numbers it.
  base::SchoolId school;
  std::array<uint8_t, 16> object{};  // What the call is about.
  Digest operation{};                // Of exactly this request,
  Digest content{};                  // with exactly this content.
  Actor proposer;
  uint64_t proposed_at_ns = 0;
  uint64_t expires_at_ns = 0;
  Actor approver;
  uint64_t decided_at_ns = 0;
};

// The reasons of Roskomnadzor's order 179 as this service knows them.
enum class ErasureReason : uint8_t {
  kConsentWithdrawn = 1,
  kPurposeReached = 2,
  kLeftSchool = 3,
  kUnlawful = 4,
  kSubjectDemand = 5,
  kCourt = 6,
  kSchoolClosed = 7,
  kNoConsentAt18 = 8,
};
inline constexpr auto kErasureReasonLast = ErasureReason::kNoConsentAt18;

// How far an erasure is; each step is durable before the next begins, and is safe to repeat.
enum class ErasureStep : uint8_t {
  kBlocked = 1,        // Nobody is served any more, palms are out of search.
  kSettled = 2,        // Accounts are at zero and closed.
  kRemoved = 3,        // Records and cards are deleted.
  kKeysDestroyed = 4,  // Nothing that is left anywhere opens with a key of this table;
  kDone = 5,           // nor, since the epoch ended, with one of an older copy of it.
};
struct Erasure {
  base::ErasureId id;
  ErasureStep step = ErasureStep::kBlocked;
  ErasureReason reason = ErasureReason::kSubjectDemand;
  base::SchoolId school;
  base::SubjectId subject;
  Actor requested_by;
  Actor approved_by;  // Nobody: retention did it, under the order that set it up.
  uint64_t requested_at_ns = 0;
  std::vector<base::AccountId> accounts;
  uint64_t act_number = 0;      // Of this installation, from 1.
  int64_t settled_kopecks = 0;  // Paid out of (or, below zero, waived in) all accounts.
  uint32_t records = 0;         // Removed,
  uint32_t palms = 0;           // of these,
  uint32_t cards = 0;           // and these.
  uint32_t keys_destroyed = 0;
  uint32_t destroyed_in_epoch = 0;
  uint32_t epoch_after = 0;
  uint64_t destroyed_at_ns = 0;
  uint64_t done_at_ns = 0;
};

// A move to another school that has begun: where the money goes stands here from the first account
// that is opened until the records follow it, so that whatever goes on after a stop finds it.
struct MovedPurse {
  base::AccountId from;
  base::AccountId to;
  bool frozen = false;  // The old one was, when it was emptied.
};
struct Move {
  base::SubjectId subject;
  base::SchoolId from;
  base::SchoolId to;
  std::vector<MovedPurse> purses;
};

// Texts below that officers wrote stand here sealed (flow/officer_text.h).

// A request of a data subject or of the authority, with its deadline (flow/deadlines.h).
enum class RequestState : uint8_t { kOpen = 1, kDone = 2, kRefused = 3 };
struct RightsRequest {
  base::RightsRequestId id;
  RequestState state = RequestState::kOpen;
  uint8_t kind = 0;  // flow::RequestKind
  base::SchoolId school;
  base::SubjectId subject;
  Actor recorded_by;  // Who checked who asks.
  Day received = 0;
  Day deadline = 0;
  bool extended = false;
  std::string note;  // Why it was extended or refused.
  Day closed = 0;
  Actor closed_by;
};

enum class IncidentState : uint8_t { kOpen = 1, kReported24 = 2, kReported72 = 3 };
struct Incident {
  base::IncidentId id;
  IncidentState state = IncidentState::kOpen;
  base::SchoolId school;  // Zero: several.
  uint64_t detected_at_ns = 0;
  base::ActorId actor;  // Whose access is in question; zero: anybody's.
  uint64_t from_ns = 0;
  uint64_t until_ns = 0;
  std::string cause;
  std::string harm;
  std::string measures;
  std::string contact;
  std::string receipt_24;  // Of Roskomnadzor.
  std::string receipt_72;
  Actor recorded_by;
};

// Who may act in a role: a certificate alone is not enough where grants are required.
enum class GrantState : uint8_t { kActive = 1, kBlocked = 2 };
struct PrincipalGrant {
  base::ActorId actor;
  GrantState state = GrantState::kActive;
  base::Role role{};
  base::SchoolId school;  // Zero: all.
  Digest holder{};        // Keyed hash of the personnel number; zero: not a person.
  Actor granted_by;
  Actor approved_by;
  uint64_t granted_at_ns = 0;
};

// On which day (UTC) a principal called last; so that who has been away for long is noticed.
struct Seen {
  base::ActorId actor;
  base::Role role{};
  base::SchoolId school;  // Zero: all.
  Day day = 0;
};

[[nodiscard]] std::string Encode(const Approval& record);
[[nodiscard]] std::string Encode(const Erasure& record);
[[nodiscard]] std::string Encode(const Move& record);
[[nodiscard]] std::string Encode(const RightsRequest& record);
[[nodiscard]] std::string Encode(const Incident& record);
[[nodiscard]] std::string Encode(const PrincipalGrant& record);
[[nodiscard]] std::string Encode(const Seen& record);

// DataLoss: not what Encode() makes.
[[nodiscard]] absl::StatusOr<Approval> DecodeApproval(std::string_view bytes);
[[nodiscard]] absl::StatusOr<Erasure> DecodeErasure(std::string_view bytes);
[[nodiscard]] absl::StatusOr<Move> DecodeMove(std::string_view bytes);
[[nodiscard]] absl::StatusOr<RightsRequest> DecodeRightsRequest(std::string_view bytes);
[[nodiscard]] absl::StatusOr<Incident> DecodeIncident(std::string_view bytes);
[[nodiscard]] absl::StatusOr<PrincipalGrant> DecodePrincipalGrant(std::string_view bytes);
[[nodiscard]] absl::StatusOr<Seen> DecodeSeen(std::string_view bytes);

}  // namespace ladon::registers

#endif  // LADON_SERVER_REGISTERS_RECORDS_H_
