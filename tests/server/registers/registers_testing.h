// Records with every field set, for tests.
#ifndef LADON_TESTS_SERVER_REGISTERS_REGISTERS_TESTING_H_
#define LADON_TESTS_SERVER_REGISTERS_REGISTERS_TESTING_H_

#include "server/registers/records.h"

namespace ladon::registers {

template <class IdType>
IdType RegisterId(uint8_t number) {
  IdType id;
  id.bytes.fill(number);
  return id;
}

inline Actor ActorOf(uint8_t number, base::Role role) {
  return {.id = RegisterId<base::ActorId>(number), .role = role};
}

inline Approval FullApproval(uint8_t number) {
  Approval approval{.id = RegisterId<base::ApprovalId>(number),
                    .state = ApprovalState::kGranted,
                    .event = 801,
                    .school = RegisterId<base::SchoolId>(9),
                    .proposer = ActorOf(11, base::Role::kDataProtectionOfficer),
                    .proposed_at_ns = 12,
                    .expires_at_ns = 13,
                    .approver = ActorOf(14, base::Role::kSchool),
                    .decided_at_ns = 15};
  approval.object.fill(16);
  approval.operation.fill(number);
  approval.content.fill(18);
  return approval;
}

inline Erasure FullErasure(uint8_t number) {
  return {.id = RegisterId<base::ErasureId>(number),
          .step = ErasureStep::kRemoved,
          .reason = ErasureReason::kLeftSchool,
          .school = RegisterId<base::SchoolId>(9),
          .subject = RegisterId<base::SubjectId>(number),
          .requested_by = ActorOf(11, base::Role::kDataProtectionOfficer),
          .approved_by = ActorOf(12, base::Role::kSchool),
          .requested_at_ns = 13,
          .accounts = {RegisterId<base::AccountId>(1), RegisterId<base::AccountId>(2)},
          .act_number = number,
          .settled_kopecks = -5,
          .records = 6,
          .palms = 7,
          .cards = 8,
          .keys_destroyed = 2,
          .destroyed_in_epoch = 3,
          .epoch_after = 4,
          .destroyed_at_ns = 14,
          .done_at_ns = 15};
}

inline Move FullMove(uint8_t number) {
  return {
      .subject = RegisterId<base::SubjectId>(number),
      .from = RegisterId<base::SchoolId>(9),
      .to = RegisterId<base::SchoolId>(8),
      .purses = {{.from = RegisterId<base::AccountId>(1),
                  .to = RegisterId<base::AccountId>(2),
                  .frozen = true},
                 {.from = RegisterId<base::AccountId>(3), .to = RegisterId<base::AccountId>(4)}}};
}

inline RightsRequest FullRequest(uint8_t number) {
  return {.id = RegisterId<base::RightsRequestId>(number),
          .state = RequestState::kRefused,
          .kind = 4,
          .school = RegisterId<base::SchoolId>(9),
          .subject = RegisterId<base::SubjectId>(10),
          .recorded_by = ActorOf(11, base::Role::kDataProtectionOfficer),
          .received = 2026'11'25,
          .deadline = 2026'12'09,
          .extended = true,
          .note = "ждём ответа школы",
          .closed = 2026'12'01,
          .closed_by = ActorOf(12, base::Role::kDataProtectionOfficer)};
}

inline Incident FullIncident(uint8_t number) {
  return {.id = RegisterId<base::IncidentId>(number),
          .state = IncidentState::kReported24,
          .school = RegisterId<base::SchoolId>(9),
          .detected_at_ns = 1,
          .actor = RegisterId<base::ActorId>(2),
          .from_ns = 3,
          .until_ns = 4,
          .cause = "похищен ключ кассы",
          .harm = "просмотр имён",
          .measures = "сертификат отозван",
          .contact = "officer@school.example",
          .receipt_24 = "24-1",
          .receipt_72 = "72-1",
          .recorded_by = ActorOf(11, base::Role::kDataProtectionOfficer)};
}

inline PrincipalGrant FullGrant(uint8_t number) {
  PrincipalGrant grant{.actor = RegisterId<base::ActorId>(number),
                       .state = GrantState::kBlocked,
                       .role = base::Role::kEnroller,
                       .school = RegisterId<base::SchoolId>(9),
                       .granted_by = ActorOf(11, base::Role::kSecurityAdmin),
                       .approved_by = ActorOf(12, base::Role::kSecurityAdmin),
                       .granted_at_ns = 13};
  grant.holder.fill(14);
  return grant;
}

}  // namespace ladon::registers

#endif  // LADON_TESTS_SERVER_REGISTERS_REGISTERS_TESTING_H_
