#include <algorithm>
#include <memory>
#include <optional>
#include <utility>

#include "server/flow/enrol.h"
#include "server/flow/erase.h"
#include "server/flow/events.h"
#include "server/flow/mutate.h"
#include "server/flow/on_worker.h"

namespace ladon::flow {
namespace {

using vault::CardRecord;
using vault::SubjectRef;

// Where a card lies, or will lie: found on the applier thread by `check`, used by `changes`.
struct Place {
  SubjectRef owner;
  uint16_t number = 0;
  CardRecord record;
  bool was_shut = false;  // Blocked or lost, before its state is changed.
};
using PlacePtr = std::shared_ptr<Place>;

bool IsShut(vault::CardState state) {
  return state == vault::CardState::kBlocked || state == vault::CardState::kLost;
}

void Write(const House& house, const PlacePtr& place, storage::Overlay* overlay) {
  house.vault->PutCard(place->owner, place->number, place->record, overlay);
}

// Fills `place` for a card that is to be bound; it holds the wished record and owner already.
absl::Status FindPlace(const House& house, const storage::Reader& reader, Place* place) {
  if (absl::Status s = CheckNotErased(house, place->owner.subject); !s.ok()) return s;
  const auto subject = house.vault->ReadSubject(reader, place->owner);
  if (!subject.ok()) return subject.status();
  if (!subject->has_value()) return Refuse(Reason::kSubjectUnknown, "subject_id");
  const auto bound = house.vault->FindCard(reader, place->owner.school, place->record.hash);
  if (!bound.ok()) return bound.status();
  if (bound->has_value()) {
    if ((*bound)->owner != place->owner) return Refuse(Reason::kCardBoundElsewhere, "card");
    place->number = (*bound)->number;
    place->record.id = (*bound)->record.id;
    return absl::OkStatus();
  }
  const auto cards = house.vault->Cards(reader, place->owner);
  if (!cards.ok()) return cards.status();
  if (cards->size() >= vault::kCardsMax) {
    return RefuseField("subject_id", "has 16 cards already, the most a subject may have");
  }
  place->number = static_cast<uint16_t>(cards->size());
  return absl::OkStatus();
}

// The card with this id in the whole school; ids are rare at the desk, so it may look long.
absl::StatusOr<std::optional<Place>> FindCardById(const House& house, const storage::Reader& reader,
                                                  const base::SchoolId& school,
                                                  const base::CardId& id) {
  constexpr size_t kPage = 1'000;
  base::SubjectId after;
  while (true) {
    const auto page = house.vault->ListSubjects(school, after, kPage);
    if (!page.ok()) return page.status();
    for (const auto& [subject, record] : *page) {
      const auto cards = house.vault->Cards(reader, subject);
      if (!cards.ok()) return cards.status();
      for (const auto& [number, card] : *cards) {
        if (card.id == id) return Place{.owner = subject, .number = number, .record = card};
      }
    }
    if (page->size() < kPage) return std::optional<Place>();
    after = page->back().first.subject;
  }
}

// The card's id is read from what is durable: a repeat has not been through `check`, and hears the
// same id, also when the card had been bound under it before.
std::function<absl::StatusOr<CardAnswer>(const ledger::Outcome&)> AnswerOf(const House& house,
                                                                           const PlacePtr& place) {
  return [&house, place](const ledger::Outcome& outcome) -> absl::StatusOr<CardAnswer> {
    const auto card =
        house.vault->FindCard(house.vault->store(), place->owner.school, place->record.hash);
    if (!card.ok()) return card.status();
    if (!card->has_value()) return Refuse(Reason::kCardUnknown);
    return CardAnswer{.id = (*card)->record.id, .journal_index = outcome.index};
  };
}

using CardTarget = std::variant<base::CardId, vault::CardNumber>;

void FindAndSetState(const House& house, const access::Caller& caller, const Request& request,
                     const CardTarget& target, vault::CardState state, Done<CardAnswer> done) {
  const base::SchoolId school = caller.principal.school;
  const auto place = std::make_shared<Place>();
  const auto refuse = [&](const absl::Status& status) {
    Reply<CardAnswer>(house, caller, {}, status, std::move(done));
  };
  if (!house.directory->FindSchool(school)) return refuse(Refuse(Reason::kSchoolUnknown));
  // The card is found here and read again on the applier thread, where its state is changed.
  const storage::Store& store = house.vault->store();
  if (const auto* const id = std::get_if<base::CardId>(&target)) {
    const auto found = FindCardById(house, store, school, *id);
    if (!found.ok()) return refuse(found.status());
    if (!found->has_value()) return refuse(Refuse(Reason::kCardUnknown, "card_id"));
    *place = **found;
  } else {
    const auto hash = house.vault->HashCard(school, std::get<vault::CardNumber>(target));
    if (!hash.ok()) return refuse(hash.status());
    const auto found = house.vault->FindCard(store, school, *hash);
    if (!found.ok()) return refuse(found.status());
    if (!found->has_value()) return refuse(Refuse(Reason::kCardUnknown, "card"));
    *place = {.owner = (*found)->owner, .number = (*found)->number, .record = (*found)->record};
  }
  ledger::Submission submission =
      ForRequest(house, caller, request, school, ledger::NoteOperation{});
  submission.check = [&house, place, state](const storage::Reader& reader) {
    if (absl::Status s = CheckNotErased(house, place->owner.subject); !s.ok()) return s;
    const auto card = house.vault->ReadCard(reader, place->owner, place->number);
    if (!card.ok()) return card.status();
    if (!card->has_value()) return Refuse(Reason::kCardUnknown);
    place->record = **card;
    place->was_shut = IsShut(place->record.state);
    // A temporary card that is unblocked stays temporary: its last day still counts.
    const bool temporary = place->record.valid_until != 0;
    place->record.state =
        temporary && state == vault::CardState::kActive ? vault::CardState::kTemporary : state;
    return absl::OkStatus();
  };
  submission.changes = [&house, place](const ledger::Outcome& outcome, storage::Overlay& overlay) {
    Write(house, place, &overlay);
    if (IsShut(place->record.state) && !place->was_shut) {
      NoteCardBlocked(house, *outcome.entry, place->owner, &overlay);
    }
  };
  Mutate<CardAnswer>(house, caller, place->owner.subject.bytes, std::move(submission),
                     AnswerOf(house, place), std::move(done));
}
}  // namespace

void BindCard(const House& house, const access::Caller& caller, const Request& request,
              const CardInput& input, Done<CardAnswer> done) {
  const SubjectRef subject{.school = caller.principal.school, .subject = input.subject};
  const auto refuse = [&](const absl::Status& status) {
    Reply<CardAnswer>(house, caller, subject.subject.bytes, status, std::move(done));
  };
  // First, because hashing makes the school's pepper: no keys for made-up schools.
  if (!house.directory->FindSchool(subject.school)) return refuse(Refuse(Reason::kSchoolUnknown));
  const absl::StatusOr<vault::CardHash> hash = house.vault->HashCard(subject.school, input.number);
  if (!hash.ok()) return refuse(hash.status());
  const auto place = std::make_shared<Place>(
      Place{.owner = subject,
            .record = {.id = DeriveId<base::CardId>(house, request.key, "card"),
                       .state = input.state,
                       .valid_until = input.valid_until,
                       .tail = static_cast<uint8_t>(input.number.canonical.back()),
                       .hash = *hash,
                       .canonical = input.number.canonical}});
  const absl::StatusOr<uint32_t> today = TodayAt(house, subject.school, house.now_ns());
  ledger::Submission submission =
      ForRequest(house, caller, request, subject.school, ledger::NoteOperation{});
  submission.check = [&house, place, today](const storage::Reader& reader) {
    if (!today.ok()) return today.status();
    if (place->record.state == vault::CardState::kTemporary && place->record.valid_until < *today) {
      return RefuseField("valid_until", "must not have passed");
    }
    return FindPlace(house, reader, place.get());
  };
  submission.changes = [&house, place](const ledger::Outcome&, storage::Overlay& overlay) {
    Write(house, place, &overlay);
  };
  Mutate<CardAnswer>(house, caller, subject.subject.bytes, std::move(submission),
                     AnswerOf(house, place), std::move(done));
}

void SetCardState(const House& house, const access::Caller& caller, const Request& request,
                  const std::variant<base::CardId, vault::CardNumber>& target,
                  vault::CardState state, Done<CardAnswer> done) {
  OnWorker<CardAnswer>(house, caller, std::move(done),
                       [&house, caller, request, target, state](Done<CardAnswer> tell) {
                         FindAndSetState(house, caller, request, target, state, std::move(tell));
                       });
}

}  // namespace ladon::flow
