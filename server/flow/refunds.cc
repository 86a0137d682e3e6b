#include "server/flow/refunds.h"

#include <memory>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/base/calendar.h"
#include "server/base/secret.h"
#include "server/flow/approval.h"
#include "server/flow/money.h"
#include "server/flow/mutate.h"
#include "server/flow/officer_text.h"
#include "server/flow/on_worker.h"
#include "server/flow/payer.h"
#include "server/flow/payout.h"
#include "server/payments/contract.h"
#include "server/payments/payments.h"

namespace ladon::flow {
namespace {

using payments::Contract;
using payments::Payment;
using payments::Refund;
using payments::RefundState;

std::string LabelOf(const Refund& refund) {
  return absl::StrCat("refund/", refund.contract, "/", refund.number);
}

absl::StatusOr<Refund> Find(const House& house, const storage::Reader& reader,
                            const std::string& contract, const std::string& number) {
  if (house.contracts->Find(contract) == nullptr) {
    return Refuse(Reason::kContractUnknown, "contract");
  }
  const auto found = payments::FindRefund(reader, contract, number);
  if (!found.ok()) return found.status();
  if (!found->has_value()) return Refuse(Reason::kRefundUnknown, "refund_number");
  return **found;
}

absl::StatusOr<RefundView> ViewOf(const House& house, Refund refund) {
  const Contract* const contract = house.contracts->Find(refund.contract);
  const absl::StatusOr<uint32_t> today = ServiceDay(house.now_ns(), contract->time_zone);
  if (!today.ok()) return today.status();
  absl::StatusOr<std::string> basis = OpenText(house, LabelOf(refund), refund.basis_sealed);
  if (!basis.ok()) return basis.status();
  RefundView view{.refund = std::move(refund), .basis = *std::move(basis)};
  view.overdue = view.refund.state == RefundState::kOpen && view.refund.due_day < *today;
  return view;
}

std::function<absl::StatusOr<RefundView>(const ledger::Outcome&)> AnswerOf(
    const House& house, const std::string& contract, const std::string& number) {
  return [&house, contract, number](const ledger::Outcome&) -> absl::StatusOr<RefundView> {
    absl::StatusOr<Refund> refund = Find(house, house.vault->store(), contract, number);
    if (!refund.ok()) return refund.status();
    return ViewOf(house, *std::move(refund));
  };
}

// What may go back of the payment that it names; nullopt: it names none.
absl::StatusOr<std::optional<Payment>> PaymentOf(const storage::Reader& reader,
                                                 const RefundInput& input) {
  if (input.payment_id.empty()) return std::optional<Payment>();
  auto found = payments::FindPayment(reader, input.contract, input.payment_id);
  if (!found.ok()) return found.status();
  // Of one that was moved nobody knows any more how much of it is there.
  const bool there = found->has_value() && (*found)->account == input.purse &&
                     ((*found)->state == payments::State::kCredited ||
                      (*found)->state == payments::State::kPlaced);
  if (!there) {
    return Refuse(Reason::kPaymentUnknown, "payment_id");
  }
  if ((*found)->refunded_kopecks + input.kopecks > (*found)->credited_kopecks()) {
    return Refuse(Reason::kPaymentSpent, "kopecks");
  }
  return found;
}

ledger::Submission Transfer(const House& house, const access::Caller& caller,
                            const Request& request, const base::SchoolId& school,
                            const base::AccountId& from, const base::AccountId& to,
                            int64_t kopecks) {
  ledger::Submission submission =
      ForRequest(house, caller, request, school,
                 ledger::PostTransaction{.transfers = {{.debit = ToLedger(from),
                                                        .credit = ToLedger(to),
                                                        .amount_kopecks = kopecks,
                                                        .line = std::nullopt}}});
  base::FillRandom(submission.transaction.bytes);
  return submission;
}

// Ends an open refund as `state`.
void End(const House& house, Refund refund, RefundState state, ledger::Submission* submission) {
  submission->check = [&house, contract = refund.contract,
                       number = refund.number](const storage::Reader& reader) {
    const absl::StatusOr<Refund> now = Find(house, reader, contract, number);
    if (!now.ok()) return now.status();
    return now->state == RefundState::kOpen ? absl::OkStatus()
                                            : Refuse(Reason::kRefundNotOpen, "refund_number");
  };
  submission->changes = [refund = std::move(refund), state](const ledger::Outcome&,
                                                            storage::Overlay& overlay) {
    Refund ended = refund;
    ended.state = state;
    ended.basis_sealed.clear();  // Nobody has to find it any more.
    payments::PutRefund(ended, &overlay);
    if (state != RefundState::kCancelled || ended.payment_id.empty()) return;
    auto payment = payments::FindPayment(overlay, ended.contract, ended.payment_id);
    if (!payment.ok() || !payment->has_value()) return;  // It was there when the refund was opened.
    if ((*payment)->account != ended.purse) return;      // Since then it was moved.
    (*payment)->refunded_kopecks -= ended.kopecks;
    payments::PutPayment(**payment, &overlay);
  };
}

}  // namespace

void OpenRefund(const House& house, const access::Caller& caller, const Request& request,
                const RefundInput& input, Done<RefundView> done) {
  const auto refuse = [&](const absl::Status& status) {
    Reply<RefundView>(house, caller, input.purse.bytes, status, std::move(done));
  };
  const Contract* const contract = house.contracts->Find(input.contract);
  if (contract == nullptr) return refuse(Refuse(Reason::kContractUnknown, "contract"));
  const absl::StatusOr<ledger::AccountView> purse = OwnPurse(house, caller, input.purse);
  if (!purse.ok()) return refuse(purse.status());
  const absl::StatusOr<uint32_t> today = ServiceDay(house.now_ns(), contract->time_zone);
  if (!today.ok()) return refuse(today.status());
  const auto refund = std::make_shared<Refund>(
      Refund{.contract = input.contract,
             .number = base::HexOf(DeriveId<base::RequestId>(house, request.key, "refund")),
             .school = caller.principal.school,
             .purse = input.purse,
             .kopecks = input.kopecks,
             .due_day = base::AddDays(*today, static_cast<int32_t>(contract->refund_days)),
             .payment_id = input.payment_id});
  absl::StatusOr<std::string> sealed = SealText(house, LabelOf(*refund), input.basis);
  if (!sealed.ok()) return refuse(sealed.status());
  refund->basis_sealed = *std::move(sealed);
  ledger::Submission submission = Transfer(house, caller, request, caller.principal.school,
                                           input.purse, contract->refunds, input.kopecks);
  submission.reason = kReasonRefunded;
  submission.check = [&house, input, purse = purse->terms.account](const storage::Reader& reader) {
    const auto payment = PaymentOf(reader, input);
    if (!payment.ok()) return payment.status();
    // Not what is lent: only what was paid in goes back.
    const auto now = house.ledger->FindAccount(purse);
    return now && now->balance_kopecks - now->debits_pending_kopecks >= input.kopecks
               ? absl::OkStatus()
               : Refuse(Reason::kPaymentSpent, "kopecks");
  };
  submission.changes = [refund, input](const ledger::Outcome& outcome, storage::Overlay& overlay) {
    refund->opened_at_ns = outcome.entry->leaf.booked_at_ns;
    auto payment = PaymentOf(overlay, input);
    if (payment.ok() && payment->has_value()) {
      (*payment)->refunded_kopecks += input.kopecks;
      refund->order = (*payment)->order;
      refund->total_kopecks = (*payment)->refunded_kopecks;
      payments::PutPayment(**payment, &overlay);
    }
    payments::PutRefund(*refund, &overlay);
  };
  NeedApproval(house, caller, request, caller.principal.school, input.purse.bytes, &submission);
  Mutate<RefundView>(house, caller, input.purse.bytes, std::move(submission),
                     AnswerOf(house, refund->contract, refund->number), std::move(done));
}

void ListRefunds(const House& house, const access::Caller& caller, const std::string& contract,
                 const std::string& after, size_t limit, Done<std::vector<RefundView>> done) {
  using List = std::vector<RefundView>;
  OnWorker<List>(
      house, caller, std::move(done), [&house, caller, contract, after, limit](Done<List> tell) {
        const auto read = [&]() -> absl::StatusOr<List> {
          if (house.contracts->Find(contract) == nullptr) {
            return Refuse(Reason::kContractUnknown, "contract");
          }
          List list;
          std::string from = after;
          while (list.size() < limit) {
            auto page = payments::OpenRefunds(house.vault->store(), contract, from, limit);
            if (!page.ok()) return page.status();
            for (Refund& refund : *page) {
              from = refund.number;
              const base::SchoolId& own = caller.principal.school;
              if (!own.IsZero() && refund.school != own) continue;
              absl::StatusOr<RefundView> view = ViewOf(house, std::move(refund));
              if (!view.ok()) return view.status();
              list.push_back(*std::move(view));
              if (list.size() == limit) break;
            }
            if (page->size() < limit) break;
          }
          return list;
        };
        Reply<List>(house, caller, {}, read(), std::move(tell));
      });
}

void CloseRefund(const House& house, const access::Caller& caller, const Request& request,
                 const std::string& contract, const std::string& number,
                 const std::string& document_id, uint32_t document_day, Done<RefundView> done) {
  absl::StatusOr<Refund> refund = Find(house, house.vault->store(), contract, number);
  if (!refund.ok()) {
    return Reply<RefundView>(house, caller, {}, refund.status(), std::move(done));
  }
  const Contract& known = *house.contracts->Find(contract);
  const base::AccountId purse = refund->purse;
  ledger::Submission submission = Transfer(house, caller, request, refund->school, known.refunds,
                                           known.clearing, refund->kopecks);
  std::get<ledger::PostTransaction>(submission.command).document =
      DocumentDigest(document_id, document_day);
  submission.effective_date = document_day;
  End(house, *std::move(refund), RefundState::kPaid, &submission);
  Mutate<RefundView>(house, caller, purse.bytes, std::move(submission),
                     AnswerOf(house, contract, number), std::move(done));
}

void CancelRefund(const House& house, const access::Caller& caller, const Request& request,
                  const std::string& contract, const std::string& number, Done<RefundView> done) {
  absl::StatusOr<Refund> refund = Find(house, house.vault->store(), contract, number);
  if (!refund.ok()) {
    return Reply<RefundView>(house, caller, {}, refund.status(), std::move(done));
  }
  const base::AccountId purse = refund->purse;
  ledger::Submission submission =
      Transfer(house, caller, request, refund->school, house.contracts->Find(contract)->refunds,
               purse, refund->kopecks);
  submission.reason = kReasonRefundReturned;
  End(house, *std::move(refund), RefundState::kCancelled, &submission);
  Mutate<RefundView>(house, caller, purse.bytes, std::move(submission),
                     AnswerOf(house, contract, number), std::move(done));
}

}  // namespace ladon::flow
