#include "server/flow/retention.h"

#include <chrono>
#include <future>
#include <memory>
#include <utility>
#include <vector>

#include "server/flow/erase.h"
#include "server/flow/mutate.h"
#include "server/flow/own_work.h"
#include "server/flow/palm_keys.h"
#include "server/flow/payer.h"

namespace ladon::flow {
namespace {

using vault::SubjectRef;

// Why this subject must be forgotten today; nullopt: it need not.
absl::StatusOr<std::optional<registers::ErasureReason>> ReasonToErase(const House& house,
                                                                      const storage::Reader& reader,
                                                                      const SubjectRef& subject,
                                                                      uint32_t today) {
  using registers::ErasureReason;
  const auto over = [today](uint32_t day) {
    return day != 0 && base::AddDays(day, kRetentionDays) <= today;
  };
  const auto record = house.vault->ReadSubject(reader, subject);
  if (!record.ok()) return record.status();
  if (!record->has_value()) return std::optional<ErasureReason>();  // Moved, or erased.
  if (over((*record)->left_on)) return std::optional(ErasureReason::kLeftSchool);
  const auto consent = house.vault->ReadConsent(reader, subject, vault::ConsentKind::kPersonalData);
  if (!consent.ok()) return consent.status();
  // Who never gave one is served by card on the contract's basis.
  if (!consent->has_value()) return std::optional<ErasureReason>();
  if ((*consent)->withdrawn_at_ns != 0 && over(UtcDay((*consent)->withdrawn_at_ns))) {
    return std::optional(ErasureReason::kConsentWithdrawn);
  }
  return std::optional<ErasureReason>();
}

// Takes the palms of a consent that has ended out of the store and of search.
absl::StatusOr<size_t> RemoveLapsedPalms(const House& house, const SubjectRef& subject,
                                         const vault::SubjectRecord& record, uint32_t today) {
  if (!house.vault->HasKey(subject, vault::Purpose::kBiometric)) return size_t{0};
  const auto palms = house.vault->PalmNumbers(house.vault->store(), subject);
  if (!palms.ok()) return palms.status();
  if (palms->empty()) return size_t{0};
  const auto lapsed = [&house, subject, birth_day = record.birth_day,
                       today](const storage::Reader& reader) {
    const absl::Status valid = CheckPalmConsents(house, reader, subject, birth_day, today);
    return DetailOf(valid).reason == Reason::kConsentMissing;
  };
  if (!lapsed(house.vault->store())) return size_t{0};
  const auto removed = std::make_shared<size_t>(0);
  ledger::Submission submission =
      ForRequest(house, OwnCaller(OwnEvent::kRetention),
                 OwnRequest(house, "lapsed", subject.subject.bytes, house.now_ns()), subject.school,
                 ledger::NoteOperation{});
  submission.check = [lapsed](const storage::Reader& reader) {
    return lapsed(reader) ? absl::OkStatus() : absl::AbortedError("a consent came in between");
  };
  submission.changes = [&house, subject, removed](const ledger::Outcome&,
                                                  storage::Overlay& overlay) {
    *removed = house.vault->RemovePalms(subject, &overlay);
    house.galleries->CountRemoved(subject.school, *removed);
  };
  const auto done = CommitAndWait(house, OwnCaller(OwnEvent::kRetention), subject.subject.bytes,
                                  std::move(submission));
  if (!done.ok()) return done.status();
  LeaveSearch(house, subject);
  return *removed;
}

absl::Status ApplyToSubject(const House& house, const SubjectRef& subject,
                            const vault::SubjectRecord& record, uint32_t today,
                            Retained* retained) {
  if (house.registers->ErasureOf(subject.subject)) return absl::OkStatus();
  const auto reason = ReasonToErase(house, house.vault->store(), subject, today);
  if (!reason.ok()) return reason.status();
  if (reason->has_value()) {
    // It cannot be undone: asked once more where nothing can come in between.
    const auto still = [&house, subject, today, was = **reason](const storage::Reader& reader) {
      const auto now = ReasonToErase(house, reader, subject, today);
      if (!now.ok()) return now.status();
      return *now == was ? absl::OkStatus() : absl::AbortedError("a term was changed in between");
    };
    absl::Status s = EraseByRetention(house, subject, **reason, still);
    if (s.ok()) ++retained->erasures;
    return s;
  }
  const absl::StatusOr<size_t> lapsed = RemoveLapsedPalms(house, subject, record, today);
  if (!lapsed.ok()) return lapsed.status();
  retained->palms_removed += *lapsed;
  return absl::OkStatus();
}

absl::Status ApplyToSchool(const House& house, const base::SchoolId& school,
                           const std::function<bool()>& go_on, Retained* retained) {
  constexpr size_t kPage = 256;
  const absl::StatusOr<uint32_t> today = TodayAt(house, school, house.now_ns());
  if (!today.ok()) return today.status();
  base::SubjectId after;
  while (go_on()) {
    const auto page = house.vault->ListSubjects(school, after, kPage);
    if (!page.ok()) return page.status();
    std::vector<SubjectRef> subjects;
    for (const auto& [subject, record] : *page) {
      // One that cannot be helped must not keep the terms of all others from running.
      absl::Status s = ApplyToSubject(house, subject, record, *today, retained);
      if (absl::IsUnavailable(s)) return s;  // The ledger has stopped.
      if (!s.ok()) {
        ++retained->failures;
        retained->first_failure.Update(s);
        continue;
      }
      if (!house.vault->HasKey(subject, vault::Purpose::kBiometric)) continue;
      const auto palms = house.vault->PalmNumbers(house.vault->store(), subject);
      if (palms.ok() && palms->empty()) subjects.push_back(subject);
    }
    if (!subjects.empty()) {
      std::promise<size_t> destroyed;
      DestroyUnusedPalmKeys(house, std::move(subjects),
                            [&destroyed](size_t keys) { destroyed.set_value(keys); });
      retained->keys_destroyed += destroyed.get_future().get();
    }
    if (page->size() < kPage) break;
    after = page->back().first.subject;
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Retained> ApplyRetention(const House& house, const std::function<bool()>& go_on) {
  constexpr size_t kPage = 1'000;
  Retained retained;
  base::SchoolId after;
  while (true) {
    const auto schools = house.directory->ListSchools(after, kPage);
    for (const directory::School& school : schools) {
      const absl::Status s = ApplyToSchool(house, school.id, go_on, &retained);
      if (absl::IsUnavailable(s)) return s;
      if (!s.ok()) {
        ++retained.failures;
        retained.first_failure.Update(s);
      }
      after = school.id;
    }
    if (schools.size() < kPage) return retained;
  }
}

void Retention::Start(const House* house) {
  house_ = house;
  thread_ = std::thread([this] { Loop(); });
}

void Retention::Stop() {
  {
    const std::scoped_lock lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void Retention::Loop() {
  constexpr std::chrono::minutes kFirst{1};  // A start has more urgent work.
  constexpr std::chrono::hours kPeriod{6};
  const auto stopped = [this] { return stopping_; };
  std::unique_lock lock(mutex_);
  bool stop = wake_.wait_for(lock, kFirst, stopped);
  while (!stop) {
    lock.unlock();
    const absl::StatusOr<Retained> applied = ApplyRetention(*house_, [this] {
      const std::scoped_lock go_on(mutex_);
      return !stopping_;
    });
    const absl::Status verdict = applied.ok() ? applied->first_failure : applied.status();
    if (!verdict.ok() && options_.on_trouble) options_.on_trouble(verdict);
    lock.lock();
    stop = wake_.wait_for(lock, kPeriod, stopped);
  }
}

}  // namespace ladon::flow
