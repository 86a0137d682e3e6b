#include <algorithm>
#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/base/secret.h"
#include "server/flow/enrol.h"
#include "server/flow/erase.h"
#include "server/flow/mutate.h"
#include "server/flow/on_worker.h"
#include "server/flow/payer.h"
#include "server/flow/payment_accounts.h"

namespace ladon::flow {
namespace {

using vault::SubjectRecord;
using vault::SubjectRef;

absl::StatusOr<SubjectView> View(const House& house, const SubjectRef& subject,
                                 const SubjectRecord& record, uint32_t today) {
  const storage::Store& store = house.vault->store();
  const auto palms = house.vault->PalmNumbers(store, subject);
  if (!palms.ok()) return palms.status();
  const auto cards = house.vault->Cards(store, subject);
  if (!cards.ok()) return cards.status();
  const auto consent = house.vault->ReadConsent(store, subject, vault::ConsentKind::kBiometric);
  if (!consent.ok()) return consent.status();
  return SubjectView{.id = subject.subject,
                     .record = record,
                     .biometric_consent = consent->has_value() && (*consent)->ValidOn(today),
                     .palm_samples = static_cast<uint32_t>(palms->size()),
                     .cards = static_cast<uint32_t>(cards->size()),
                     .palm_weak = house.galleries->drift().IsWeak(subject)};
}

absl::StatusOr<SubjectAnswer> AnswerOf(const House& house, const SubjectRef& subject,
                                       const ledger::Outcome& outcome) {
  const auto record = house.vault->ReadSubject(house.vault->store(), subject);
  if (!record.ok()) return record.status();
  if (!record->has_value()) return Refuse(Reason::kSubjectUnknown);
  const absl::StatusOr<uint32_t> today = TodayAt(house, subject.school, house.now_ns());
  if (!today.ok()) return today.status();
  absl::StatusOr<SubjectView> view = View(house, subject, **record, *today);
  if (!view.ok()) return view.status();
  return SubjectAnswer{.subject = *std::move(view), .journal_index = outcome.index};
}

absl::StatusOr<std::vector<SubjectView>> ReadPage(const House& house, const base::SchoolId& school,
                                                  const base::SubjectId& after, size_t limit) {
  const absl::StatusOr<uint32_t> today = TodayAt(house, school, house.now_ns());
  if (!today.ok()) return today.status();
  const auto subjects = house.vault->ListSubjects(school, after, limit);
  if (!subjects.ok()) return subjects.status();
  std::vector<SubjectView> page;
  for (const auto& [subject, record] : *subjects) {
    absl::StatusOr<SubjectView> view = View(house, subject, record, *today);
    if (!view.ok()) return view.status();
    page.push_back(*std::move(view));
  }
  return page;
}

void MakeKeysAndCreate(const House& house, const access::Caller& caller, const Request& request,
                       SubjectRecord record, const std::vector<uint8_t>& purses,
                       Done<SubjectAnswer> done) {
  const SubjectRef subject{.school = caller.principal.school,
                           .subject = DeriveId<base::SubjectId>(house, request.key, "subject")};
  std::vector<uint8_t> numbers = {kMainPurse};
  numbers.insert(numbers.end(), purses.begin(), purses.end());
  std::sort(numbers.begin(), numbers.end());
  ledger::OpenAccounts open;
  for (const uint8_t purse : numbers) {
    const auto account = DeriveId<base::AccountId>(house, request.key,
                                                   absl::StrCat("purse", static_cast<int>(purse)));
    record.purses.emplace_back(purse, account);
    open.accounts.push_back({.account = ToLedger(account),
                             .code = ledger::AccountCode::kWallet,
                             .purse = purse,
                             .flags = ledger::kAccountLimited,
                             .school = {subject.school.bytes}});
  }
  // A key only in a school that exists: the table must not grow by made-up ones.
  absl::Status ready = house.directory->FindSchool(subject.school)
                           ? house.vault->PrepareKeys(subject, vault::Purpose::kPersonal)
                           : Refuse(Reason::kSchoolUnknown);
  if (!ready.ok()) {
    return Reply<SubjectAnswer>(house, caller, subject.subject.bytes, std::move(ready),
                                std::move(done));
  }
  ledger::Submission submission =
      ForRequest(house, caller, request, subject.school, std::move(open));
  const auto fresh = std::make_shared<SubjectRecord>(std::move(record));
  submission.check = [&house, fresh, school = subject.school](const storage::Reader&) {
    fresh->payment_account = UnusedPaymentAccount(house);
    if (!house.directory->FindSchool(school)) return Refuse(Reason::kSchoolUnknown);
    return CheckBirthDay(house, school, fresh->birth_day);
  };
  submission.changes = [&house, subject, fresh](const ledger::Outcome&, storage::Overlay& overlay) {
    house.vault->PutSubject(subject, *fresh, &overlay);
  };
  Mutate<SubjectAnswer>(
      house, caller, subject.subject.bytes, std::move(submission),
      [&house, subject](const ledger::Outcome& outcome) {
        return AnswerOf(house, subject, outcome);
      },
      std::move(done));
}

}  // namespace

void CreateSubject(const House& house, const access::Caller& caller, const Request& request,
                   SubjectRecord record, const std::vector<uint8_t>& purses,
                   Done<SubjectAnswer> done) {
  OnWorker<SubjectAnswer>(
      house, caller, std::move(done),
      [&house, caller, request, record = std::move(record), purses](Done<SubjectAnswer> tell) {
        MakeKeysAndCreate(house, caller, request, record, purses, std::move(tell));
      });
}

void UpdateSubject(const House& house, const access::Caller& caller, const Request& request,
                   const SubjectChange& change, Done<SubjectAnswer> done) {
  const SubjectRef subject{.school = caller.principal.school, .subject = change.id};
  // Read and checked once, on the applier thread, and written from there.
  const auto record = std::make_shared<SubjectRecord>();
  ledger::Submission submission =
      ForRequest(house, caller, request, subject.school, ledger::NoteOperation{});
  submission.check = [&house, subject, change, record](const storage::Reader& reader) {
    if (absl::Status s = CheckNotErased(house, subject.subject); !s.ok()) return s;
    const auto found = house.vault->ReadSubject(reader, subject);
    if (!found.ok()) return found.status();
    if (!found->has_value()) return Refuse(Reason::kSubjectUnknown, "subject_id");
    *record = **found;
    const bool pupil = record->kind == vault::SubjectKind::kPupil;
    if (pupil == change.class_name.empty()) {
      return RefuseField("name.class_name",
                         pupil ? "must be given for a pupil" : "must be empty for an adult");
    }
    if (change.birth_day != 0 && record->birth_day != 0 && change.birth_day != record->birth_day) {
      return RefuseField("birth_date", "is known already; the data-protection officer corrects it");
    }
    if (absl::Status s = CheckBirthDay(house, subject.school, change.birth_day); !s.ok()) return s;
    if (change.birth_day != 0) record->birth_day = change.birth_day;
    record->family_name = change.family_name;
    record->given_name = change.given_name;
    record->class_name = change.class_name;
    if (record->payment_account == 0) record->payment_account = UnusedPaymentAccount(house);
    // What the data-protection officer restricted, only the officer sets free.
    if (record->state == vault::SubjectState::kRestricted) {
      if (change.state == vault::SubjectState::kActive) {
        return Refuse(Reason::kSubjectBlocked, "state");
      }
    } else {
      record->state = change.state;
    }
    return absl::OkStatus();
  };
  submission.changes = [&house, subject, record](const ledger::Outcome&,
                                                 storage::Overlay& overlay) {
    house.vault->PutSubject(subject, *record, &overlay);
  };
  Mutate<SubjectAnswer>(
      house, caller, subject.subject.bytes, std::move(submission),
      [&house, subject](const ledger::Outcome& outcome) {
        return AnswerOf(house, subject, outcome);
      },
      std::move(done));
}

void ListSubjects(const House& house, const access::Caller& caller, const base::SubjectId& after,
                  size_t limit, Done<std::vector<SubjectView>> done) {
  using Page = std::vector<SubjectView>;
  OnWorker<Page>(house, caller, std::move(done), [&house, caller, after, limit](Done<Page> tell) {
    Reply<Page>(house, caller, {}, ReadPage(house, caller.principal.school, after, limit),
                std::move(tell));
  });
}

}  // namespace ladon::flow
