#include <memory>
#include <optional>
#include <utility>

#include "server/flow/enrol.h"
#include "server/flow/erase.h"
#include "server/flow/mutate.h"
#include "server/flow/palm_keys.h"

namespace ladon::flow {
namespace {

using vault::ConsentRecord;
using vault::SubjectRef;

constexpr uint32_t kYear = 10'000;  // Between two equal days of YYYYMMDD.

absl::Status CheckTerm(const ConsentRecord& record, uint32_t today) {
  if (record.valid_from > today) return RefuseField("valid_from", "must not be after today");
  if (record.valid_until < record.valid_from) {
    return RefuseField("valid_until", "must not be before valid_from");
  }
  if (record.valid_until < today) return RefuseField("valid_until", "must not have passed");
  if (record.valid_until > record.valid_from + kConsentYearsMax * kYear) {
    return RefuseField("valid_until", "must be within 13 years of valid_from");
  }
  return absl::OkStatus();
}

// A biometric consent is separate: it allows palms, and nothing else (152-FZ article 11).
constexpr uint16_t kOfBiometric = BitOf(vault::ConsentPurpose::kPalmIdentification);
constexpr uint16_t kOfPersonalData = BitOf(vault::ConsentPurpose::kMeals) |
                                     BitOf(vault::ConsentPurpose::kSettlement) |
                                     BitOf(vault::ConsentPurpose::kNotification);

uint16_t PurposesOf(const ConsentRecord& record) {
  if (record.purposes != 0) return record.purposes;
  return record.kind == vault::ConsentKind::kBiometric ? kOfBiometric : kOfPersonalData;
}

absl::Status CheckPurposes(const ConsentRecord& record) {
  if (record.kind == vault::ConsentKind::kBiometric) {
    if (record.purposes == kOfBiometric) return absl::OkStatus();
    return RefuseField("purposes",
                       "must be palm identification alone: other purposes need a "
                       "consent of their own");
  }
  if ((record.purposes & kOfBiometric) != 0) {
    return RefuseField("purposes",
                       "must not have palm identification: it needs a consent of its "
                       "own");
  }
  if ((record.purposes & BitOf(vault::ConsentPurpose::kMeals)) == 0) {
    return RefuseField("purposes", "must have meals: without them there is nothing to serve");
  }
  return absl::OkStatus();
}

absl::Status CheckSubjectExists(const House& house, const storage::Reader& reader,
                                const SubjectRef& subject) {
  if (absl::Status s = CheckNotErased(house, subject.subject); !s.ok()) return s;
  const auto found = house.vault->ReadSubject(reader, subject);
  if (!found.ok()) return found.status();
  return found->has_value() ? absl::OkStatus() : Refuse(Reason::kSubjectUnknown, "subject_id");
}

// The consent that a new one takes the place of, and where it is kept from then on.
struct Replaced {
  std::optional<ConsentRecord> consent;
  size_t place = 0;
};

absl::Status FindReplaced(const House& house, const storage::Reader& reader,
                          const SubjectRef& subject, vault::ConsentKind kind, Replaced* replaced) {
  const auto before = house.vault->ReadConsent(reader, subject, kind);
  if (!before.ok()) return before.status();
  replaced->consent = *before;
  if (!before->has_value()) return absl::OkStatus();
  const auto past = house.vault->PastConsents(reader, subject);
  if (!past.ok()) return past.status();
  if (past->size() >= vault::kPastConsentsMax) {
    return RefuseField("subject_id", "has 64 past consents already, the most that are kept");
  }
  replaced->place = past->size();
  return absl::OkStatus();
}

}  // namespace

void RecordConsent(const House& house, const access::Caller& caller, const Request& request,
                   const ConsentInput& input, Done<ConsentAnswer> done) {
  const SubjectRef subject{.school = caller.principal.school, .subject = input.subject};
  const uint64_t now_ns = house.now_ns();
  ConsentRecord record = input.record;
  record.id = DeriveId<base::ConsentId>(house, request.key, "consent");
  record.purposes = PurposesOf(record);
  record.recorded_by = caller.principal.id;
  record.recorded_at_ns = now_ns;
  const absl::StatusOr<uint32_t> today = TodayAt(house, subject.school, now_ns);
  ledger::Digest document;
  document.bytes = record.document;
  ledger::Submission submission = ForRequest(house, caller, request, subject.school,
                                             ledger::NoteOperation{.document = document});
  const auto replaced = std::make_shared<Replaced>();
  submission.check = [&house, subject, record, today, replaced](const storage::Reader& reader) {
    if (!today.ok()) return today.status();
    if (absl::Status s = CheckTerm(record, *today); !s.ok()) return s;
    if (absl::Status s = CheckPurposes(record); !s.ok()) return s;
    if (absl::Status s = CheckSubjectExists(house, reader, subject); !s.ok()) return s;
    return FindReplaced(house, reader, subject, record.kind, replaced.get());
  };
  submission.changes = [&house, subject, record, replaced](const ledger::Outcome&,
                                                           storage::Overlay& overlay) {
    if (replaced->consent) {
      house.vault->KeepPastConsent(subject, *replaced->consent, replaced->place, &overlay);
    }
    house.vault->PutConsent(subject, record, &overlay);
  };
  Mutate<ConsentAnswer>(
      house, caller, subject.subject.bytes, std::move(submission),
      [id = record.id](const ledger::Outcome& outcome) -> absl::StatusOr<ConsentAnswer> {
        return ConsentAnswer{.id = id, .journal_index = outcome.index};
      },
      std::move(done));
}

void WithdrawConsent(const House& house, const access::Caller& caller, const Request& request,
                     const base::SubjectId& subject_id, vault::ConsentKind kind,
                     Done<WithdrawAnswer> done) {
  const SubjectRef subject{.school = caller.principal.school, .subject = subject_id};
  const auto record = std::make_shared<ConsentRecord>();
  const auto removed = std::make_shared<size_t>(0);
  ledger::Submission submission =
      ForRequest(house, caller, request, subject.school, ledger::NoteOperation{});
  submission.check = [&house, subject, kind, record,
                      now_ns = house.now_ns()](const storage::Reader& reader) {
    if (absl::Status s = CheckSubjectExists(house, reader, subject); !s.ok()) return s;
    const auto found = house.vault->ReadConsent(reader, subject, kind);
    if (!found.ok()) return found.status();
    if (!found->has_value() || (*found)->withdrawn_at_ns != 0) {
      return Refuse(Reason::kConsentUnknown, "kind");
    }
    *record = **found;
    record->withdrawn_at_ns = now_ns;
    return absl::OkStatus();
  };
  // Palms rest on both consents: whichever goes, they go.
  submission.changes = [&house, subject, record, removed](const ledger::Outcome&,
                                                          storage::Overlay& overlay) {
    house.vault->PutConsent(subject, *record, &overlay);
    *removed = house.vault->RemovePalms(subject, &overlay);
    house.galleries->CountRemoved(subject.school, *removed);
  };
  Commit(house, caller, subject.subject.bytes, std::move(submission),
         [&house, subject, removed, done = std::move(done)](const absl::Status& status,
                                                            const ledger::Outcome& outcome) {
           absl::Status verdict = status.ok() ? FromResult(outcome.code) : status;
           if (!verdict.ok()) return done(std::move(verdict));
           const WithdrawAnswer answer{.palm_samples_removed = static_cast<uint32_t>(*removed),
                                       .journal_index = outcome.index};
           // Not on the applier thread: erasing waits for searches that run now. A repeat erases
           // nothing: palms that are there now were enrolled later, on a new consent. It still
           // waits its turn, behind the erasure that it repeats.
           const bool queued = house.keeper->RunAlways(
               [&house, subject, answer, done, replayed = outcome.replayed] {
                 if (!replayed) {
                   house.galleries->Erase(subject);
                   DestroyUnusedPalmKeys(house, {subject});
                 }
                 done(answer);
               });
           if (!queued) done(Refuse(Reason::kStopping));
         });
}

}  // namespace ladon::flow
