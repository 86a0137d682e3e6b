#include <array>
#include <utility>
#include <vector>

#include "server/base/secret.h"
#include "server/flow/epochs.h"
#include "server/flow/erase.h"
#include "server/flow/money.h"
#include "server/flow/mutate.h"
#include "server/flow/own_work.h"
#include "server/flow/palm_keys.h"
#include "server/flow/payer.h"

namespace ladon::flow {
namespace {

using registers::Erasure;
using registers::ErasureStep;
using vault::SubjectRef;

// An account of the school that is opened when it is needed first, under an id that follows from
// the school.
absl::StatusOr<ledger::AccountId> SchoolAccount(const House& house, const Erasure& erasure,
                                                ledger::AccountCode code, const char* label) {
  const Request request = OwnRequest(house, label, erasure.school.bytes, 0);
  const auto id = DeriveId<base::AccountId>(house, request.key, label);
  const ledger::AccountId account = ToLedger(id);
  if (house.ledger->FindAccount(account)) return account;
  const access::Caller caller = OwnCaller(OwnEvent::kErasureSettled);
  ledger::Submission open = ForRequest(
      house, caller, request, erasure.school,
      ledger::OpenAccounts{
          .accounts = {{.account = account, .code = code, .school = {erasure.school.bytes}}}});
  const auto opened = CommitAndWait(house, caller, id.bytes, std::move(open));
  if (!opened.ok()) return opened.status();
  return account;
}

// One move towards a closed account at zero. True: it is there.
absl::StatusOr<bool> SettleOnce(const House& house, const base::AccountId& account,
                                Erasure* erasure) {
  const auto view = house.ledger->FindAccount(ToLedger(account));
  if (!view || (view->terms.flags & ledger::kAccountClosed) != 0) return true;
  if (view->debits_pending_kopecks != 0 || view->credits_pending_kopecks != 0) {
    return absl::FailedPreconditionError("an account has money on hold; it is settled after that");
  }
  const access::Caller caller = OwnCaller(OwnEvent::kErasureSettled);
  // The account's last number is in the id: what came between makes it another move.
  const Request request = OwnRequest(house, "settle", account.bytes, view->last_sequence);
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
    const auto other =
        balance > 0 ? SchoolAccount(house, *erasure, ledger::AccountCode::kRefundPayable, "refunds")
                    : SchoolAccount(house, *erasure, ledger::AccountCode::kSuspense, "waived");
    if (!other.ok()) return other.status();
    const ledger::AccountId purse = ToLedger(account);
    command =
        ledger::PostTransaction{.transfers = {{.debit = balance > 0 ? purse : *other,
                                               .credit = balance > 0 ? *other : purse,
                                               .amount_kopecks = balance > 0 ? balance : -balance,
                                               .line = std::nullopt}}};
  }
  const bool pays = std::holds_alternative<ledger::PostTransaction>(command);
  ledger::Submission submission =
      ForRequest(house, caller, request, erasure->school, std::move(command));
  submission.context.actor = {erasure->requested_by.id.bytes};
  if (pays) {
    base::FillRandom(submission.transaction.bytes);
    submission.reason = kReasonSettled;
  }
  if (!pays) submission.check = TermsAre(house, view->terms);
  Erasure after = *erasure;
  if (pays) after.settled_kopecks += balance;
  submission.changes = [&house, after](const ledger::Outcome&, storage::Overlay& overlay) {
    house.registers->Put(after, &overlay);
  };
  const auto outcome = CommitAndWait(house, caller, account.bytes, std::move(submission));
  if (!outcome.ok()) return outcome.status();
  *erasure = *house.registers->FindErasure(erasure->id);
  return false;
}

// Writes the erasure as `change` leaves it, in a commit of its own.
absl::StatusOr<Erasure> PutStep(const House& house, const Erasure& before, OwnEvent event,
                                std::function<void(Erasure*, storage::Overlay*)> change) {
  const access::Caller caller = OwnCaller(event);
  const Request request =
      OwnRequest(house, "erasure", before.id.bytes, static_cast<uint64_t>(before.step) + 1);
  ledger::Submission submission =
      ForRequest(house, caller, request, before.school, ledger::NoteOperation{});
  submission.context.actor = {before.requested_by.id.bytes};
  submission.changes = [&house, before, change = std::move(change)](const ledger::Outcome&,
                                                                    storage::Overlay& overlay) {
    Erasure after = before;
    change(&after, &overlay);
    house.registers->Put(after, &overlay);
  };
  const auto outcome = CommitAndWait(house, caller, before.subject.bytes, std::move(submission));
  if (!outcome.ok()) return outcome.status();
  return *house.registers->FindErasure(before.id);
}

absl::StatusOr<Erasure> Settle(const House& house, Erasure erasure) {
  constexpr int kMovesMax = 16;  // Of one account: thaw, pay, close, and what came in between.
  // An earlier run may have stopped before the rows were out of memory.
  LeaveSearch(house, {.school = erasure.school, .subject = erasure.subject});
  const std::vector<base::AccountId> accounts = erasure.accounts;
  for (const base::AccountId& account : accounts) {
    bool settled = false;
    for (int move = 0; move < kMovesMax && !settled; ++move) {
      const absl::StatusOr<bool> done = SettleOnce(house, account, &erasure);
      if (!done.ok()) return done.status();
      settled = *done;
    }
    if (!settled) return absl::AbortedError("an account is still moving");
  }
  return PutStep(house, erasure, OwnEvent::kErasureSettled,
                 [](Erasure* after, storage::Overlay*) { after->step = ErasureStep::kSettled; });
}

absl::StatusOr<Erasure> Remove(const House& house, const Erasure& erasure) {
  return PutStep(house, erasure, OwnEvent::kErasureRemoved,
                 [&house](Erasure* after, storage::Overlay* overlay) {
                   const auto removed = house.vault->RemoveSubject(
                       {.school = after->school, .subject = after->subject}, overlay);
                   // What cannot be read cannot be deleted by name: its key goes next, and with it
                   // the records.
                   if (removed.ok()) {
                     after->records = static_cast<uint32_t>(removed->records) + after->palms;
                     after->cards = static_cast<uint32_t>(removed->cards);
                   }
                   house.registers->RemoveMove(after->subject, overlay);
                   after->step = ErasureStep::kRemoved;
                 });
}

absl::StatusOr<Erasure> DestroyKeys(const House& house, const Erasure& erasure) {
  const std::array subjects = {SubjectRef{.school = erasure.school, .subject = erasure.subject}};
  const std::array purposes = {vault::Purpose::kPersonal, vault::Purpose::kBiometric};
  const uint64_t now_ns = house.now_ns();
  const auto destroyed = house.vault->DestroyKeys(subjects, purposes, now_ns);
  if (!destroyed.ok()) return destroyed.status();
  return PutStep(house, erasure, OwnEvent::kErasureKeysDestroyed,
                 [destroyed = *destroyed, now_ns](Erasure* after, storage::Overlay*) {
                   // None are left when an earlier run destroyed them before it stopped.
                   after->keys_destroyed = static_cast<uint32_t>(destroyed.keys);
                   after->destroyed_in_epoch = destroyed.epoch;
                   after->destroyed_at_ns = now_ns;
                   after->step = ErasureStep::kKeysDestroyed;
                 });
}

absl::StatusOr<Erasure> Finish(const House& house, const Erasure& erasure) {
  const uint32_t epoch = house.epochs->EpochEverywhere();
  if (epoch <= erasure.destroyed_in_epoch) return erasure;
  return PutStep(house, erasure, OwnEvent::kErasureDone,
                 [epoch, now_ns = house.now_ns()](Erasure* after, storage::Overlay*) {
                   after->epoch_after = epoch;
                   after->done_at_ns = now_ns;
                   after->step = ErasureStep::kDone;
                 });
}

}  // namespace

absl::StatusOr<Erasure> AdvanceErasure(const House& house, const Erasure& erasure) {
  switch (erasure.step) {
    case ErasureStep::kBlocked:
      return Settle(house, erasure);
    case ErasureStep::kSettled:
      return Remove(house, erasure);
    case ErasureStep::kRemoved:
      return DestroyKeys(house, erasure);
    case ErasureStep::kKeysDestroyed:
      return Finish(house, erasure);
    case ErasureStep::kDone:
      return erasure;
  }
  return absl::InternalError("an erasure of no known step");
}

}  // namespace ladon::flow
