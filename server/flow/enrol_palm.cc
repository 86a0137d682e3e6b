#include <memory>
#include <string>
#include <utility>

#include "server/flow/enrol.h"
#include "server/flow/enrol_check.h"
#include "server/flow/mutate.h"
#include "server/flow/on_worker.h"
#include "server/flow/payer.h"

namespace ladon::flow {
namespace {

using vault::SubjectRef;

// One enrolment on its way; shared by its callbacks, which run one after another.
struct Enrolment {
  SubjectRef subject;
  PalmInput input;
  std::vector<uint16_t> numbers;  // Given to the samples on the applier thread.
  size_t samples = 0;             // Of the subject, afterwards.
};

// Whether this palm may be looked at at all.
absl::Status CheckAllowed(const House& house, const storage::Reader& reader,
                          const absl::StatusOr<uint32_t>& today, const SubjectRef& subject) {
  if (!today.ok()) return today.status();
  const auto school = house.directory->FindSchool(subject.school);
  if (!school || !school->settings.biometrics) return Refuse(Reason::kBiometricsOff);
  const auto record = house.vault->ReadSubject(reader, subject);
  if (!record.ok()) return record.status();
  if (!record->has_value()) return Refuse(Reason::kSubjectUnknown, "subject_id");
  if ((*record)->state != vault::SubjectState::kActive) return Refuse(Reason::kSubjectBlocked);
  return CheckPalmConsents(house, reader, subject, (*record)->birth_day, *today);
}

// On the applier thread.
absl::Status CheckEnrolment(const House& house, const storage::Reader& reader,
                            const absl::StatusOr<uint32_t>& today, Enrolment* enrolment) {
  const SubjectRef& subject = enrolment->subject;
  if (absl::Status s = CheckAllowed(house, reader, today, subject); !s.ok()) return s;
  // The key that was made ready may have gone with a consent since: to be sent again.
  if (!house.vault->HasKey(subject, vault::Purpose::kBiometric)) {
    return Refuse(Reason::kOverloaded);
  }
  const auto used = house.vault->PalmNumbers(reader, subject);
  if (!used.ok()) return used.status();
  if (used->size() + enrolment->input.samples.size() > vault::kPalmSamplesMax) {
    return RefuseField("templates", "would make more than 12 samples of this subject");
  }
  if (!house.galleries->HasRoom(subject.school, enrolment->input.samples.size())) {
    return Refuse(Reason::kGalleryFull);
  }
  uint16_t number = 0;
  auto taken = used->begin();
  enrolment->numbers.clear();
  while (enrolment->numbers.size() < enrolment->input.samples.size()) {
    if (taken != used->end() && *taken == number) {
      ++taken;
    } else {
      enrolment->numbers.push_back(number);
    }
    ++number;
  }
  enrolment->samples = used->size() + enrolment->input.samples.size();
  return absl::OkStatus();
}

void StorePalms(const House& house, const Enrolment& enrolment, storage::Overlay* overlay) {
  for (size_t i = 0; i < enrolment.input.samples.size(); ++i) {
    const auto& [code, quality] = enrolment.input.samples[i];
    const auto wire = matcher::SerializeTemplate(code);
    house.vault->PutPalm(enrolment.subject, enrolment.numbers[i],
                         {.side = enrolment.input.side,
                          .quality = quality,
                          .sensor = enrolment.input.sensor,
                          .code = std::string(wire.begin(), wire.end())},
                         overlay);
  }
  house.galleries->CountStored(enrolment.subject.school, enrolment.input.samples.size());
}

absl::Status PublishPalms(const House& house, const Enrolment& enrolment) {
  for (size_t i = 0; i < enrolment.input.samples.size(); ++i) {
    if (absl::Status s = house.galleries->Enrol(enrolment.subject, enrolment.numbers[i],
                                                enrolment.input.samples[i].first);
        !s.ok()) {
      return s;
    }
  }
  return absl::OkStatus();
}

void MakeKeysAndEnrol(const House& house, const access::Caller& caller, const Request& request,
                      const std::shared_ptr<Enrolment>& enrolment, Done<PalmAnswer> done) {
  const SubjectRef& subject = enrolment->subject;
  const absl::StatusOr<uint32_t> today = TodayAt(house, subject.school, house.now_ns());
  // A repeat of what was done is answered as it was, however the school has changed since.
  const auto done_before = house.ledger->FindOperation(request.key);
  if (!done_before.ok()) {
    return Reply<PalmAnswer>(house, caller, subject.subject.bytes, done_before.status(),
                             std::move(done));
  }
  // A key only for somebody who exists: the table must not grow by made-up ids.
  const auto record = house.vault->ReadSubject(house.vault->store(), subject);
  absl::Status ready = record.status();
  if (ready.ok() && !record->has_value()) ready = Refuse(Reason::kSubjectUnknown, "subject_id");
  if (ready.ok() && !done_before->has_value()) {
    // Consents first: nothing is compared that nobody has consented to.
    ready = CheckAllowed(house, house.vault->store(), today, subject);
    if (ready.ok()) ready = CheckCaptures(house, caller, subject, enrolment->input);
  }
  if (ready.ok()) ready = house.vault->PrepareKeys(subject, vault::Purpose::kBiometric);
  if (!ready.ok()) {
    return Reply<PalmAnswer>(house, caller, subject.subject.bytes, ready, std::move(done));
  }

  ledger::Submission submission =
      ForRequest(house, caller, request, subject.school, ledger::NoteOperation{});
  submission.check = [&house, enrolment, today](const storage::Reader& reader) {
    return CheckEnrolment(house, reader, today, enrolment.get());
  };
  submission.changes = [&house, enrolment](const ledger::Outcome&, storage::Overlay& overlay) {
    StorePalms(house, *enrolment, &overlay);
  };
  Commit(house, caller, subject.subject.bytes, std::move(submission),
         [&house, enrolment, done = std::move(done)](const absl::Status& status,
                                                     const ledger::Outcome& outcome) {
           absl::Status verdict = status.ok() ? FromResult(outcome.code) : status;
           if (!verdict.ok()) return done(std::move(verdict));
           if (outcome.replayed) {
             const auto numbers =
                 house.vault->PalmNumbers(house.vault->store(), enrolment->subject);
             if (!numbers.ok()) return done(numbers.status());
             const PalmAnswer answer{.samples = static_cast<uint32_t>(numbers->size()),
                                     .journal_index = outcome.index};
             // Behind the enrolment that it repeats: what it says is in search is in search.
             if (!house.keeper->RunAlways([done, answer] { done(answer); })) {
               done(Refuse(Reason::kStopping));
             }
             return;
           }
           const bool queued =
               house.keeper->RunAlways([&house, enrolment, done, index = outcome.index] {
                 // It is durable: a restart finds it even when this fails.
                 if (absl::Status s = PublishPalms(house, *enrolment); !s.ok()) return done(s);
                 done(PalmAnswer{.samples = static_cast<uint32_t>(enrolment->samples),
                                 .journal_index = index});
               });
           if (!queued) done(Refuse(Reason::kStopping));
         });
}

}  // namespace

void EnrolPalm(const House& house, const access::Caller& caller, const Request& request,
               PalmInput input, Done<PalmAnswer> done) {
  const SubjectRef subject{.school = caller.principal.school, .subject = input.subject};
  const auto enrolment = std::make_shared<Enrolment>(
      Enrolment{.subject = subject, .input = std::move(input), .numbers = {}});
  OnWorker<PalmAnswer>(house, caller, std::move(done),
                       [&house, caller, request, enrolment](Done<PalmAnswer> tell) {
                         MakeKeysAndEnrol(house, caller, request, enrolment, std::move(tell));
                       });
}

}  // namespace ladon::flow
