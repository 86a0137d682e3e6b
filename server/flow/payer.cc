#include "server/flow/payer.h"

#include "server/base/calendar.h"
#include "server/flow/refusal.h"

namespace ladon::flow {
namespace {

absl::Status CheckCard(const House& house, const storage::Reader& reader, const Identified& who,
                       uint32_t today) {
  const auto card = house.vault->ReadCard(reader, who.subject, who.card_number);
  if (!card.ok()) return card.status();
  if (!card->has_value()) return Refuse(Reason::kCardUnknown);
  switch ((*card)->StateOn(today)) {
    case vault::CardState::kActive:
    case vault::CardState::kTemporary:
      return absl::OkStatus();
    case vault::CardState::kBlocked:
      return Refuse(Reason::kCardBlocked);
    case vault::CardState::kLost:
      return Refuse(Reason::kCardLost);
    case vault::CardState::kExpired:
      return Refuse(Reason::kCardExpired);
  }
  return Refuse(Reason::kInternal);
}

}  // namespace

absl::Status CheckPalmConsents(const House& house, const storage::Reader& reader,
                               const vault::SubjectRef& subject, uint32_t birth_day,
                               uint32_t today) {
  constexpr uint8_t kRepresentative = 1;  // As ConsentRecord::signer has it.
  constexpr uint32_t kFullAge = 18;
  const bool of_age = birth_day != 0 && base::BirthdayOf(birth_day, kFullAge) <= today;
  for (const auto& [kind, field] : {std::pair(vault::ConsentKind::kPersonalData, "personal_data"),
                                    std::pair(vault::ConsentKind::kBiometric, "biometric")}) {
    const auto consent = house.vault->ReadConsent(reader, subject, kind);
    if (!consent.ok()) return consent.status();
    if (!consent->has_value() || !(*consent)->ValidOn(today) ||
        (of_age && (*consent)->signer == kRepresentative)) {
      return Refuse(Reason::kConsentMissing, field);
    }
  }
  return absl::OkStatus();
}

absl::Status CheckPayer(const House& house, const storage::Reader& reader, const Identified& who,
                        uint32_t today) {
  const auto subject = house.vault->ReadSubject(reader, who.subject);
  if (!subject.ok()) return subject.status();
  if (!subject->has_value()) return Refuse(Reason::kSubjectUnknown);
  if ((*subject)->state != vault::SubjectState::kActive) return Refuse(Reason::kSubjectBlocked);
  if (who.means == Means::kList) return absl::OkStatus();
  if (who.means == Means::kCard) return CheckCard(house, reader, who, today);
  const auto school = house.directory->FindSchool(who.subject.school);
  if (!school || !school->settings.biometrics) return Refuse(Reason::kBiometricsOff);
  return CheckPalmConsents(house, reader, who.subject, (*subject)->birth_day, today);
}

absl::StatusOr<base::AccountId> PurseAccount(const vault::SubjectRecord& record, uint8_t purse) {
  for (const auto& [number, account] : record.purses) {
    if (number == purse) return account;
  }
  return Refuse(Reason::kPurseNotOpen);
}

absl::StatusOr<Payer> ShowPayer(const House& house, const vault::SubjectRef& subject,
                                int64_t balance_kopecks) {
  const auto record = house.vault->ReadSubject(house.vault->store(), subject);
  if (!record.ok()) return record.status();
  if (!record->has_value()) return Refuse(Reason::kSubjectUnknown);
  const auto school = house.directory->FindSchool(subject.school);
  if (!school) return Refuse(Reason::kSchoolUnknown);
  Payer payer;
  payer.display_name = (*record)->DisplayName();
  payer.low_money = balance_kopecks < school->settings.low_money_kopecks;
  if (school->settings.show_balance_at_till) payer.balance_kopecks = balance_kopecks;
  return payer;
}

}  // namespace ladon::flow
