#include "server/flow/move.h"

#include <algorithm>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "server/base/secret.h"
#include "server/flow/erase.h"
#include "server/flow/money.h"
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
  std::string class_name;
  registers::Move register_entry;
  vault::SubjectRecord record;           // As it will stand at the new school, and
  std::vector<vault::CardRecord> cards;  // so will these.
  MoveAnswer answer;
};
using MovePtr = std::shared_ptr<Move>;

Request Part(const Move& move, const char* label, uint64_t number) {
  Object object{};
  std::copy_n(move.request.key.digest.bytes.begin(), object.size(), object.begin());
  return OwnRequest(*move.house, label, object, number);
}

std::optional<ledger::AccountView> Purse(const Move& move, const base::AccountId& account) {
  return move.house->ledger->FindAccount(ToLedger(account));
}

absl::Status CheckClass(const vault::SubjectRecord& record, const std::string& class_name) {
  const bool pupil = record.kind == vault::SubjectKind::kPupil;
  if (pupil != class_name.empty()) return absl::OkStatus();
  return RefuseField("class_name",
                     pupil ? "must be given for a pupil" : "must be empty for an adult");
}

// Takes up the move that an earlier request began, or plans a new one. Before any money goes:
// purses with money on hold stop the whole.
absl::Status Plan(const vault::SubjectRecord& record, Move* move) {
  const auto begun = move->house->registers->MoveOf(move->from.subject);
  if (begun) {
    if (begun->to != move->to.school) {
      return RefuseField("to_school_id", "must be the school of the move that was begun");
    }
    move->register_entry = *begun;
    return absl::OkStatus();
  }
  move->register_entry = {.subject = move->from.subject,
                          .from = move->from.school,
                          .to = move->to.school,
                          .purses = {}};
  for (const auto& [purse, account] : record.purses) {
    const auto view = Purse(*move, account);
    if (view && (view->debits_pending_kopecks != 0 || view->credits_pending_kopecks != 0)) {
      return Refuse(Reason::kOverloaded);
    }
    const Request part = Part(*move, "move/purse", purse);
    move->register_entry.purses.push_back(
        {.from = account, .to = DeriveId<base::AccountId>(*move->house, part.key, "purse")});
  }
  return absl::OkStatus();
}

absl::Status Read(Move* move) {
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
  if (absl::Status s = CheckClass(**found, move->class_name); !s.ok()) return s;
  return Plan(**found, move);
}

ledger::OpenAccounts PursesToOpen(const Move& move, const vault::SubjectRecord& record) {
  ledger::OpenAccounts open;
  for (const registers::MovedPurse& moved : move.register_entry.purses) {
    const auto old = Purse(move, moved.from);
    const auto kind =
        std::find_if(record.purses.begin(), record.purses.end(),
                     [&moved](const auto& purse) { return purse.second == moved.from; });
    if (!old || kind == record.purses.end()) continue;
    open.accounts.push_back(
        {.account = ToLedger(moved.to),
         .code = ledger::AccountCode::kWallet,
         .purse = kind->first,
         .flags = ledger::kAccountLimited,
         .school = {move.to.school.bytes},
         // A debt above the limit goes along too; the limit itself comes with SettleTerms().
         .overdraft_limit_kopecks =
             std::max(old->terms.overdraft_limit_kopecks, -old->balance_kopecks),
         .limits = old->terms.limits});
  }
  return open;
}

// Step 1. From here on the register knows where the money goes, whoever asks.
absl::Status OpenPurses(const MovePtr& move) {
  const House& house = *move->house;
  if (house.registers->MoveOf(move->from.subject)) return absl::OkStatus();
  const auto found = house.vault->ReadSubject(house.vault->store(), move->from);
  if (!found.ok()) return found.status();
  if (!found->has_value()) return Refuse(Reason::kSubjectUnknown, "subject_id");
  ledger::Submission submission = ForRequest(house, move->caller, Part(*move, "move/open", 0),
                                             move->to.school, PursesToOpen(*move, **found));
  submission.check = [&house, move](const storage::Reader& reader) {
    if (absl::Status s = CheckNotErased(house, move->from.subject); !s.ok()) return s;
    const auto now = house.vault->ReadSubject(reader, move->from);
    if (!now.ok()) return now.status();
    return now->has_value() ? absl::OkStatus() : Refuse(Reason::kSubjectUnknown, "subject_id");
  };
  submission.changes = [&house, move](const ledger::Outcome&, storage::Overlay& overlay) {
    house.registers->Put(move->register_entry, &overlay);
    if (house.outbox == nullptr) return;
    // What waits to be told of the old purse is still told to the same parents.
    for (const registers::MovedPurse& moved : move->register_entry.purses) {
      house.outbox->Carry(moved.from, moved.to, &overlay);
    }
  };
  return CommitAndWait(house, OwnCaller(OwnEvent::kSubjectMoved), move->from.subject.bytes,
                       std::move(submission))
      .status();
}

// A commit of the move itself. Under an id of its own each time: what it does follows from what is
// there now, and a refusal must not be the answer for ever.
struct Step {
  ledger::Command command;
  std::optional<ledger::AccountTerms> before;      // Of the account, which must still be so.
  std::function<void(storage::Overlay*)> changes;  // Beside the entry.
};
absl::Status CommitStep(const Move& move, Step step) {
  const House& house = *move.house;
  base::RequestId id;
  base::FillRandom(id.bytes);
  const bool pays = std::holds_alternative<ledger::PostTransaction>(step.command);
  ledger::Submission submission =
      ForRequest(house, move.caller, OwnRequest(house, "move/step", id.bytes, 0), move.from.school,
                 std::move(step.command));
  if (pays) {
    base::FillRandom(submission.transaction.bytes);
    submission.reason = kReasonCarried;
  }
  if (step.before) submission.check = TermsAre(house, *step.before);
  if (step.changes) {
    submission.changes = [changes = std::move(step.changes)](const ledger::Outcome&,
                                                             storage::Overlay& overlay) {
      changes(&overlay);
    };
  }
  return CommitAndWait(house, OwnCaller(OwnEvent::kSubjectMoved), move.from.subject.bytes,
                       std::move(submission))
      .status();
}

// The whole balance of `old` to the new purse; a debt the other way round.
ledger::PostTransaction WholeBalance(const registers::MovedPurse& purse, int64_t balance) {
  const base::AccountId& payer = balance > 0 ? purse.from : purse.to;
  const base::AccountId& payee = balance > 0 ? purse.to : purse.from;
  return {.transfers = {{.debit = ToLedger(payer),
                         .credit = ToLedger(payee),
                         .amount_kopecks = std::abs(balance),
                         .line = std::nullopt}}};
}

// One move of one purse towards the new school. True: it is there.
absl::StatusOr<bool> CarryOnce(registers::MovedPurse* purse, Move* move) {
  const auto view = Purse(*move, purse->from);
  if (!view || (view->terms.flags & ledger::kAccountClosed) != 0) return true;
  if (view->debits_pending_kopecks != 0 || view->credits_pending_kopecks != 0) {
    return Refuse(Reason::kOverloaded);
  }
  ledger::AccountTerms terms = view->terms;
  absl::Status done;
  if ((terms.flags & ledger::kAccountFrozen) != 0) {
    purse->frozen = true;
    terms.flags = static_cast<uint16_t>(terms.flags & ~ledger::kAccountFrozen);
    const registers::Move entry = move->register_entry;
    done = CommitStep(*move, {.command = ledger::SetAccountTerms{.terms = terms},
                              .before = view->terms,
                              .changes = [house = move->house, entry](storage::Overlay* overlay) {
                                house->registers->Put(entry, overlay);
                              }});
  } else if (view->balance_kopecks == 0) {
    terms.flags |= ledger::kAccountClosed;
    done = CommitStep(
        *move,
        {.command = ledger::SetAccountTerms{.terms = terms}, .before = view->terms, .changes = {}});
  } else {
    done = CommitStep(*move, {.command = WholeBalance(*purse, view->balance_kopecks),
                              .before = std::nullopt,
                              .changes = {}});
  }
  if (!done.ok()) return done;
  return false;
}

// The terms of the old purse hold for the new one: also a limit below the debt, and frozen.
absl::Status SettleTerms(const registers::MovedPurse& purse, const Move& move) {
  const auto old = Purse(move, purse.from);
  const auto fresh = Purse(move, purse.to);
  if (!old || !fresh) return absl::OkStatus();
  ledger::AccountTerms terms = fresh->terms;
  terms.overdraft_limit_kopecks = old->terms.overdraft_limit_kopecks;
  terms.limits = old->terms.limits;
  if (purse.frozen) terms.flags |= ledger::kAccountFrozen;
  if (terms.flags == fresh->terms.flags && terms.limits == fresh->terms.limits &&
      terms.overdraft_limit_kopecks == fresh->terms.overdraft_limit_kopecks) {
    return absl::OkStatus();
  }
  return CommitStep(
      move,
      {.command = ledger::SetAccountTerms{.terms = terms}, .before = fresh->terms, .changes = {}});
}

// Step 2.
absl::Status CarryMoney(Move* move) {
  constexpr int kMovesMax = 16;  // Of one purse: thaw, carry, close, and what came in between.
  for (registers::MovedPurse& purse : move->register_entry.purses) {
    bool there = false;
    for (int i = 0; i < kMovesMax && !there; ++i) {
      const absl::StatusOr<bool> done = CarryOnce(&purse, move);
      if (!done.ok()) return done.status();
      there = *done;
    }
    if (!there) return Refuse(Reason::kOverloaded);
    if (absl::Status s = SettleTerms(purse, *move); !s.ok()) return s;
  }
  return absl::OkStatus();
}

// How the new school's index knows each card whose number is kept, by the number under which the
// card stands. Not on the applier thread: it may make the school's pepper.
using HashesThere = std::map<uint16_t, std::pair<std::string, vault::CardHash>>;
absl::StatusOr<HashesThere> HashCards(const Move& move) {
  const House& house = *move.house;
  HashesThere hashes;
  const auto cards = house.vault->Cards(house.vault->store(), move.from);
  if (!cards.ok()) return cards.status();
  for (const auto& [number, card] : *cards) {
    if (card.canonical.empty()) continue;
    const auto hash = house.vault->HashCard(move.to.school, {card.canonical});
    if (!hash.ok()) return hash.status();
    hashes[number] = {card.canonical, *hash};
  }
  return hashes;
}

// The cards as they are now, for the new school.
absl::Status ReadCards(const storage::Reader& reader, const HashesThere& hashes, Move* move) {
  const House& house = *move->house;
  move->cards.clear();
  move->answer.cards_to_bind = 0;
  const auto cards = house.vault->Cards(reader, move->from);
  if (!cards.ok()) return cards.status();
  for (const auto& [number, card] : *cards) {
    if (card.canonical.empty()) {
      ++move->answer.cards_to_bind;
      continue;
    }
    const auto hash = hashes.find(number);
    // Bound a moment ago: again.
    if (hash == hashes.end() || hash->second.first != card.canonical) {
      return Refuse(Reason::kOverloaded);
    }
    const auto bound = house.vault->FindCard(reader, move->to.school, hash->second.second);
    if (!bound.ok()) return bound.status();
    if (bound->has_value() && (*bound)->owner != move->to) {
      return Refuse(Reason::kCardBoundElsewhere, "subject_id");
    }
    move->cards.push_back(card);
    move->cards.back().hash = hash->second.second;
  }
  move->answer.cards = static_cast<uint32_t>(move->cards.size());
  return absl::OkStatus();
}

// Where the register says that the money is.
absl::Status ReadRecord(const storage::Reader& reader, Move* move) {
  const auto found = move->house->vault->ReadSubject(reader, move->from);
  if (!found.ok()) return found.status();
  if (!found->has_value()) return Refuse(Reason::kSubjectUnknown, "subject_id");
  if (absl::Status s = CheckClass(**found, move->class_name); !s.ok()) return s;
  move->record = **found;
  move->record.class_name = move->class_name;
  move->record.left_on = 0;
  for (auto& [purse, account] : move->record.purses) {
    for (const registers::MovedPurse& moved : move->register_entry.purses) {
      if (account != moved.from) continue;
      account = moved.to;
      break;
    }
  }
  return absl::OkStatus();
}

// Step 3, on the applier thread: what is read there is what is written.
ledger::Submission Reseal(const MovePtr& move, const HashesThere& hashes) {
  const House& house = *move->house;
  ledger::Submission submission =
      ForRequest(house, move->caller, move->request, move->from.school, ledger::NoteOperation{});
  submission.check = [&house, move, hashes](const storage::Reader& reader) {
    if (absl::Status s = CheckNotErased(house, move->from.subject); !s.ok()) return s;
    if (absl::Status s = ReadRecord(reader, move.get()); !s.ok()) return s;
    return ReadCards(reader, hashes, move.get());
  };
  submission.changes = [&house, move](const ledger::Outcome&, storage::Overlay& overlay) {
    const auto removed = house.vault->RemoveSubject(move->from, &overlay);
    if (removed.ok()) {
      move->answer.palms_removed = static_cast<uint32_t>(removed->palms);
      house.galleries->CountRemoved(move->from.school, removed->palms);
    }
    house.vault->PutSubject(move->to, move->record, &overlay);
    for (size_t i = 0; i < move->cards.size(); ++i) {
      house.vault->PutCard(move->to, static_cast<uint16_t>(i), move->cards[i], &overlay);
    }
    house.registers->RemoveMove(move->from.subject, &overlay);
  };
  return submission;
}

int64_t MoneyThere(const Move& move, const vault::SubjectRecord& record) {
  int64_t sum = 0;
  for (const auto& [purse, account] : record.purses) {
    const auto view = Purse(move, account);
    if (view) sum += view->balance_kopecks;
  }
  return sum;
}

// A repeat of a move that was made: what is there now.
absl::StatusOr<MoveAnswer> Repeat(Move* move) {
  const House& house = *move->house;
  ledger::Submission repeat =
      ForRequest(house, move->caller, move->request, move->from.school, ledger::NoteOperation{});
  const auto outcome =
      CommitAndWait(house, move->caller, move->from.subject.bytes, std::move(repeat));
  if (!outcome.ok()) return outcome.status();
  move->answer.journal_index = outcome->index;
  const auto record = house.vault->ReadSubject(house.vault->store(), move->to);
  if (!record.ok()) return record.status();
  if (record->has_value()) move->answer.carried_kopecks = MoneyThere(*move, **record);
  return move->answer;
}

absl::StatusOr<MoveAnswer> Run(const MovePtr& move) {
  const House& house = *move->house;
  const auto known = house.ledger->FindOperation(move->request.key);
  if (!known.ok()) return known.status();
  if (known->has_value()) return Repeat(move.get());
  if (absl::Status s = Read(move.get()); !s.ok()) return s;
  const auto hashes = HashCards(*move);
  if (!hashes.ok()) return hashes.status();
  // Before any money goes: a card of somebody else there stops the whole.
  if (absl::Status s = ReadCards(house.vault->store(), *hashes, move.get()); !s.ok()) return s;
  if (absl::Status s = OpenPurses(move); !s.ok()) return s;
  if (absl::Status s = CarryMoney(move.get()); !s.ok()) return s;
  const auto sealed =
      CommitAndWait(house, move->caller, move->from.subject.bytes, Reseal(move, *hashes));
  if (!sealed.ok()) return sealed.status();
  LeaveSearch(house, move->from);
  DestroyUnusedPalmKeys(house, {move->to});
  move->answer.carried_kopecks = MoneyThere(*move, move->record);
  move->answer.journal_index = sealed->index;
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
                                                .to = {.school = to, .subject = subject.subject},
                                                .class_name = class_name});
  const bool queued = house.exporter->Run([&house, move, done] {
    absl::StatusOr<MoveAnswer> answer = Run(move);
    if (answer.ok()) return done(*answer);  // Recorded with its commits.
    Reply<MoveAnswer>(house, move->caller, move->from.subject.bytes, answer, done);
  });
  if (!queued) {
    Reply<MoveAnswer>(house, caller, subject.subject.bytes, Refuse(Reason::kOverloaded),
                      std::move(done));
  }
}

}  // namespace ladon::flow
