#include "server/flow/rights.h"

#include <memory>
#include <utility>

#include "server/flow/approval.h"
#include "server/flow/deadlines.h"
#include "server/flow/erase.h"
#include "server/flow/mutate.h"
#include "server/flow/on_worker.h"

namespace ladon::flow {
namespace {

using registers::RequestState;
using registers::RightsRequest;
using vault::SubjectRecord;
using vault::SubjectRef;

absl::Status ReadVault(const House& house, SubjectExport* all) {
  const storage::Store& store = house.vault->store();
  const auto record = house.vault->ReadSubject(store, all->subject);
  if (!record.ok()) return record.status();
  if (!record->has_value()) return Refuse(Reason::kSubjectUnknown, "subject_id");
  all->record = **record;
  for (const auto kind : {vault::ConsentKind::kPersonalData, vault::ConsentKind::kBiometric}) {
    const auto consent = house.vault->ReadConsent(store, all->subject, kind);
    if (!consent.ok()) return consent.status();
    if (consent->has_value()) all->consents.push_back(**consent);
  }
  auto past = house.vault->PastConsents(store, all->subject);
  if (!past.ok()) return past.status();
  all->consents.insert(all->consents.end(), past->begin(), past->end());
  const auto palms = house.vault->PalmNumbers(store, all->subject);
  if (!palms.ok()) return palms.status();
  for (const uint16_t number : *palms) {
    auto palm = house.vault->ReadPalm(store, all->subject, number);
    if (!palm.ok()) return palm.status();
    if (palm->has_value()) all->palms.push_back(**std::move(palm));
  }
  const auto cards = house.vault->Cards(store, all->subject);
  if (!cards.ok()) return cards.status();
  for (const auto& [number, card] : *cards) all->cards.push_back(card);
  const auto pin = house.vault->ReadPin(store, all->subject);
  if (!pin.ok()) return pin.status();
  all->pin = pin->has_value();
  return absl::OkStatus();
}

absl::Status ReadMoney(const House& house, SubjectExport* all) {
  constexpr size_t kPage = 1'000;
  for (const auto& [purse, account] : all->record.purses) {
    const auto view = house.ledger->FindAccount(ToLedger(account));
    if (!view) continue;
    all->purses.push_back({.purse = purse,
                           .account = account,
                           .balance_kopecks = view->balance_kopecks,
                           .overdraft_limit_kopecks = view->terms.overdraft_limit_kopecks,
                           .frozen = (view->terms.flags & ledger::kAccountFrozen) != 0});
    for (std::optional<uint64_t> from = 1; from;) {
      const size_t room = kMovementsMax - all->movements.size();
      if (room == 0) {
        all->movements_cut = true;
        return absl::OkStatus();
      }
      const auto page = ReadStatement(house, *view, *from, std::min(kPage, room));
      if (!page.ok()) return page.status();
      for (const StatementLine& line : page->lines) all->movements.emplace_back(account, line);
      from = page->next_sequence;
    }
  }
  return absl::OkStatus();
}

std::string NoteLabel(const base::RightsRequestId& id) {
  return std::string(id.view()) + "note";
}

// Notes name people now and then: they end with the key of whom they are about.
absl::StatusOr<std::string> SealNote(const House& house, const std::optional<RightsRequest>& about,
                                     const std::string& note) {
  if (note.empty() || !about) return std::string();
  auto sealed = house.vault->SealText({.school = about->school, .subject = about->subject},
                                      NoteLabel(about->id), note);
  if (absl::IsNotFound(sealed.status())) return std::string();  // Erased meanwhile.
  return sealed;
}

absl::Status OpenNotes(const House& house, std::vector<RightsRequest>* requests) {
  for (RightsRequest& request : *requests) {
    if (request.note.empty()) continue;
    const SubjectRef subject{.school = request.school, .subject = request.subject};
    absl::StatusOr<std::string> note =
        house.vault->OpenText(subject, NoteLabel(request.id), request.note);
    if (!note.ok()) return note.status();
    request.note = *std::move(note);
  }
  return absl::OkStatus();
}

absl::StatusOr<SubjectExport> ReadAll(const House& house, const SubjectRef& subject) {
  SubjectExport all{.subject = subject};
  if (absl::Status s = ReadVault(house, &all); !s.ok()) return s;
  if (absl::Status s = ReadMoney(house, &all); !s.ok()) return s;
  constexpr size_t kRequestsMax = 1'000;
  all.requests = house.registers->ListRequests({}, kRequestsMax, [&](const RightsRequest& request) {
    return request.subject == subject.subject;
  });
  if (absl::Status s = OpenNotes(house, &all.requests); !s.ok()) return s;
  return all;
}

// A repeat is for whoever lost the answer on the way, not for reading on with an old permission.
absl::Status CheckRepeat(const House& house, const Request& request) {
  const auto known = house.ledger->FindOperation(request.key);
  if (!known.ok()) return known.status();
  if (!known->has_value()) return absl::OkStatus();
  const auto entry = house.ledger->ReadEntry((*known)->index);
  if (!entry.ok()) return entry.status();
  return entry->leaf.booked_at_ns + kExportRepeatNs < house.now_ns()
             ? Refuse(Reason::kRepeatTooLate, "request_id")
             : absl::OkStatus();
}

// Reads a subject's record, lets `change` change it, and writes it, all on the applier thread.
template <class T>
void ChangeSubject(const House& house, const access::Caller& caller, const Request& request,
                   const SubjectRef& subject, std::function<absl::Status(SubjectRecord*)> change,
                   std::function<absl::StatusOr<T>(const SubjectRecord&, uint64_t index)> answer,
                   Done<T> done) {
  const auto record = std::make_shared<SubjectRecord>();
  ledger::Submission submission =
      ForRequest(house, caller, request, subject.school, ledger::NoteOperation{});
  submission.check = [&house, subject, record,
                      change = std::move(change)](const storage::Reader& reader) {
    if (absl::Status s = CheckNotErased(house, subject.subject); !s.ok()) return s;
    const auto found = house.vault->ReadSubject(reader, subject);
    if (!found.ok()) return found.status();
    if (!found->has_value()) return Refuse(Reason::kSubjectUnknown, "subject_id");
    *record = **found;
    return change(record.get());
  };
  submission.changes = [&house, subject, record](const ledger::Outcome&,
                                                 storage::Overlay& overlay) {
    house.vault->PutSubject(subject, *record, &overlay);
  };
  Mutate<T>(
      house, caller, subject.subject.bytes, std::move(submission),
      [&house, subject,
       answer = std::move(answer)](const ledger::Outcome& outcome) -> absl::StatusOr<T> {
        const auto now = house.vault->ReadSubject(house.vault->store(), subject);
        if (!now.ok()) return now.status();
        if (!now->has_value()) return Refuse(Reason::kSubjectUnknown, "subject_id");
        return answer(**now, outcome.index);
      },
      std::move(done));
}

absl::StatusOr<KeptRequest> Kept(const House& house, const base::RightsRequestId& id,
                                 const ledger::Outcome& outcome) {
  const auto request = house.registers->FindRequest(id);
  if (!request) return Refuse(Reason::kRightsRequestUnknown);
  std::vector<RightsRequest> kept = {*request};
  if (absl::Status s = OpenNotes(house, &kept); !s.ok()) return s;
  return KeptRequest{.request = kept.front(), .journal_index = outcome.index};
}

uint32_t TodayOf(const House& house, const base::SchoolId& school) {
  const absl::StatusOr<uint32_t> today = TodayAt(house, school, house.now_ns());
  if (today.ok()) return *today;
  return ServiceDay(house.now_ns(), house.time_zone).value_or(0);
}

}  // namespace

bool ExportQuota::Left(const base::ActorId& officer, uint64_t now_ns) {
  constexpr uint64_t kDayNs = 24ULL * 3600 * 1'000'000'000;
  std::deque<uint64_t>& made = made_[officer];
  while (!made.empty() && made.front() + kDayNs <= now_ns) made.pop_front();
  return made.size() < kExportsOfOfficerMax;
}

void ExportQuota::Count(const base::ActorId& officer, uint64_t now_ns) {
  made_[officer].push_back(now_ns);
}

absl::StatusOr<SubjectRef> SubjectFor(const access::Caller& caller, const base::SchoolId& school,
                                      const base::SubjectId& subject) {
  const base::SchoolId named = school.IsZero() ? caller.principal.school : school;
  if (named.IsZero()) return RefuseField("school_id", "must be given by an officer of all schools");
  if (!caller.MayActFor(named)) return Refuse(Reason::kNotPermitted);
  return SubjectRef{.school = named, .subject = subject};
}

void ExportSubject(const House& house, const access::Caller& caller, const Request& request,
                   const SubjectRef& subject, Done<SubjectExport> done) {
  if (absl::Status s = CheckRepeat(house, request); !s.ok()) {
    return Reply<SubjectExport>(house, caller, subject.subject.bytes, s, std::move(done));
  }
  const uint64_t now_ns = house.now_ns();
  const auto counted = std::make_shared<bool>(false);
  ledger::Submission submission =
      ForRequest(house, caller, request, subject.school, ledger::NoteOperation{});
  const auto exists = [&house, subject](const storage::Reader& reader) {
    const auto found = house.vault->ReadSubject(reader, subject);
    if (!found.ok()) return found.status();
    return found->has_value() ? absl::OkStatus() : Refuse(Reason::kSubjectUnknown, "subject_id");
  };
  submission.check = exists;
  NeedApproval(house, caller, request, subject.school, subject.subject.bytes, &submission);
  // Within the day's quota one officer is enough; beyond it somebody looks on.
  submission.check = [&house, caller, now_ns, exists, counted,
                      approved = std::move(submission.check)](const storage::Reader& reader) {
    *counted = house.export_quota->Left(caller.principal.id, now_ns);
    return *counted ? exists(reader) : approved(reader);
  };
  submission.changes = [&house, caller, now_ns, counted, used = std::move(submission.changes)](
                           const ledger::Outcome& outcome, storage::Overlay& overlay) {
    if (*counted) {
      house.export_quota->Count(caller.principal.id, now_ns);
    } else {
      used(outcome, overlay);
    }
  };
  Commit(house, caller, subject.subject.bytes, std::move(submission),
         [&house, subject, done = std::move(done)](const absl::Status& status,
                                                   const ledger::Outcome& outcome) {
           absl::Status verdict = status.ok() ? FromResult(outcome.code) : status;
           if (!verdict.ok()) return done(std::move(verdict));
           // Not on the ledger's thread: it reads years of the journal.
           if (!house.exporter->RunAlways(
                   [&house, subject, done] { done(ReadAll(house, subject)); })) {
             done(Refuse(Reason::kStopping));
           }
         });
}

void RectifySubject(const House& house, const access::Caller& caller, const Request& request,
                    const SubjectRef& subject, const Rectification& change, Done<Rectified> done) {
  ChangeSubject<Rectified>(
      house, caller, request, subject,
      [&house, school = subject.school, change](SubjectRecord* record) {
        if (absl::Status s = CheckBirthDay(house, school, change.birth_day); !s.ok()) return s;
        const bool pupil = record->kind == vault::SubjectKind::kPupil;
        if (pupil == change.class_name.empty()) {
          return RefuseField("name.class_name",
                             pupil ? "must be given for a pupil" : "must be empty for an adult");
        }
        record->family_name = change.family_name;
        record->given_name = change.given_name;
        record->class_name = change.class_name;
        record->external_id = change.external_id;
        record->birth_day = change.birth_day;
        record->left_on = change.left_on;
        return absl::OkStatus();
      },
      [](const SubjectRecord& record, uint64_t index) -> absl::StatusOr<Rectified> {
        return Rectified{.record = record, .journal_index = index};
      },
      std::move(done));
}

void BlockSubject(const House& house, const access::Caller& caller, const Request& request,
                  const SubjectRef& subject, bool blocked, Done<uint64_t> done) {
  ChangeSubject<uint64_t>(
      house, caller, request, subject,
      [blocked](SubjectRecord* record) {
        using vault::SubjectState;
        if (blocked) {
          record->state = SubjectState::kRestricted;
        } else if (record->state == SubjectState::kRestricted) {
          record->state = SubjectState::kActive;
        }
        return absl::OkStatus();
      },
      [](const SubjectRecord&, uint64_t index) -> absl::StatusOr<uint64_t> { return index; },
      std::move(done));
}

void OpenRequest(const House& house, const access::Caller& caller, const Request& request,
                 const SubjectRef& subject, uint8_t kind, uint32_t received,
                 Done<KeptRequest> done) {
  const uint32_t today = TodayOf(house, subject.school);
  RightsRequest kept{.id = DeriveId<base::RightsRequestId>(house, request.key, "rights-request"),
                     .kind = kind,
                     .school = subject.school,
                     .subject = subject.subject,
                     .recorded_by = {.id = caller.principal.id, .role = caller.principal.role},
                     .received = received == 0 ? today : received};
  kept.deadline = DeadlinesOf(static_cast<RequestKind>(kind), kept.received, *house.calendar).due;
  ledger::Submission submission =
      ForRequest(house, caller, request, subject.school, ledger::NoteOperation{});
  submission.check = [&house, subject, kept, today](const storage::Reader& reader) {
    if (kept.received > today) return RefuseField("received", "must not be after today");
    const auto found = house.vault->ReadSubject(reader, subject);
    if (!found.ok()) return found.status();
    return found->has_value() ? absl::OkStatus() : Refuse(Reason::kSubjectUnknown, "subject_id");
  };
  submission.changes = [&house, kept](const ledger::Outcome&, storage::Overlay& overlay) {
    house.registers->Put(kept, &overlay);
  };
  Mutate<KeptRequest>(
      house, caller, subject.subject.bytes, std::move(submission),
      [&house, id = kept.id](const ledger::Outcome& outcome) { return Kept(house, id, outcome); },
      std::move(done));
}

void CloseRequest(const House& house, const access::Caller& caller, const Request& request,
                  const base::RightsRequestId& id, RequestState state, const std::string& note,
                  Done<KeptRequest> done) {
  const auto kept = std::make_shared<RightsRequest>();
  const auto known = house.registers->FindRequest(id);
  const base::SchoolId school = known ? known->school : base::SchoolId{};
  const absl::StatusOr<std::string> sealed = SealNote(house, known, note);
  if (!sealed.ok()) {
    return Reply<KeptRequest>(house, caller, id.bytes, sealed.status(), std::move(done));
  }
  ledger::Submission submission =
      ForRequest(house, caller, request, school, ledger::NoteOperation{});
  submission.check = [&house, caller, id, state, note = *sealed, kept,
                      today = TodayOf(house, school)](const storage::Reader&) {
    const auto now = house.registers->FindRequest(id);
    if (!now || !caller.MayActFor(now->school)) {
      return Refuse(Reason::kRightsRequestUnknown, "rights_request_id");
    }
    *kept = *now;
    if (now->state != RequestState::kOpen) return Refuse(Reason::kRightsRequestClosed);
    if (state == RequestState::kOpen) {
      const Deadlines terms =
          DeadlinesOf(static_cast<RequestKind>(now->kind), now->received, *house.calendar);
      if (now->extended || terms.extended_max == terms.due) {
        return Refuse(Reason::kRightsRequestClosed, "state");
      }
      kept->extended = true;
      kept->deadline = terms.extended_max;
    } else {
      kept->state = state;
      kept->closed = today;
      kept->closed_by = {.id = caller.principal.id, .role = caller.principal.role};
    }
    if (!note.empty()) kept->note = note;
    return absl::OkStatus();
  };
  submission.changes = [&house, kept](const ledger::Outcome&, storage::Overlay& overlay) {
    house.registers->Put(*kept, &overlay);
  };
  Mutate<KeptRequest>(
      house, caller, id.bytes, std::move(submission),
      [&house, id](const ledger::Outcome& outcome) { return Kept(house, id, outcome); },
      std::move(done));
}

void ListRequests(const House& house, const access::Caller& caller,
                  const base::RightsRequestId& after, size_t limit, bool closed_too,
                  Done<RequestPage> done) {
  RequestPage page{.requests = house.registers->ListRequests(
                       after, limit + 1, [&](const RightsRequest& request) {
                         return caller.MayActFor(request.school) &&
                                (closed_too || request.state == RequestState::kOpen);
                       })};
  page.more = page.requests.size() > limit;
  if (page.more) page.requests.pop_back();
  for (const RightsRequest& request : page.requests) {
    page.today.push_back(TodayOf(house, request.school));
  }
  if (absl::Status s = OpenNotes(house, &page.requests); !s.ok()) {
    return Reply<RequestPage>(house, caller, {}, s, std::move(done));
  }
  Reply<RequestPage>(house, caller, {}, std::move(page), std::move(done));
}

}  // namespace ladon::flow
