#include "server/flow/debit.h"

#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "ledger/seal.h"
#include "server/base/secret.h"
#include "server/flow/on_worker.h"
#include "server/flow/pin.h"
#include "server/flow/refusal.h"
#include "server/flow/service_day.h"

namespace ladon::flow {
namespace {

// One debit on its way. Shared by the callbacks of the call; only one runs at a time.
struct Sale {
  const House* house;
  access::Caller caller;
  DebitInput input;
  Done<DebitAnswer> done;
  uint64_t arrived_at_ns = 0;
  directory::School school;
  uint32_t today = 0;
  uint32_t meal_day = 0;  // Today, but for late bookings.
  Identified who;
  std::optional<Identified> second;  // Where a second means was needed.
  std::optional<PinProof> pin;       // Where a PIN was given.
  ledger::Nonce nonce;               // Zero unless a token paid.

  [[nodiscard]] const ListMeans* list() const {
    const auto* const means = std::get_if<PayMeans>(&input.means);
    return means == nullptr ? nullptr : std::get_if<ListMeans>(means);
  }
  void Refuse(const absl::Status& status) {
    Reply<DebitAnswer>(*house, caller, who.subject.subject.bytes, status, std::move(done));
  }
};

using SalePtr = std::shared_ptr<Sale>;

// The purse that an entry debited, or that a budget paid for; nullopt: none.
std::optional<ledger::AccountId> PurseOf(const ledger::Entry& entry) {
  const auto booked = ledger::BookedTransfers(entry);
  if (!booked.ok()) return std::nullopt;  // A refusal, a burnt id: no transfers.
  return ledger::PayerOf(booked->front());
}

// Names are rendered anew; sums and ids are what was booked then.
absl::StatusOr<DebitAnswer> AnswerOf(const House& house, const ledger::Outcome& outcome) {
  const std::optional<ledger::AccountId> purse = PurseOf(*outcome.entry);
  if (!purse) return Refuse(Reason::kInternal);
  // The last posting of the purse in this entry has the balance to show. When a budget paid
  // everything the purse has no posting there, and shows what it has now.
  std::optional<int64_t> balance_kopecks;
  for (const ledger::Opening& opening : outcome.entry->openings) {
    const auto* const posting = std::get_if<ledger::Posting>(&opening);
    if (posting != nullptr && posting->account == *purse) {
      balance_kopecks = posting->balance_kopecks;
    }
  }
  if (!balance_kopecks) {
    const auto view = house.ledger->FindAccount(*purse);
    if (!view) return Refuse(Reason::kInternal);
    balance_kopecks = view->balance_kopecks;
  }
  const auto owner = house.vault->OwnerOf(ToBase(*purse));
  if (!owner) return Refuse(Reason::kSubjectUnknown);
  absl::StatusOr<Payer> payer = ShowPayer(house, *owner, *balance_kopecks);
  if (!payer.ok()) return payer.status();
  return DebitAnswer{.payer = *std::move(payer),
                     .transaction = outcome.entry->leaf.transaction.bytes,
                     .journal_index = outcome.index,
                     .booked_at_ns = outcome.entry->leaf.booked_at_ns,
                     .service_day = outcome.entry->leaf.service_date,
                     .effective_day = outcome.entry->leaf.effective_date,
                     .replayed = outcome.replayed};
}

// With unknown liveness and a large sum a second means must name the same child, or the child's PIN
// confirm it.
absl::Status FindSecondMeans(Sale* sale) {
  if (sale->who.liveness != Liveness::kUnknown ||
      sale->input.basket.total_kopecks <= sale->school.settings.unknown_liveness_max_kopecks) {
    return absl::OkStatus();
  }
  if (!sale->input.second_means) {
    return sale->input.pin.empty() ? Refuse(Reason::kSecondMeansNeeded, "second_means")
                                   : absl::OkStatus();
  }
  const absl::StatusOr<Identified> second =
      FindByMeans(*sale->house, sale->caller, *sale->input.second_means);
  if (!second.ok()) return second.status();
  if (second->subject != sale->who.subject) {
    return Refuse(Reason::kSecondMeansMismatch, "second_means");
  }
  sale->second = *second;
  return absl::OkStatus();
}

absl::StatusOr<ledger::PostTransaction> BuildTransaction(const Sale& sale) {
  const House& house = *sale.house;
  const auto subject = house.vault->ReadSubject(house.vault->store(), sale.who.subject);
  if (!subject.ok()) return subject.status();
  if (!subject->has_value()) return Refuse(Reason::kSubjectUnknown);
  const auto caterer = house.directory->FindCaterer(sale.input.basket.caterer);
  if (!caterer) return Refuse(Reason::kCatererUnknown, "basket.caterer_id");
  ledger::PostTransaction post;
  for (const BasketLine& line : sale.input.basket.lines) {
    const absl::StatusOr<base::AccountId> purse = PurseAccount(**subject, line.purse);
    if (!purse.ok()) return purse.status();
    post.transfers.push_back(
        {.debit = ToLedger(*purse),
         .credit = ToLedger(caterer->payable_account),
         .amount_kopecks = line.amount_kopecks(),
         .line = ledger::LineDetail{.item = {line.item.bytes},
                                    .category = line.category,
                                    .quantity = line.quantity,
                                    .unit_price_kopecks = line.unit_price_kopecks,
                                    .purse = line.purse}});
  }
  post.document = BasketDigest(sale.input.basket);
  post.nonce = sale.nonce;
  post.repeat_window_ns = sale.input.repeat_confirmed ? 0 : kRepeatWindowNs;
  return post;
}

absl::Status ProvePin(Sale* sale) {
  if (sale->input.pin.empty()) return absl::OkStatus();
  const absl::StatusOr<PinProof> proof = ComparePin(*sale->house, sale->caller, sale->who.subject,
                                                    sale->input.pin, sale->arrived_at_ns);
  base::Wipe(sale->input.pin.data(), sale->input.pin.size());
  if (!proof.ok()) return proof.status();
  sale->pin = *proof;
  return absl::OkStatus();
}

ledger::Submission SubmissionOf(const SalePtr& sale, ledger::PostTransaction post) {
  const ListMeans* const list = sale->list();
  ledger::Submission submission;
  submission.operation = sale->input.request.key;
  submission.content = sale->input.request.content;
  submission.command = std::move(post);
  submission.context = {.school = {sale->school.id.bytes},
                        .actor = {sale->caller.principal.id.bytes},
                        .means = static_cast<uint8_t>(sale->who.means)};
  if (list != nullptr) {
    submission.reason = static_cast<uint16_t>(list->reason);
    // Where it happened; who booked it stands in the security log, with the index of the entry.
    if (!list->stands_for.IsZero()) submission.context.actor = {list->stands_for.bytes};
  }
  submission.service_date = sale->today;
  submission.effective_date = sale->meal_day;
  base::FillRandom(submission.transaction.bytes);
  submission.check = [sale](const storage::Reader& reader) {
    absl::Status s = CheckPayer(*sale->house, reader, sale->who, sale->today);
    if (s.ok() && sale->second) s = CheckPayer(*sale->house, reader, *sale->second, sale->today);
    if (s.ok() && sale->pin) s = CheckPin(*sale->house, reader, *sale->pin);
    return s;
  };
  if (!sale->pin) return submission;
  submission.record = [sale](const absl::Status& status, const ledger::Outcome&,
                             storage::Overlay& overlay) {
    CountPin(*sale->house, *sale->pin, status, &overlay);
  };
  return submission;
}

// Whose purse an entry debited; zero when nobody's (a refusal, a burnt id).
Object PayerOf(const House& house, const ledger::Outcome& outcome) {
  const std::optional<ledger::AccountId> purse = PurseOf(*outcome.entry);
  const auto owner = purse ? house.vault->OwnerOf(ToBase(*purse)) : std::nullopt;
  return owner ? owner->subject.bytes : Object{};
}

// A repeat is answered from the journal, with no look at anything that may have changed since.
void AnswerRepeat(const SalePtr& sale, const ledger::Outcome& known) {
  ledger::Submission submission;
  submission.operation = sale->input.request.key;
  submission.content = sale->input.request.content;
  submission.command = ledger::NoteOperation{};  // Never applied: the id is in the journal.
  Commit(*sale->house, sale->caller, PayerOf(*sale->house, known), std::move(submission),
         [sale](const absl::Status& status, const ledger::Outcome& outcome) {
           absl::Status verdict = status.ok() ? FromResult(outcome.code) : status;
           if (!verdict.ok()) {
             sale->done(std::move(verdict));
           } else {
             sale->done(AnswerOf(*sale->house, outcome));
           }
         });
}

void Book(const SalePtr& sale) {
  const House& house = *sale->house;
  absl::Status wrong =
      CheckBasket(*house.directory, sale->school, sale->input.basket, sale->meal_day);
  if (wrong.ok()) wrong = FindSecondMeans(sale.get());
  if (!wrong.ok()) return sale->Refuse(wrong);
  absl::StatusOr<ledger::PostTransaction> post = BuildTransaction(*sale);
  if (!post.ok()) return sale->Refuse(post.status());
  if (sale->list() != nullptr && sale->meal_day != sale->today && !sale->input.repeat_confirmed) {
    wrong =
        CheckNotBookedYet(house, post->transfers.front().debit, sale->input.basket, sale->meal_day);
    // A repeat of this very call may have come while it was being made durable: it gets its answer.
    const auto known = house.ledger->FindOperation(sale->input.request.key);
    if (known.ok() && known->has_value()) return AnswerRepeat(sale, **known);
    if (!wrong.ok()) return sale->Refuse(wrong);
  }
  // Last, so that nothing else that is wrong with a sale tells whether the PIN is right.
  if (wrong = ProvePin(sale.get()); !wrong.ok()) return sale->Refuse(wrong);
  Commit(house, sale->caller, sale->who.subject.subject.bytes, SubmissionOf(sale, *std::move(post)),
         [sale](const absl::Status& status, const ledger::Outcome& outcome) {
           absl::Status verdict = status.ok() ? FromResult(outcome.code) : status;
           if (!verdict.ok()) {
             sale->done(std::move(verdict));
           } else {
             sale->done(AnswerOf(*sale->house, outcome));
           }
         });
}

void FindAndBook(const SalePtr& sale) {
  const House& house = *sale->house;
  if (const auto* const sealed = std::get_if<std::string>(&sale->input.means)) {
    const absl::StatusOr<Token> token = house.tokens->Open(
        *sealed, sale->school.id, sale->caller.principal.id, sale->arrived_at_ns);
    if (!token.ok()) return sale->Refuse(token.status());
    sale->who = token->who;
    sale->nonce.bytes = token->nonce;
  } else {
    const absl::StatusOr<Identified> who =
        FindByMeans(house, sale->caller, std::get<PayMeans>(sale->input.means));
    if (!who.ok()) return sale->Refuse(who.status());
    sale->who = *who;
  }
  Book(sale);
}

}  // namespace

void Debit(const House& house, const access::Caller& caller, DebitInput input,
           Done<DebitAnswer> done) {
  const auto sale = std::make_shared<Sale>(Sale{.house = &house,
                                                .caller = caller,
                                                .input = std::move(input),
                                                .done = std::move(done),
                                                .arrived_at_ns = house.now_ns()});
  const auto known = house.ledger->FindOperation(sale->input.request.key);
  if (!known.ok()) return sale->Refuse(known.status());
  if (known->has_value()) return AnswerRepeat(sale, **known);

  const auto school = house.directory->FindSchool(caller.principal.school);
  if (!school) return sale->Refuse(Refuse(Reason::kSchoolUnknown));
  sale->school = *school;
  const absl::StatusOr<uint32_t> today =
      ServiceDay(sale->arrived_at_ns, school->settings.time_zone);
  if (!today.ok()) return sale->Refuse(today.status());
  sale->today = *today;
  sale->meal_day = *today;
  if (const ListMeans* const list = sale->list(); list != nullptr) {
    const absl::StatusOr<uint32_t> meal_day = MealDayOf(house, *list, *today);
    if (!meal_day.ok()) return sale->Refuse(meal_day.status());
    sale->meal_day = *meal_day;
  }
  // A search, the hash of a PIN and a look into a history would hold up this thread.
  const auto* const means = std::get_if<PayMeans>(&sale->input.means);
  const bool search = means != nullptr && std::holds_alternative<Probe>(*means);
  const bool late = sale->meal_day != sale->today;
  if (!search && !late && sale->input.pin.empty()) return FindAndBook(sale);
  OnWorker<DebitAnswer>(house, caller, sale->done,
                        [sale](const Done<DebitAnswer>&) { FindAndBook(sale); });
}

}  // namespace ladon::flow
