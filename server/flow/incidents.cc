#include "server/flow/incidents.h"

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <utility>

#include "ledger/proof/audit_leaf.h"
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

std::string RecordKey(uint64_t index) {
  std::string key(8, '\0');
  for (size_t i = 0; i < key.size(); ++i) key[i] = static_cast<char>(index >> (56 - 8 * i));
  return key;
}

// When the record at or after `index` was made; nullopt: there is none.
absl::StatusOr<std::optional<ledger::AuditLeaf>> RecordFrom(storage::Scan* scan, uint64_t index) {
  scan->Seek(RecordKey(index));
  if (!scan->Valid()) {
    if (!scan->status().ok()) return scan->status();
    return std::optional<ledger::AuditLeaf>();
  }
  absl::StatusOr<ledger::AuditLeaf> leaf = ledger::DecodeAuditLeaf(scan->value());
  if (!leaf.ok()) return absl::DataLossError("security log: a record is damaged");
  return std::optional<ledger::AuditLeaf>(*std::move(leaf));
}

// Records made from `from_ns` until `until_ns`, oldest first, until `take` has enough. Times never
// go back in the log, so the first is found by halving.
absl::Status ForEachRecord(const House& house, uint64_t from_ns, uint64_t until_ns,
                           const std::function<bool(const ledger::AuditLeaf&)>& take) {
  const std::unique_ptr<storage::Scan> scan =
      house.vault->store().NewScan(storage::Family::kAuditLog);
  uint64_t low = 0;
  for (uint64_t high = house.audit->durable_size(); low < high;) {
    const uint64_t middle = low + (high - low) / 2;
    const auto leaf = RecordFrom(scan.get(), middle);
    if (!leaf.ok()) return leaf.status();
    const bool before = leaf->has_value() && (*leaf)->at_ns < from_ns;
    before ? low = middle + 1 : high = middle;
  }
  for (scan->Seek(RecordKey(low)); scan->Valid(); scan->Next()) {
    const absl::StatusOr<ledger::AuditLeaf> leaf = ledger::DecodeAuditLeaf(scan->value());
    if (!leaf.ok()) return absl::DataLossError("security log: a record is damaged");
    if (leaf->at_ns >= until_ns) return absl::OkStatus();
    if (leaf->at_ns >= from_ns && !take(*leaf)) return absl::OkStatus();
  }
  return scan->status();
}

absl::StatusOr<Affected> ReadAffected(const House& house, const Incident& incident) {
  Affected affected;
  std::map<base::SubjectId, AffectedSubject> subjects;
  const absl::Status read =
      ForEachRecord(house, incident.from_ns, incident.until_ns, [&](const ledger::AuditLeaf& leaf) {
        const bool touched = leaf.outcome == ledger::AuditOutcome::kSuccess && leaf.role != 0 &&
                             leaf.object != Object{} &&
                             (incident.actor.IsZero() || leaf.actor == incident.actor.bytes) &&
                             (incident.school.IsZero() || leaf.school == incident.school.bytes);
        if (!touched) return true;
        // The object of a call is a subject, an account, or something that is neither.
        base::SubjectId subject{leaf.object};
        if (const auto owner = house.vault->OwnerOf({leaf.object})) subject = owner->subject;
        AffectedSubject& one = subjects[subject];
        one.subject = subject;
        one.school = {leaf.school};
        ++one.accesses;
        affected.events.insert(leaf.event);
        return subjects.size() < kAffectedMax;
      });
  if (!read.ok()) return read;
  for (auto& [id, subject] : subjects) {
    const auto known = house.vault->ReadSubject(
        house.vault->store(), {.school = subject.school, .subject = subject.subject});
    if (!known.ok()) return known.status();
    // Somebody who was erased since was touched all the same.
    if (known->has_value() || house.registers->ErasureOf(id)) affected.subjects.push_back(subject);
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
