#include <memory>
#include <utility>
#include <vector>

#include "server/flow/approval.h"
#include "server/flow/incidents.h"
#include "server/flow/mutate.h"
#include "server/flow/palm_keys.h"

namespace ladon::flow {
namespace {

using vault::SubjectRef;

// Everybody of the school, with or without palms.
absl::StatusOr<std::vector<SubjectRef>> SubjectsOf(const House& house,
                                                   const base::SchoolId& school) {
  constexpr size_t kPage = 1'000;
  std::vector<SubjectRef> all;
  base::SubjectId after;
  while (true) {
    const auto page = house.vault->ListSubjects(school, after, kPage);
    if (!page.ok()) return page.status();
    for (const auto& [subject, record] : *page) all.push_back(subject);
    if (page->size() < kPage) return all;
    after = all.back().subject;
  }
}

struct Removal {
  bool repeat = false;  // It was done before: only told what is there.
  std::vector<SubjectRef> subjects;
  BiometricsRemoved removed;
};

// On the keeper's thread, when the store's palms are durably gone.
void FinishRemoval(const House& house, const base::SchoolId& school,
                   const std::shared_ptr<Removal>& removal, const Done<BiometricsRemoved>& done) {
  const auto tell = [&house, school, removal, done](size_t keys) {
    removal->removed.keys = keys;
    // Read, not remembered: what the answer says is what is there.
    for (const SubjectRef& subject : removal->subjects) {
      const auto left = house.vault->PalmNumbers(house.vault->store(), subject);
      if (!left.ok()) return done(left.status());
      removal->removed.samples_left += left->size();
    }
    removal->removed.rows_in_search = house.galleries->RowsOf(school);
    done(removal->removed);
  };
  // Whoever was enrolled since the first time stays.
  if (removal->repeat) return tell(0);
  for (const SubjectRef& subject : removal->subjects) house.galleries->Erase(subject);
  DestroyUnusedPalmKeys(house, removal->subjects, tell);
}

}  // namespace

void RemoveBiometrics(const House& house, const access::Caller& caller, const Request& request,
                      const base::SchoolId& school, Done<BiometricsRemoved> done) {
  const auto removal = std::make_shared<Removal>();
  const auto settings = std::make_shared<directory::School>();
  ledger::Submission submission =
      ForRequest(house, caller, request, school, ledger::NoteOperation{});
  submission.check = [&house, caller, school, settings, removal](const storage::Reader&) {
    if (!caller.MayActFor(school)) return Refuse(Reason::kNotPermitted);
    const auto found = house.directory->FindSchool(school);
    if (!found) return Refuse(Reason::kSchoolUnknown, "school_id");
    *settings = *found;
    settings->settings.biometrics = false;
    auto subjects = SubjectsOf(house, school);
    if (!subjects.ok()) return subjects.status();
    removal->subjects = *std::move(subjects);
    return absl::OkStatus();
  };
  submission.changes = [&house, school, settings, removal](const ledger::Outcome&,
                                                           storage::Overlay& overlay) {
    house.directory->PutSchool(*settings, &overlay);
    for (const SubjectRef& subject : removal->subjects) {
      removal->removed.samples += house.vault->RemovePalms(subject, &overlay);
    }
    house.galleries->CountRemoved(school, removal->removed.samples);
  };
  NeedApproval(house, caller, request, school, school.bytes, &submission);
  Commit(house, caller, school.bytes, std::move(submission),
         [&house, school, removal, done = std::move(done)](const absl::Status& status,
                                                           const ledger::Outcome& outcome) {
           absl::Status verdict = status.ok() ? FromResult(outcome.code) : status;
           if (!verdict.ok()) return done(std::move(verdict));
           removal->removed.journal_index = outcome.index;
           removal->repeat = outcome.replayed;
           const bool queued = house.keeper->RunAlways([&house, school, removal, done] {
             if (removal->repeat) {  // It has not been through the check.
               auto subjects = SubjectsOf(house, school);
               if (!subjects.ok()) return done(subjects.status());
               removal->subjects = *std::move(subjects);
             }
             FinishRemoval(house, school, removal, done);
           });
           if (!queued) done(Refuse(Reason::kStopping));
         });
}

}  // namespace ladon::flow
