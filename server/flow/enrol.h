// The enrolment desk: subjects, consents, palms, cards. Everything here is personal data and stays
// inside one school. Each call checks on the applier thread, so nothing decided a moment ago is
// missed. Threading: any thread; `done` on the applier thread, palm changes on House::keeper.
#ifndef LADON_SERVER_FLOW_ENROL_H_
#define LADON_SERVER_FLOW_ENROL_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "matcher/vein_code.h"
#include "server/flow/commit.h"
#include "server/flow/identify.h"
#include "server/vault/card_number.h"
#include "server/vault/vault.h"

namespace ladon::flow {

inline constexpr size_t kTemplatesPerCallMin = 3;
inline constexpr size_t kTemplatesPerCallMax = 6;
inline constexpr uint32_t kConsentYearsMax = 13;  // A school life, and two years of kindergarten.

struct SubjectView {
  base::SubjectId id;
  vault::SubjectRecord record;
  bool biometric_consent = false;
  uint32_t palm_samples = 0;
  uint32_t cards = 0;
  bool palm_weak = false;  // palm_drift.h
};

struct SubjectAnswer {
  SubjectView subject;
  uint64_t journal_index = 0;
};

// `record.purses` names the purses to open besides the main one; their accounts are made here.
void CreateSubject(const House& house, const access::Caller& caller, const Request& request,
                   vault::SubjectRecord record, const std::vector<uint8_t>& purses,
                   Done<SubjectAnswer> done);

struct SubjectChange {
  base::SubjectId id;
  std::string family_name;
  std::string given_name;
  std::string class_name;
  vault::SubjectState state = vault::SubjectState::kActive;
  uint32_t birth_day = 0;  // Entered where none is known; 0: as it is.
};
// kFieldInvalid: a pupil without a class, or a class for somebody who is not a pupil; another birth
// date than the one that is known, which an officer corrects (rights.h).
void UpdateSubject(const House& house, const access::Caller& caller, const Request& request,
                   const SubjectChange& change, Done<SubjectAnswer> done);

void ListSubjects(const House& house, const access::Caller& caller, const base::SubjectId& after,
                  size_t limit, Done<std::vector<SubjectView>> done);

struct ConsentInput {
  base::SubjectId subject;
  vault::ConsentRecord record;  // Without id, recorder and times; purposes 0: all of its kind.
};
struct ConsentAnswer {
  base::ConsentId id;
  uint64_t journal_index = 0;
};
void RecordConsent(const House& house, const access::Caller& caller, const Request& request,
                   const ConsentInput& input, Done<ConsentAnswer> done);

struct WithdrawAnswer {
  uint32_t palm_samples_removed = 0;
  uint64_t journal_index = 0;
};
// Answers after the palms are out of search and overwritten in memory.
void WithdrawConsent(const House& house, const access::Caller& caller, const Request& request,
                     const base::SubjectId& subject, vault::ConsentKind kind,
                     Done<WithdrawAnswer> done);

struct PalmInput {
  base::SubjectId subject;
  uint8_t side = 0;
  std::vector<std::pair<matcher::VeinCode, uint8_t>> samples;  // Code and quality.
  base::SensorId sensor;
  Probe check;              // A further capture; enrol_check.h.
  bool look_alike = false;  // By a second approver.
};
struct PalmAnswer {
  uint32_t samples = 0;  // Of the subject, in search from now on.
  uint64_t journal_index = 0;
};
void EnrolPalm(const House& house, const access::Caller& caller, const Request& request,
               PalmInput input, Done<PalmAnswer> done);

struct CardInput {
  base::SubjectId subject;
  vault::CardNumber number;
  vault::CardState state = vault::CardState::kActive;
  uint32_t valid_until = 0;
};
struct CardAnswer {
  base::CardId id;
  uint64_t journal_index = 0;
};
// kCardBoundElsewhere: the card is another subject's. Binding one's own card again sets its state.
void BindCard(const House& house, const access::Caller& caller, const Request& request,
              const CardInput& input, Done<CardAnswer> done);
void SetCardState(const House& house, const access::Caller& caller, const Request& request,
                  const std::variant<base::CardId, vault::CardNumber>& target,
                  vault::CardState state, Done<CardAnswer> done);

}  // namespace ladon::flow

#endif  // LADON_SERVER_FLOW_ENROL_H_
