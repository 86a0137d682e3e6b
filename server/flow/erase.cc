#include "server/flow/erase.h"

#include <memory>
#include <utility>

#include "server/flow/approval.h"
#include "server/flow/epochs.h"
#include "server/flow/mutate.h"
#include "server/flow/own_work.h"
#include "server/flow/palm_keys.h"

namespace ladon::flow {
namespace {

using registers::Erasure;
using registers::ErasureStep;
using vault::SubjectRef;

// The beginning: blocked and out of the store's palms, in one commit with the erasure's record.
struct Begun {
  Erasure erasure;
  vault::SubjectRecord record;
};
using BegunPtr = std::shared_ptr<Begun>;

absl::Status CheckBegin(const House& house, const storage::Reader& reader, Begun* begun) {
  const SubjectRef subject{.school = begun->erasure.school, .subject = begun->erasure.subject};
  if (absl::Status s = CheckNotErased(house, subject.subject); !s.ok()) return s;
  const auto found = house.vault->ReadSubject(reader, subject);
  if (!found.ok()) return found.status();
  if (!found->has_value()) return Refuse(Reason::kSubjectUnknown, "subject_id");
  begun->record = **found;
  begun->record.state = vault::SubjectState::kBlocked;
  begun->erasure.accounts.clear();
  for (const auto& [purse, account] : begun->record.purses) {
    begun->erasure.accounts.push_back(account);
  }
  // A move that stopped half-way: some of the money may be in the purses it opened. The old ones
  // come first: nothing flows on from a closed one.
  if (const auto move = house.registers->MoveOf(subject.subject)) {
    for (const registers::MovedPurse& purse : move->purses) {
      begun->erasure.accounts.push_back(purse.to);
    }
  }
  return absl::OkStatus();
}

void PutBegin(const House& house, const BegunPtr& begun, storage::Overlay* overlay) {
  const SubjectRef subject{.school = begun->erasure.school, .subject = begun->erasure.subject};
  house.vault->PutSubject(subject, begun->record, overlay);
  begun->erasure.palms = static_cast<uint32_t>(house.vault->RemovePalms(subject, overlay));
  house.galleries->CountRemoved(subject.school, begun->erasure.palms);
  begun->erasure.act_number = house.registers->NextActNumber();
  house.registers->Put(begun->erasure, overlay);
}

ledger::Submission BeginSubmission(const House& house, const access::Caller& caller,
                                   const Request& request, const BegunPtr& begun) {
  ledger::Submission submission =
      ForRequest(house, caller, request, begun->erasure.school, ledger::NoteOperation{});
  submission.check = [&house, begun](const storage::Reader& reader) {
    return CheckBegin(house, reader, begun.get());
  };
  submission.changes = [&house, request, begun](const ledger::Outcome&, storage::Overlay& overlay) {
    begun->erasure.approved_by = ApproverOf(house, request);
    PutBegin(house, begun, &overlay);
  };
  return submission;
}

BegunPtr Begin(const House& house, const access::Caller& caller, const Request& request,
               const SubjectRef& subject, registers::ErasureReason reason) {
  return std::make_shared<Begun>(
      Begun{.erasure = {.id = DeriveId<base::ErasureId>(house, request.key, "erasure"),
                        .reason = reason,
                        .school = subject.school,
                        .subject = subject.subject,
                        .requested_by = {.id = caller.principal.id, .role = caller.principal.role},
                        .requested_at_ns = house.now_ns()},
            .record = {}});
}

}  // namespace

absl::Status CheckNotErased(const House& house, const base::SubjectId& subject) {
  return house.registers->ErasureOf(subject) ? Refuse(Reason::kErasureUnderWay, "subject_id")
                                             : absl::OkStatus();
}

void EraseSubject(const House& house, const access::Caller& caller, const Request& request,
                  const SubjectRef& subject, registers::ErasureReason reason,
                  Done<EraseAnswer> done) {
  const BegunPtr begun = Begin(house, caller, request, subject, reason);
  ledger::Submission submission = BeginSubmission(house, caller, request, begun);
  NeedApproval(house, caller, request, subject.school, subject.subject.bytes, &submission);
  Commit(house, caller, subject.subject.bytes, std::move(submission),
         [&house, subject, id = begun->erasure.id, done = std::move(done)](
             const absl::Status& status, const ledger::Outcome& outcome) {
           absl::Status verdict = status.ok() ? FromResult(outcome.code) : status;
           if (!verdict.ok()) return done(std::move(verdict));
           // Not on the ledger's thread: taking palms out waits for searches that run now.
           const bool queued =
               house.keeper->RunAlways([&house, subject, id, done, index = outcome.index] {
                 house.galleries->Erase(subject);
                 const auto erasure = house.registers->FindErasure(id);
                 if (!erasure) return done(Refuse(Reason::kErasureUnknown));
                 if (house.eraser != nullptr) house.eraser->Wake();
                 done(EraseAnswer{.erasure = *erasure, .journal_index = index});
               });
           if (!queued) done(Refuse(Reason::kStopping));
         });
}

absl::Status EraseByRetention(const House& house, const SubjectRef& subject,
                              registers::ErasureReason reason,
                              const std::function<absl::Status(const storage::Reader&)>& still) {
  const access::Caller caller = OwnCaller(OwnEvent::kRetention);
  const Request request = OwnRequest(house, "erase", subject.subject.bytes, 0);
  const BegunPtr begun = Begin(house, caller, request, subject, reason);
  ledger::Submission submission = BeginSubmission(house, caller, request, begun);
  submission.check = [still, check = std::move(submission.check)](const storage::Reader& reader) {
    if (absl::Status s = still(reader); !s.ok()) return s;
    return check(reader);
  };
  const auto outcome = CommitAndWait(house, caller, subject.subject.bytes, std::move(submission));
  if (!outcome.ok()) return outcome.status();
  LeaveSearch(house, subject);
  if (house.eraser != nullptr) house.eraser->Wake();
  return absl::OkStatus();
}

void GetErasure(const House& house, const access::Caller& caller, const base::ErasureId& id,
                Done<Erasure> done) {
  const auto erasure = house.registers->FindErasure(id);
  const bool may = erasure && caller.MayActFor(erasure->school);
  Reply<Erasure>(
      house, caller, may ? erasure->subject.bytes : Object{},
      may ? absl::StatusOr<Erasure>(*erasure) : Refuse(Reason::kErasureUnknown, "erasure_id"),
      std::move(done));
}

void ListErasures(const House& house, const access::Caller& caller, const base::ErasureId& after,
                  size_t limit, bool done_too, Done<ErasurePage> done) {
  ErasurePage page{
      .erasures = house.registers->ListErasures(after, limit + 1, [&](const Erasure& erasure) {
        return caller.MayActFor(erasure.school) && (done_too || erasure.step != ErasureStep::kDone);
      })};
  page.more = page.erasures.size() > limit;
  if (page.more) page.erasures.pop_back();
  Reply<ErasurePage>(house, caller, {}, std::move(page), std::move(done));
}

void Eraser::Start(const House* house) {
  house_ = house;
  {
    const std::scoped_lock lock(mutex_);
    woken_ = true;  // What an earlier run left.
  }
  thread_ = std::thread([this] { Loop(); });
}

void Eraser::Wake() {
  {
    const std::scoped_lock lock(mutex_);
    woken_ = true;
  }
  wake_.notify_all();
}

void Eraser::Stop() {
  {
    const std::scoped_lock lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void Eraser::Loop() {
  constexpr std::chrono::seconds kRetry{30};
  bool clear = true;
  while (true) {
    {
      std::unique_lock lock(mutex_);
      const auto ready = [this] { return woken_ || stopping_; };
      if (clear) {
        wake_.wait(lock, ready);
      } else {
        wake_.wait_for(lock, kRetry, ready);
      }
      if (stopping_) return;
      woken_ = false;
    }
    clear = AdvanceAll();
  }
}

bool Eraser::AdvanceAll() {
  constexpr size_t kPage = 1'000;
  bool clear = true;
  base::ErasureId after;
  while (true) {
    const auto page = house_->registers->ListErasures(
        after, kPage, [](const Erasure& e) { return e.step != ErasureStep::kDone; });
    for (Erasure erasure : page) {
      after = erasure.id;
      for (bool moves = true; moves;) {
        {
          const std::scoped_lock lock(mutex_);
          if (stopping_) return true;
        }
        const absl::StatusOr<Erasure> next = AdvanceErasure(*house_, erasure);
        if (!next.ok()) {
          if (options_.on_trouble) options_.on_trouble(erasure, next.status());
          clear = false;
          break;
        }
        moves = next->step != erasure.step;
        erasure = *next;
        if (moves && options_.on_step) options_.on_step(erasure);
      }
      const bool urgent = erasure.reason == registers::ErasureReason::kUnlawful;
      if (erasure.step == ErasureStep::kKeysDestroyed) house_->epochs->AskFor(urgent);
    }
    if (page.size() < kPage) return clear;
  }
}

}  // namespace ladon::flow
