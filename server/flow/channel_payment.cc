#include "server/flow/channel_payment.h"

#include <future>
#include <memory>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "ledger/proof/merkle.h"
#include "server/base/codec.h"
#include "server/base/payment_account.h"
#include "server/base/secret.h"
#include "server/flow/officer_text.h"
#include "server/flow/payer.h"
#include "server/flow/refusal.h"
#include "server/flow/service_day.h"
#include "server/payments/payments.h"

namespace ladon::flow {
namespace {

using payments::Contract;
using payments::Payment;
using payments::State;

constexpr uint8_t kMeansChannel = 6;  // As in ledger::Context.

// A payment as the ledger knows it, whoever brings it.
ledger::OperationKey KeyOf(std::string_view verb, const std::string& contract,
                           const std::string& payment_id) {
  base::Encoder out;
  out.String(verb);
  out.String(contract);
  out.String(payment_id);
  return {ledger::Sha256("ladon/payment/1", out.Take())};
}
ledger::OperationKey PayKeyOf(const std::string& contract, const std::string& payment_id) {
  return KeyOf("pay", contract, payment_id);
}

// Blanks and hyphens in a number are the payer's: the same account, however it is written.
std::string Plain(const std::string& account) {
  const auto number = base::PaymentAccount::Parse(account);
  return number ? number->Digits() : account;
}

// What must be the same in a repeat. When it was paid is the channel's clock, and not in it.
ledger::Digest ContentOf(const House& house, const PaymentInput& input) {
  base::Encoder out;
  out.String(Plain(input.account));
  out.I64(input.paid_kopecks);
  return ContentDigest(house, "payment", out.Take());
}

// Where the money goes.
struct Target {
  std::optional<vault::Payee> payee;  // nullopt: to the suspense account.
  base::AccountId account;

  friend bool operator==(const Target&, const Target&) = default;
};

Target TargetOf(const House& house, const Contract& contract, const std::string& account) {
  const auto number = base::PaymentAccount::Parse(account);
  if (number) {
    const auto payee = house.vault->FindPayee(number->number());
    const auto view = payee ? house.ledger->FindAccount(ToLedger(payee->purse)) : std::nullopt;
    if (view && (view->terms.flags & ledger::kAccountClosed) == 0) {
      return {.payee = payee, .account = payee->purse};
    }
  }
  return {.payee = std::nullopt, .account = contract.suspense};
}

// A registry may tell of less than the fee, which no limit keeps out there: it is credited whole,
// for a transfer of nothing would be refused for ever.
int64_t FeeOf(const Contract& contract, int64_t paid_kopecks) {
  const int64_t fee_kopecks = contract.FeeOf(paid_kopecks);
  return fee_kopecks < paid_kopecks ? fee_kopecks : 0;
}

ledger::PostTransaction TransfersOf(const Contract& contract, const Payment& payment) {
  ledger::PostTransaction post{.transfers = {{.debit = ToLedger(contract.clearing),
                                              .credit = ToLedger(payment.account),
                                              .amount_kopecks = payment.credited_kopecks(),
                                              .line = std::nullopt}}};
  if (payment.fee_kopecks > 0) {
    post.transfers.push_back({.debit = ToLedger(contract.clearing),
                              .credit = ToLedger(contract.fees),
                              .amount_kopecks = payment.fee_kopecks,
                              .line = std::nullopt});
  }
  return post;
}

absl::StatusOr<Payment> ReadPayment(const House& house, const std::string& contract,
                                    const std::string& payment_id) {
  const auto found = payments::FindPayment(house.vault->store(), contract, payment_id);
  if (!found.ok()) return found.status();
  if (!found->has_value()) return Refuse(Reason::kPaymentUnknown, "payment_id");
  return **found;
}

absl::StatusOr<PaymentAnswer> AnswerOf(const House& house, const std::string& contract,
                                       const std::string& payment_id, bool replayed) {
  absl::StatusOr<Payment> payment = ReadPayment(house, contract, payment_id);
  if (!payment.ok()) return payment.status();
  return PaymentAnswer{.payment = *std::move(payment), .replayed = replayed};
}

base::AccountId AccountOf(const House& house, const std::string& contract, std::string_view what) {
  const ledger::OperationKey key = OperationKeyOf(absl::StrCat("ladon:contract/", contract), {});
  return DeriveId<base::AccountId>(house, key, what);
}

// The submission that books `payment`, which `changes` completes and writes down. `limited`: by
// what the contract takes of one payment.
absl::StatusOr<ledger::Submission> Booking(const House& house, const access::Caller& caller,
                                           const Contract& contract, const PaymentInput& input,
                                           bool limited) {
  const Target target = TargetOf(house, contract, input.account);
  const uint64_t now_ns = house.now_ns();
  const absl::StatusOr<uint32_t> day = ServiceDay(now_ns, contract.time_zone);
  if (!day.ok()) return day.status();
  const auto payment =
      std::make_shared<Payment>(Payment{.contract = contract.name,
                                        .id = input.payment_id,
                                        .state = target.payee ? State::kCredited : State::kSuspense,
                                        .source = input.source,
                                        .paid_at_ns = input.paid_at_ns,
                                        .day = *day,
                                        .paid_kopecks = input.paid_kopecks,
                                        .fee_kopecks = FeeOf(contract, input.paid_kopecks),
                                        .account = target.account,
                                        .registry = input.registry,
                                        .order = input.order});
  if (input.source == payments::Source::kRegistry) payment->registry_kopecks = input.paid_kopecks;
  if (!target.payee) {
    // Whoever places the money looks for the child by what the payer had typed.
    absl::StatusOr<std::string> sealed = SealText(
        house, absl::StrCat("payment/", contract.name, "/", input.payment_id), input.account);
    if (!sealed.ok()) return sealed.status();
    payment->account_sealed = *std::move(sealed);
  }
  ledger::Submission submission;
  submission.operation = PayKeyOf(contract.name, input.payment_id);
  submission.content = ContentOf(house, input);
  submission.command = TransfersOf(contract, *payment);
  submission.context = {.actor = {caller.principal.id.bytes}, .means = kMeansChannel};
  submission.service_date = submission.effective_date = *day;
  if (target.payee) {
    submission.context.school = {target.payee->subject.school.bytes};
    const auto school = house.directory->FindSchool(target.payee->subject.school);
    const auto today = school ? ServiceDay(now_ns, school->settings.time_zone) : day;
    if (!today.ok()) return today.status();
    submission.service_date = submission.effective_date = *today;
  }
  base::FillRandom(submission.transaction.bytes);
  // What follows is asked of new payments alone: a repeat gets what was booked.
  submission.check = [&house, &contract, target, account = input.account, limited,
                      paid_kopecks = input.paid_kopecks](const storage::Reader&) {
    if (limited && paid_kopecks < contract.paid_kopecks_min) {
      return Refuse(Reason::kPaymentTooSmall);
    }
    if (limited && paid_kopecks > contract.paid_kopecks_max) {
      return Refuse(Reason::kPaymentTooLarge);
    }
    // The child moved, or its account was closed, since this was put together.
    return TargetOf(house, contract, account) == target ? absl::OkStatus()
                                                        : Refuse(Reason::kOverloaded);
  };
  submission.changes = [payment](const ledger::Outcome& outcome, storage::Overlay& overlay) {
    payment->index = outcome.index;
    payment->booked_at_ns = outcome.entry->leaf.booked_at_ns;
    payments::PutPayment(*payment, &overlay);
  };
  return submission;
}

// Whether the limits of today hold for it. An order kept those of its time: what it asked for is
// taken, once, and so is what is left of that. kOrderUnknown: it is none, or of another account.
absl::StatusOr<bool> IsLimited(const House& house, const PaymentInput& input) {
  // What stands in a registry has been taken: no limit makes it undone.
  if (input.source != payments::Source::kOnline) return false;
  if (input.order.empty()) return true;
  const auto order = payments::FindOrder(house.vault->store(), input.contract, input.order);
  if (!order.ok()) return order.status();
  const auto number = base::PaymentAccount::Parse(input.account);
  const bool same = order->has_value() && number && (*order)->payment_account == number->number();
  if (!same) return Refuse(Reason::kOrderUnknown, "order_number");
  const bool paid_before =
      (*order)->state == payments::OrderState::kPaid && (*order)->bank_id != input.payment_id;
  return paid_before || input.paid_kopecks > (*order)->paid_kopecks;
}

// What came out of a payment's booking.
absl::StatusOr<PaymentAnswer> Booked(const House& house, const access::Caller& caller,
                                     const PaymentInput& input, const absl::Status& status,
                                     const ledger::Outcome& outcome) {
  if (!status.ok()) return status;
  if (ledger::IsReuse(outcome.code)) {
    if (house.alarm) house.alarm(audit::ProcessEvent::kPaymentDiffers, caller);
    return Refuse(Reason::kPaymentDiffers, "payment_id");
  }
  const absl::Status verdict = FromResult(outcome.code);
  if (!verdict.ok()) return verdict;
  absl::StatusOr<PaymentAnswer> answer =
      AnswerOf(house, input.contract, input.payment_id, outcome.replayed);
  if (answer.ok() && answer->payment.state == State::kCancelled) {
    return Refuse(Reason::kPaymentCancelled, "payment_id");
  }
  return answer;
}

// Whether the whole of `payment` is still where it was put.
bool IsUnspent(const House& house, const Payment& payment) {
  const auto view = house.ledger->FindAccount(ToLedger(payment.account));
  // A frozen one would refuse, and be asked no second time.
  constexpr uint16_t kShut = ledger::kAccountClosed | ledger::kAccountFrozen;
  return view && (view->terms.flags & kShut) == 0 && payment.refunded_kopecks == 0 &&
         view->balance_kopecks - view->debits_pending_kopecks >= payment.credited_kopecks();
}

using NewAccounts = std::vector<std::pair<base::AccountId, ledger::AccountCode>>;

// Of one contract, all at once, unless they are there. Waits until it is durable.
absl::Status OpenAccounts(const House& house, const std::string& operation,
                          const NewAccounts& accounts) {
  if (house.ledger->FindAccount(ToLedger(accounts.front().first))) return absl::OkStatus();
  ledger::OpenAccounts open;
  for (const auto& [account, code] : accounts) {
    open.accounts.push_back({.account = ToLedger(account), .code = code});
  }
  ledger::Submission submission;
  submission.operation = OperationKeyOf(operation, {});
  submission.content = ledger::Sha256("ladon/contract/v1");
  submission.command = std::move(open);
  std::promise<absl::Status> booked;
  submission.done = [&booked](const absl::Status& status, const ledger::Outcome& outcome) {
    booked.set_value(status.ok() ? FromResult(outcome.code) : status);
  };
  if (absl::Status s = house.ledger->Submit(std::move(submission)); !s.ok()) return s;
  return booked.get_future().get();
}

}  // namespace

void SetAccounts(const House& house, Contract* contract) {
  contract->clearing = AccountOf(house, contract->name, "clearing");
  contract->fees = AccountOf(house, contract->name, "fees");
  contract->suspense = AccountOf(house, contract->name, "suspense");
  contract->refunds = AccountOf(house, contract->name, "refunds");
}

absl::Status OpenContractAccounts(const House& house) {
  if (!house.contracts->all().empty()) {
    if (absl::Status s = SealText(house, "payment", "key").status(); !s.ok()) return s;
  }
  using ledger::AccountCode;
  for (const auto& [name, contract] : house.contracts->all()) {
    absl::Status s = OpenAccounts(house, absl::StrCat("ladon:contract/", name),
                                  {{contract.clearing, AccountCode::kChannelClearing},
                                   {contract.fees, AccountCode::kFees},
                                   {contract.suspense, AccountCode::kSuspense}});
    // A ledger of before there were refunds has the others already.
    if (s.ok()) {
      s = OpenAccounts(house, absl::StrCat("ladon:contract-refunds/", name),
                       {{contract.refunds, AccountCode::kRefundPayable}});
    }
    if (!s.ok()) return s;
  }
  return absl::OkStatus();
}

void AcceptPayment(const House& house, const access::Caller& caller, PaymentInput input,
                   Done<PaymentAnswer> done) {
  const Contract* const contract = house.contracts->Find(input.contract);
  absl::StatusOr<ledger::Submission> booking = Refuse(Reason::kContractUnknown, "contract");
  if (contract != nullptr) {
    const absl::StatusOr<bool> limited = IsLimited(house, input);
    booking = limited.ok() ? Booking(house, caller, *contract, input, *limited) : limited.status();
  }
  if (!booking.ok()) {
    return Reply<PaymentAnswer>(house, caller, {}, booking.status(), std::move(done));
  }
  Commit(house, caller, {}, *std::move(booking),
         [&house, caller, input = std::move(input), done = std::move(done)](
             const absl::Status& status, const ledger::Outcome& outcome) {
           done(Booked(house, caller, input, status, outcome));
         });
}

void GetPayment(const House& house, const access::Caller& caller, const std::string& contract,
                const std::string& payment_id, Done<Payment> done) {
  absl::StatusOr<Payment> payment = house.contracts->Find(contract) == nullptr
                                        ? Refuse(Reason::kContractUnknown, "contract")
                                        : ReadPayment(house, contract, payment_id);
  Reply(house, caller, {}, std::move(payment), std::move(done));
}

void CancelPayment(const House& house, const access::Caller& caller, const std::string& contract,
                   const std::string& payment_id, Done<PaymentAnswer> done) {
  const Contract* const known = house.contracts->Find(contract);
  absl::StatusOr<Payment> payment = known == nullptr ? Refuse(Reason::kContractUnknown, "contract")
                                                     : ReadPayment(house, contract, payment_id);
  if (payment.ok() && !known->cancels) payment = Refuse(Reason::kPaymentNotCancellable);
  const absl::StatusOr<uint32_t> day =
      payment.ok() ? ServiceDay(house.now_ns(), known->time_zone) : payment.status();
  if (!day.ok()) return Reply<PaymentAnswer>(house, caller, {}, day.status(), std::move(done));
  ledger::Submission submission;
  submission.operation = KeyOf("cancel", contract, payment_id);
  submission.content = ContentDigest(house, "cancel-payment", {});
  submission.command = ledger::CancelOperation{.target = PayKeyOf(contract, payment_id)};
  submission.context = {.actor = {caller.principal.id.bytes}, .means = kMeansChannel};
  submission.service_date = submission.effective_date = *day;
  base::FillRandom(submission.transaction.bytes);
  const auto now = std::make_shared<Payment>();
  submission.check = [&house, now, contract, payment_id](const storage::Reader& reader) {
    const auto found = payments::FindPayment(reader, contract, payment_id);
    if (!found.ok()) return found.status();
    // Money in suspense is of the payer too, and unspent as long as it is there.
    const bool where_it_was_put = found->has_value() && ((*found)->state == State::kCredited ||
                                                         (*found)->state == State::kSuspense);
    if (!where_it_was_put || !IsUnspent(house, **found)) {
      return Refuse(Reason::kPaymentNotCancellable);
    }
    *now = **found;
    return absl::OkStatus();
  };
  submission.changes = [now](const ledger::Outcome&, storage::Overlay& overlay) {
    now->state = State::kCancelled;
    now->account_sealed.clear();  // Nobody looks for its child any more.
    payments::PutPayment(*now, &overlay);
  };
  Commit(house, caller, {}, std::move(submission),
         [&house, contract, payment_id, done = std::move(done)](const absl::Status& status,
                                                                const ledger::Outcome& outcome) {
           const absl::Status verdict = status.ok() ? FromResult(outcome.code) : status;
           done(verdict.ok() ? AnswerOf(house, contract, payment_id, outcome.replayed)
                             : absl::StatusOr<PaymentAnswer>(verdict));
         });
}

}  // namespace ladon::flow
