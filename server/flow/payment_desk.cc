#include "server/flow/payment_desk.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/base/secret.h"
#include "server/flow/approval.h"
#include "server/flow/money.h"
#include "server/flow/mutate.h"
#include "server/flow/officer_text.h"
#include "server/flow/on_worker.h"
#include "server/flow/payer.h"
#include "server/payments/payments.h"

namespace ladon::flow {
namespace {

using payments::Payment;
using payments::State;

absl::StatusOr<Payment> Find(const House& house, const storage::Reader& reader,
                             const std::string& contract, const std::string& payment_id) {
  if (house.contracts->Find(contract) == nullptr) {
    return Refuse(Reason::kContractUnknown, "contract");
  }
  const auto found = payments::FindPayment(reader, contract, payment_id);
  if (!found.ok()) return found.status();
  if (!found->has_value()) return Refuse(Reason::kPaymentUnknown, "payment_id");
  return **found;
}

absl::StatusOr<vault::Payee> PayeeOf(const House& house, uint64_t payment_account) {
  const auto payee = house.vault->FindPayee(payment_account);
  const auto view = payee ? house.ledger->FindAccount(ToLedger(payee->purse)) : std::nullopt;
  if (!view || (view->terms.flags & ledger::kAccountClosed) != 0) {
    return Refuse(Reason::kPaymentAccountUnknown, "payment_account");
  }
  return *payee;
}

// A transfer of `kopecks` that takes `payment` to `payee`, when both are still as they were.
ledger::Submission Transfer(const House& house, const access::Caller& caller,
                            const Request& request, const Payment& payment,
                            const vault::Payee& payee, int64_t kopecks, State becomes) {
  ledger::Submission submission =
      ForRequest(house, caller, request, payee.subject.school,
                 ledger::PostTransaction{.transfers = {{.debit = ToLedger(payment.account),
                                                        .credit = ToLedger(payee.purse),
                                                        .amount_kopecks = kopecks,
                                                        .line = std::nullopt}}});
  base::FillRandom(submission.transaction.bytes);
  submission.check = [&house, payment](const storage::Reader& reader) {
    const absl::StatusOr<Payment> now = Find(house, reader, payment.contract, payment.id);
    if (!now.ok()) return now.status();
    return now->state == payment.state && now->account == payment.account &&
                   now->refunded_kopecks == payment.refunded_kopecks
               ? absl::OkStatus()
               : Refuse(Reason::kOverloaded);  // Somebody was quicker: look again.
  };
  submission.changes = [&house, payment, payee, becomes](const ledger::Outcome&,
                                                         storage::Overlay& overlay) {
    // A registry may have marked it since.
    absl::StatusOr<Payment> now = Find(house, overlay, payment.contract, payment.id);
    Payment changed = now.ok() ? *std::move(now) : payment;
    changed.state = becomes;
    changed.account = payee.purse;
    changed.account_sealed.clear();
    payments::PutPayment(changed, &overlay);
  };
  return submission;
}

absl::StatusOr<std::vector<SuspendedPayment>> ReadSuspense(const House& house,
                                                           const std::string& contract,
                                                           const std::string& after, size_t limit) {
  if (house.contracts->Find(contract) == nullptr) {
    return Refuse(Reason::kContractUnknown, "contract");
  }
  const auto payments = payments::PaymentsInSuspense(house.vault->store(), contract, after, limit);
  if (!payments.ok()) return payments.status();
  std::vector<SuspendedPayment> list;
  for (const Payment& payment : *payments) {
    absl::StatusOr<std::string> typed = OpenText(
        house, absl::StrCat("payment/", payment.contract, "/", payment.id), payment.account_sealed);
    if (!typed.ok()) return typed.status();
    list.push_back({.payment = payment, .payer_account = *std::move(typed)});
  }
  return list;
}

// Whether the request was booked before: its answer is made of that, not of what is now.
absl::StatusOr<bool> WasBooked(const House& house, const Request& request) {
  const auto known = house.ledger->FindOperation(request.key);
  if (!known.ok()) return known.status();
  return known->has_value();
}

// Asks for the answer of then.
ledger::Submission Again(const House& house, const access::Caller& caller, const Request& request) {
  return ForRequest(house, caller, request, caller.principal.school, ledger::NoteOperation{});
}

struct Misdirected {
  Payment payment;
  int64_t left_kopecks = 0;
};

// A payment on a purse of the caller's school, and what of it is unspent.
absl::StatusOr<Misdirected> FindMisdirected(const House& house, const access::Caller& caller,
                                            const std::string& contract,
                                            const std::string& payment_id) {
  absl::StatusOr<Payment> payment = Find(house, house.vault->store(), contract, payment_id);
  if (!payment.ok()) return payment.status();
  const absl::StatusOr<ledger::AccountView> purse = OwnPurse(house, caller, payment->account);
  const bool there = payment->state == State::kCredited || payment->state == State::kPlaced;
  if (!purse.ok() || !there) return Refuse(Reason::kPaymentUnknown, "payment_id");
  const int64_t left = std::min(payment->credited_kopecks() - payment->refunded_kopecks,
                                purse->balance_kopecks - purse->debits_pending_kopecks);
  if (left <= 0) return Refuse(Reason::kPaymentSpent, "payment_id");
  return Misdirected{.payment = *std::move(payment), .left_kopecks = left};
}

absl::StatusOr<MovedPayment> MovedOf(const ledger::Outcome& outcome) {
  MovedPayment moved{.journal_index = outcome.index};
  for (const ledger::Opening& opening : outcome.entry->openings) {
    const auto* const posting = std::get_if<ledger::Posting>(&opening);
    if (posting != nullptr && posting->amount_kopecks > 0) {
      moved.moved_kopecks = posting->amount_kopecks;
    }
  }
  return moved.moved_kopecks > 0 ? absl::StatusOr<MovedPayment>(moved) : Refuse(Reason::kInternal);
}

}  // namespace

void ListSuspense(const House& house, const access::Caller& caller, const std::string& contract,
                  const std::string& after, size_t limit,
                  Done<std::vector<SuspendedPayment>> done) {
  using List = std::vector<SuspendedPayment>;
  OnWorker<List>(house, caller, std::move(done),
                 [&house, caller, contract, after, limit](Done<List> tell) {
                   Reply<List>(house, caller, {}, ReadSuspense(house, contract, after, limit),
                               std::move(tell));
                 });
}

void PlacePayment(const House& house, const access::Caller& caller, const Request& request,
                  const std::string& contract, const std::string& payment_id,
                  uint64_t payment_account, Done<PlacedPayment> done) {
  const auto refuse = [&](const absl::Status& status) {
    Reply<PlacedPayment>(house, caller, {}, status, std::move(done));
  };
  const absl::StatusOr<Payment> payment = Find(house, house.vault->store(), contract, payment_id);
  if (!payment.ok()) return refuse(payment.status());
  const auto placed = [&house, contract, payment_id](
                          const ledger::Outcome& outcome) -> absl::StatusOr<PlacedPayment> {
    absl::StatusOr<Payment> now = Find(house, house.vault->store(), contract, payment_id);
    if (!now.ok()) return now.status();
    return PlacedPayment{.payment = *std::move(now), .journal_index = outcome.index};
  };
  if (payment->state != State::kSuspense) {
    const absl::StatusOr<bool> booked = WasBooked(house, request);
    if (!booked.ok()) return refuse(booked.status());
    if (!*booked) return refuse(Refuse(Reason::kPaymentNotSuspended, "payment_id"));
    // A repeat is told what was done, whatever has become of the account since.
    return Mutate<PlacedPayment>(house, caller, {}, Again(house, caller, request), placed,
                                 std::move(done));
  }
  const absl::StatusOr<vault::Payee> payee = PayeeOf(house, payment_account);
  if (!payee.ok()) return refuse(payee.status());
  Mutate<PlacedPayment>(house, caller, payee->purse.bytes,
                        Transfer(house, caller, request, *payment, *payee,
                                 payment->credited_kopecks(), State::kPlaced),
                        placed, std::move(done));
}

void MovePayment(const House& house, const access::Caller& caller, const Request& request,
                 const std::string& contract, const std::string& payment_id,
                 uint64_t payment_account, Done<MovedPayment> done) {
  const auto refuse = [&](const absl::Status& status) {
    Reply<MovedPayment>(house, caller, {}, status, std::move(done));
  };
  absl::StatusOr<Misdirected> found = FindMisdirected(house, caller, contract, payment_id);
  if (!found.ok()) {
    const absl::StatusOr<bool> booked = WasBooked(house, request);
    if (!booked.ok()) return refuse(booked.status());
    if (!*booked) return refuse(found.status());
    // A repeat: nothing is left to move because it was moved.
    return Mutate<MovedPayment>(house, caller, {}, Again(house, caller, request), MovedOf,
                                std::move(done));
  }
  const absl::StatusOr<vault::Payee> payee = PayeeOf(house, payment_account);
  if (!payee.ok()) return refuse(payee.status());
  if (payee->purse == found->payment.account) {
    return refuse(RefuseField("payment_account", "must be of another child than has it"));
  }
  ledger::Submission submission =
      Transfer(house, caller, request, found->payment, *payee, found->left_kopecks, State::kMoved);
  submission.reason = kReasonPaymentMoved;
  submission.check = [&house, purse = ToLedger(found->payment.account), left = found->left_kopecks,
                      check = std::move(submission.check)](const storage::Reader& reader) {
    const auto now = house.ledger->FindAccount(purse);
    if (!now || now->balance_kopecks - now->debits_pending_kopecks < left) {
      return Refuse(Reason::kOverloaded);  // Spent in this moment: look again.
    }
    return check(reader);
  };
  NeedApproval(house, caller, request, caller.principal.school, found->payment.account.bytes,
               &submission);
  Mutate<MovedPayment>(house, caller, found->payment.account.bytes, std::move(submission), MovedOf,
                       std::move(done));
}

}  // namespace ladon::flow
