#include "server/flow/incidents.h"

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <utility>

#include "ledger/proof/audit_leaf.h"
#include "server/audit/query.h"
#include "server/flow/mutate.h"
#include "server/flow/officer_text.h"

namespace ladon::flow {
namespace {

using registers::Incident;
using registers::IncidentState;

// Each text of an incident with its name.
template <class Change>
absl::Status ForTexts(Incident* incident, const Change& change) {
  for (const auto& [name, text] :
       {std::pair("cause", &incident->cause), std::pair("harm", &incident->harm),
        std::pair("measures", &incident->measures), std::pair("contact", &incident->contact)}) {
    absl::StatusOr<std::string> changed = change(std::string(incident->id.view()) + name, *text);
    if (!changed.ok()) return changed.status();
    *text = *std::move(changed);
  }
  return absl::OkStatus();
}

absl::Status SealTexts(const House& house, Incident* incident) {
  return ForTexts(incident, [&house](const std::string& label, const std::string& text) {
    return SealText(house, label, text);
  });
}

absl::Status OpenTexts(const House& house, Incident* incident) {
  return ForTexts(incident, [&house](const std::string& label, const std::string& text) {
    return OpenText(house, label, text);
  });
}

absl::StatusOr<KeptIncident> Kept(const House& house, const base::IncidentId& id,
                                  const ledger::Outcome& outcome) {
  auto incident = house.registers->FindIncident(id);
  if (!incident) return Refuse(Reason::kIncidentUnknown);
  if (absl::Status s = OpenTexts(house, &*incident); !s.ok()) return s;
  return KeptIncident{.incident = *incident, .journal_index = outcome.index};
}

// An incident of several schools is told to an officer of all schools only.
bool MaySee(const access::Caller& caller, const Incident& incident) {
  return caller.MayActFor(incident.school);
}

// Of the incident's time and actor, what was served.
audit::RecordFilter FilterOf(const Incident& incident) {
  audit::RecordFilter filter{.from_ns = incident.from_ns,
                             .until_ns = incident.until_ns,
                             .outcomes = {ledger::AuditOutcome::kSuccess}};
  if (!incident.actor.IsZero()) filter.actor = incident.actor.bytes;
  return filter;  // Not by school: an officer of all schools called from none.
}

// Each record that passes `filter`, oldest first, until `take` has enough.
absl::Status ForEachRecord(const audit::Log& log, const audit::RecordFilter& filter,
                           const std::function<bool(const ledger::AuditLeaf&)>& take) {
  audit::RecordQuery query{.filter = filter};
  do {
    const absl::StatusOr<audit::RecordPage> page = audit::ListRecords(log, query);
    if (!page.ok()) return page.status();
    for (const ledger::AuditLeaf& leaf : page->records) {
      if (!take(leaf)) return absl::OkStatus();
    }
    query.position = page->next;
  } while (query.position);
  return absl::OkStatus();
}

// Whether the log no longer has everything that was recorded from `from_ns` on. Times never go
// back, so the first record that is left tells.
absl::StatusOr<bool> IsArchived(const audit::Log& log, uint64_t from_ns) {
  const uint64_t first = log.first();
  if (first == 0) return false;
  const absl::StatusOr<const ledger::AuditLeaf*> leaf = audit::RecordCursor(log).Read(first);
  if (!leaf.ok()) return leaf.status();
  return from_ns < (*leaf)->at_ns;
}

// Who the object of a call is. Somebody who was erased since was touched all the same.
class Objects {
 public:
  explicit Objects(const House& house) : house_(house), homes_(house.vault->Homes()) {
    constexpr size_t kPage = 1'000;
    base::ErasureId after;
    while (true) {
      const auto page =
          house.registers->ListErasures(after, kPage, [](const auto&) { return true; });
      for (const registers::Erasure& erasure : page) {
        after = erasure.id;
        homes_.emplace(erasure.subject, erasure.school);
        for (const base::AccountId& account : erasure.accounts) {
          erased_.emplace(account, erasure.subject);
        }
      }
      if (page.size() < kPage) return;
    }
  }
  // A subject, or whose account it is, with the school where that is now; nullopt: neither.
  [[nodiscard]] std::optional<vault::SubjectRef> Find(const Object& object) const {
    base::SubjectId subject{object};
    if (const auto owner = house_.vault->OwnerOf({object})) subject = owner->subject;
    if (const auto it = erased_.find({object}); it != erased_.end()) subject = it->second;
    const auto home = homes_.find(subject);
    if (home == homes_.end()) return std::nullopt;
    return vault::SubjectRef{.school = home->second, .subject = subject};
  }
  // How many people are at each school, or were until erased; zero: at all of them.
  [[nodiscard]] std::map<base::SchoolId, uint32_t> PeopleBySchool() const {
    std::map<base::SchoolId, uint32_t> people;
    for (const auto& [subject, school] : homes_) ++people[school];
    people[{}] = static_cast<uint32_t>(homes_.size());
    return people;
  }

 private:
  const House& house_;
  std::map<base::SubjectId, base::SchoolId> homes_;
  std::map<base::AccountId, base::SubjectId> erased_;
};

absl::StatusOr<Affected> ReadAffected(const House& house, const Incident& incident) {
  Affected affected;
  const absl::StatusOr<bool> archived = IsArchived(*house.audit, incident.from_ns);
  if (!archived.ok()) return archived.status();
  affected.archived = *archived;
  const Objects objects(house);
  std::map<base::SubjectId, AffectedSubject> subjects;
  std::map<std::pair<uint16_t, base::SchoolId>, uint32_t> unnamed;
  const absl::Status read =
      ForEachRecord(*house.audit, FilterOf(incident), [&](const ledger::AuditLeaf& leaf) {
        if (leaf.role == 0) return true;
        const base::SchoolId called_from{leaf.school};
        const auto found = objects.Find(leaf.object);
        if (!found) {
          if (incident.school.IsZero() || called_from.IsZero() || called_from == incident.school) {
            ++unnamed[{leaf.event, called_from.IsZero() ? incident.school : called_from}];
          }
          return true;
        }
        // Where it happened: whoever has moved since was touched at the old school.
        const base::SchoolId school = called_from.IsZero() ? found->school : called_from;
        if (!incident.school.IsZero() && school != incident.school) return true;
        if (subjects.size() == kAffectedMax && !subjects.contains(found->subject)) {
          affected.truncated = true;
          return true;  // Lists are counted on.
        }
        AffectedSubject& one = subjects[found->subject];
        one.subject = found->subject;
        one.school = school;
        ++one.accesses;
        affected.events.insert(leaf.event);
        return true;
      });
  if (!read.ok()) return read;
  for (const auto& [id, subject] : subjects) affected.subjects.push_back(subject);
  const std::map<base::SchoolId, uint32_t> people = objects.PeopleBySchool();
  for (const auto& [call, count] : unnamed) {
    const auto there = people.find(call.second);
    affected.unnamed.push_back({.event = call.first,
                                .school = call.second,
                                .calls = count,
                                .people = there == people.end() ? 0 : there->second});
  }
  return affected;
}

}  // namespace

void RecordIncident(const House& house, const access::Caller& caller, const Request& request,
                    Incident incident, Done<KeptIncident> done) {
  incident.id = DeriveId<base::IncidentId>(house, request.key, "incident");
  incident.state = IncidentState::kOpen;
  if (absl::Status s = SealTexts(house, &incident); !s.ok()) {
    return Reply<KeptIncident>(house, caller, incident.id.bytes, s, std::move(done));
  }
  incident.recorded_by = {.id = caller.principal.id, .role = caller.principal.role};
  ledger::Submission submission =
      ForRequest(house, caller, request, incident.school, ledger::NoteOperation{});
  submission.check = [caller, incident, now_ns = house.now_ns()](const storage::Reader&) {
    if (!MaySee(caller, incident)) return Refuse(Reason::kNotPermitted);
    if (incident.detected_at_ns > now_ns) {
      return RefuseField("detected_at", "must not be in the future");
    }
    if (incident.until_ns < incident.from_ns) {
      return RefuseField("until", "must not be before from");
    }
    return absl::OkStatus();
  };
  submission.changes = [&house, incident](const ledger::Outcome&, storage::Overlay& overlay) {
    house.registers->Put(incident, &overlay);
  };
  Mutate<KeptIncident>(
      house, caller, incident.id.bytes, std::move(submission),
      [&house, id = incident.id](const ledger::Outcome& outcome) {
        return Kept(house, id, outcome);
      },
      std::move(done));
}

void ReportIncident(const House& house, const access::Caller& caller, const Request& request,
                    const base::IncidentId& id, IncidentState state, const std::string& receipt,
                    Done<KeptIncident> done) {
  const auto incident = std::make_shared<Incident>();
  ledger::Submission submission =
      ForRequest(house, caller, request, caller.principal.school, ledger::NoteOperation{});
  submission.check = [&house, caller, id, state, receipt, incident](const storage::Reader&) {
    const auto known = house.registers->FindIncident(id);
    if (!known || !MaySee(caller, *known)) return Refuse(Reason::kIncidentUnknown, "incident_id");
    if (static_cast<int>(state) != static_cast<int>(known->state) + 1) {
      return RefuseField("state", "must be the one after the present");
    }
    *incident = *known;
    incident->state = state;
    (state == IncidentState::kReported24 ? incident->receipt_24 : incident->receipt_72) = receipt;
    return absl::OkStatus();
  };
  submission.changes = [&house, incident](const ledger::Outcome&, storage::Overlay& overlay) {
    house.registers->Put(*incident, &overlay);
  };
  Mutate<KeptIncident>(
      house, caller, id.bytes, std::move(submission),
      [&house, id](const ledger::Outcome& outcome) { return Kept(house, id, outcome); },
      std::move(done));
}

void ListIncidents(const House& house, const access::Caller& caller, const base::IncidentId& after,
                   size_t limit, Done<IncidentPage> done) {
  IncidentPage page{
      .incidents = house.registers->ListIncidents(
          after, limit + 1, [&](const Incident& incident) { return MaySee(caller, incident); })};
  page.more = page.incidents.size() > limit;
  if (page.more) page.incidents.pop_back();
  for (Incident& incident : page.incidents) {
    if (absl::Status s = OpenTexts(house, &incident); !s.ok()) {
      return Reply<IncidentPage>(house, caller, {}, s, std::move(done));
    }
  }
  Reply<IncidentPage>(house, caller, {}, std::move(page), std::move(done));
}

void ListAffected(const House& house, const access::Caller& caller, const base::IncidentId& id,
                  Done<Affected> done) {
  const auto incident = house.registers->FindIncident(id);
  if (!incident || !MaySee(caller, *incident)) {
    return Reply<Affected>(house, caller, id.bytes, Refuse(Reason::kIncidentUnknown, "incident_id"),
                           std::move(done));
  }
  const bool queued = house.exporter->Run([&house, caller, incident = *incident, done] {
    Reply<Affected>(house, caller, incident.id.bytes, ReadAffected(house, incident), done);
  });
  if (!queued) {
    Reply<Affected>(house, caller, id.bytes, Refuse(Reason::kOverloaded), std::move(done));
  }
}

}  // namespace ladon::flow
