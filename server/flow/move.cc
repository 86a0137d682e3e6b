#include "server/flow/move.h"

#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "server/base/secret.h"
#include "server/flow/erase.h"
#include "server/flow/mutate.h"
#include "server/flow/own_work.h"
#include "server/flow/palm_keys.h"
#include "server/flow/payer.h"

namespace ladon::flow {
namespace {

using vault::SubjectRef;

struct Move {
  const House* house = nullptr;
  access::Caller caller;
  Request request;
  SubjectRef from;
  SubjectRef to;
  vault::SubjectRecord record;  // As it will stand at the new school.
  std::vector<std::pair<base::AccountId, base::AccountId>> purses;  // Old and new.
  MoveAnswer answer;
};
using MovePtr = std::shared_ptr<Move>;

Request Part(const Move& move, const char* label, uint64_t number) {
  Object object{};
  std::copy_n(move.request.key.digest.bytes.begin(), object.size(), object.begin());
  return OwnRequest(*move.house, label, object, number);
}

absl::Status Read(const std::string& class_name, Move* move) {
  const House& house = *move->house;
  if (move->from.school == move->to.school) {
    return RefuseField("to_school_id", "must be another school");
  }
  if (!move->caller.MayActFor(move->to.school)) return Refuse(Reason::kNotPermitted);
  if (!house.directory->FindSchool(move->to.school)) {
    return Refuse(Reason::kSchoolUnknown, "to_school_id");
  }
  if (absl::Status s = CheckNotErased(house, move->from.subject); !s.ok()) return s;
  const auto found = house.vault->ReadSubject(house.vault->store(), move->from);
  if (!found.ok()) return found.status();
  if (!found->has_value()) return Refuse(Reason::kSubjectUnknown, "subject_id");
  move->record = **found;
  const bool pupil = move->record.kind == vault::SubjectKind::kPupil;
  if (pupil == class_name.empty()) {
    return RefuseField("class_name",
                       pupil ? "must be given for a pupil" : "must be empty for an adult");
  }
  move->record.class_name = class_name;
  move->record.left_on = 0;
  for (auto& [purse, account] : move->record.purses) {
    const auto fresh =
        DeriveId<base::AccountId>(house, Part(*move, "move/purse", purse).key, "purse");
    move->purses.emplace_back(account, fresh);
    account = fresh;
  }
  return absl::OkStatus();
}

absl::Status OpenPurses(Move* move) {
  const House& house = *move->house;
  ledger::OpenAccounts open;
  for (size_t i = 0; i < move->purses.size(); ++i) {
    const auto old = house.ledger->FindAccount(ToLedger(move->purses[i].first));
    open.accounts.push_back(
        {.account = ToLedger(move->purses[i].second),
         .code = ledger::AccountCode::kWallet,
         .purse = move->record.purses[i].first,
         .flags = ledger::kAccountLimited,
         .school = {move->to.school.bytes},
         .overdraft_limit_kopecks = old ? old->terms.overdraft_limit_kopecks : 0,
         .limits = old ? old->terms.limits : ledger::Limits{}});
  }
  if (house.ledger->FindAccount(open.accounts.front().account)) return absl::OkStatus();
  ledger::Submission submission = ForRequest(house, move->caller, Part(*move, "move/open", 0),
                                             move->to.school, std::move(open));
  return CommitAndWait(house, OwnCaller(OwnEvent::kSubjectMoved), move->from.subject.bytes,
                       std::move(submission))
      .status();
}

// One move of one purse towards the new school. True: it is there.
absl::StatusOr<bool> CarryOnce(const base::AccountId& old, const base::AccountId& fresh,
                               Move* move) {
  const House& house = *move->house;
  const auto view = house.ledger->FindAccount(ToLedger(old));
  if (!view || (view->terms.flags & ledger::kAccountClosed) != 0) return true;
  if (view->debits_pending_kopecks != 0 || view->credits_pending_kopecks != 0) {
    return absl::FailedPreconditionError("money is on hold");
  }
  const int64_t balance = view->balance_kopecks;
  ledger::AccountTerms terms = view->terms;
  ledger::Command command;
  if ((terms.flags & ledger::kAccountFrozen) != 0) {
    terms.flags = static_cast<uint16_t>(terms.flags & ~ledger::kAccountFrozen);
    command = ledger::SetAccountTerms{.terms = terms};
  } else if (balance == 0) {
    terms.flags |= ledger::kAccountClosed;
    command = ledger::SetAccountTerms{.terms = terms};
  } else {
    const base::AccountId& payer = balance > 0 ? old : fresh;
    const base::AccountId& payee = balance > 0 ? fresh : old;
    command = ledger::PostTransaction{.transfers = {{.debit = ToLedger(payer),
                                                     .credit = ToLedger(payee),
                                                     .amount_kopecks = std::abs(balance),
                                                     .line = std::nullopt}}};
  }
  const bool pays = std::holds_alternative<ledger::PostTransaction>(command);
  const Request part = OwnRequest(house, "move/carry", old.bytes, view->last_sequence);
  ledger::Submission submission =
      ForRequest(house, move->caller, part, move->from.school, std::move(command));
  if (pays) base::FillRandom(submission.transaction.bytes);
  const auto done = CommitAndWait(house, OwnCaller(OwnEvent::kSubjectMoved),
                                  move->from.subject.bytes, std::move(submission));
  if (!done.ok()) return done.status();
  return false;
}

absl::Status CarryMoney(Move* move) {
  constexpr int kMovesMax = 16;  // Of one purse: thaw, carry, close, and what came in between.
  for (const auto& [old, fresh] : move->purses) {
    bool there = false;
    for (int i = 0; i < kMovesMax && !there; ++i) {
      const absl::StatusOr<bool> done = CarryOnce(old, fresh, move);
      if (!done.ok()) return done.status();
      there = *done;
    }
    if (!there) return Refuse(Reason::kOverloaded);
    const auto view = move->house->ledger->FindAccount(ToLedger(fresh));
    if (view) move->answer.carried_kopecks += view->balance_kopecks;
  }
  return absl::OkStatus();
}

// The cards of the child as the new school's index knows them.
struct MovedCards {
  std::vector<vault::CardRecord> cards;
};

absl::StatusOr<MovedCards> CardsThere(Move* move) {
  const House& house = *move->house;
  MovedCards moved;
  const auto cards = house.vault->Cards(house.vault->store(), move->from);
  if (!cards.ok()) return cards.status();
  for (const auto& [number, card] : *cards) {
    if (card.canonical.empty()) {
      ++move->answer.cards_to_bind;
      continue;
    }
    const auto hash = house.vault->HashCard(move->to.school, {card.canonical});
    if (!hash.ok()) return hash.status();
    const auto bound = house.vault->FindCard(house.vault->store(), move->to.school, *hash);
    if (!bound.ok()) return bound.status();
    if (bound->has_value() && (*bound)->owner != move->to) {
      return Refuse(Reason::kCardBoundElsewhere, "subject_id");
    }
    vault::CardRecord there = card;
    there.hash = *hash;
    moved.cards.push_back(std::move(there));
  }
  move->answer.cards = static_cast<uint32_t>(moved.cards.size());
  return moved;
}

// Step 3, on the applier thread: what is read there is what is written.
ledger::Submission Reseal(const MovePtr& move, const MovedCards& cards) {
  const House& house = *move->house;
  ledger::Submission submission =
      ForRequest(house, move->caller, move->request, move->from.school, ledger::NoteOperation{});
  submission.check = [&house, move](const storage::Reader& reader) {
    if (absl::Status s = CheckNotErased(house, move->from.subject); !s.ok()) return s;
    const auto found = house.vault->ReadSubject(reader, move->from);
    if (!found.ok()) return found.status();
    if (!found->has_value()) return Refuse(Reason::kSubjectUnknown, "subject_id");
    // What was changed since the money went along goes along too.
    vault::SubjectRecord now = **found;
    now.class_name = move->record.class_name;
    now.purses = move->record.purses;
    now.left_on = 0;
    move->record = std::move(now);
    const auto cards_now = house.vault->Cards(reader, move->from);
    if (!cards_now.ok()) return cards_now.status();
    return cards_now->size() == move->answer.cards + move->answer.cards_to_bind
               ? absl::OkStatus()
               : Refuse(Reason::kOverloaded);
  };
  submission.changes = [&house, move, cards](const ledger::Outcome&, storage::Overlay& overlay) {
    const auto removed = house.vault->RemoveSubject(move->from, overlay, &overlay);
    if (removed.ok()) {
      move->answer.palms_removed = static_cast<uint32_t>(removed->palms);
      house.galleries->CountRemoved(move->from.school, removed->palms);
    }
    house.vault->PutSubject(move->to, move->record, &overlay);
    for (size_t i = 0; i < cards.cards.size(); ++i) {
      house.vault->PutCard(move->to, static_cast<uint16_t>(i), cards.cards[i], &overlay);
    }
  };
  return submission;
}

absl::StatusOr<MoveAnswer> Run(const MovePtr& move, const std::string& class_name) {
  const House& house = *move->house;
  const auto known = house.ledger->FindOperation(move->request.key);
  if (!known.ok()) return known.status();
  if (!known->has_value()) {
    if (absl::Status s = Read(class_name, move.get()); !s.ok()) return s;
    // Before any money goes: a card of somebody else there stops the whole.
    const auto cards = CardsThere(move.get());
    if (!cards.ok()) return cards.status();
    if (absl::Status s = OpenPurses(move.get()); !s.ok()) return s;
    if (absl::Status s = CarryMoney(move.get()); !s.ok()) return s;
    const auto sealed =
        CommitAndWait(house, move->caller, move->from.subject.bytes, Reseal(move, *cards));
    if (!sealed.ok()) return sealed.status();
    house.galleries->Erase(move->from);
    DestroyUnusedPalmKeys(house, {move->from});
    move->answer.journal_index = sealed->index;
    return move->answer;
  }
  // A repeat: what is there now.
  ledger::Submission repeat =
      ForRequest(house, move->caller, move->request, move->from.school, ledger::NoteOperation{});
  const auto outcome =
      CommitAndWait(house, move->caller, move->from.subject.bytes, std::move(repeat));
  if (!outcome.ok()) return outcome.status();
  move->answer.journal_index = outcome->index;
  const auto record = house.vault->ReadSubject(house.vault->store(), move->to);
  if (!record.ok()) return record.status();
  if (record->has_value()) {
    for (const auto& [purse, account] : (*record)->purses) {
      const auto view = house.ledger->FindAccount(ToLedger(account));
      if (view) move->answer.carried_kopecks += view->balance_kopecks;
    }
  }
  return move->answer;
}

}  // namespace

void MoveSubject(const House& house, const access::Caller& caller, const Request& request,
                 const SubjectRef& subject, const base::SchoolId& to, const std::string& class_name,
                 Done<MoveAnswer> done) {
  const auto move = std::make_shared<Move>(Move{.house = &house,
                                                .caller = caller,
                                                .request = request,
                                                .from = subject,
                                                .to = {.school = to, .subject = subject.subject}});
  const bool queued = house.exporter->Run([&house, move, class_name, done] {
    absl::StatusOr<MoveAnswer> answer = Run(move, class_name);
    if (answer.ok()) return done(*answer);  // Recorded with its commits.
    Reply<MoveAnswer>(house, move->caller, move->from.subject.bytes, answer, done);
  });
  if (!queued) {
    Reply<MoveAnswer>(house, caller, subject.subject.bytes, Refuse(Reason::kOverloaded),
                      std::move(done));
  }
}

}  // namespace ladon::flow
