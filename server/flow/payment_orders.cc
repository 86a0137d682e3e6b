#include "server/flow/payment_orders.h"

#include <memory>
#include <utility>

#include "ledger/proof/merkle.h"
#include "server/base/codec.h"
#include "server/flow/refusal.h"
#include "server/flow/throttle.h"
#include "server/flow/throttle_bucket.h"
#include "server/payments/contract.h"
#include "server/payments/payments.h"

namespace ladon::flow {
namespace {

using payments::Order;
using payments::OrderState;

ledger::Submission NoteOf(const House& house, const access::Caller& caller, std::string_view verb,
                          const std::string& contract, const std::string& number,
                          std::string_view content) {
  base::Encoder key;
  key.String(verb);
  key.String(contract);
  key.String(number);
  ledger::Submission submission;
  submission.operation = {ledger::Sha256("ladon/order/1", key.Take())};
  submission.content = ContentDigest(house, verb, content);
  submission.command = ledger::NoteOperation{};
  submission.context = {.actor = {caller.principal.id.bytes}};
  return submission;
}

absl::StatusOr<Order> Find(const House& house, const std::string& contract,
                           const std::string& number) {
  if (house.contracts->Find(contract) == nullptr) {
    return Refuse(Reason::kContractUnknown, "contract");
  }
  const auto found = payments::FindOrder(house.vault->store(), contract, number);
  if (!found.ok()) return found.status();
  return found->has_value() ? absl::StatusOr<Order>(**found)
                            : Refuse(Reason::kOrderUnknown, "order_number");
}

// What became of the note: the order as it stands.
Committed Tell(const House& house, const std::string& contract, const std::string& number,
               Done<Order> done) {
  return [&house, contract, number, done = std::move(done)](const absl::Status& status,
                                                            const ledger::Outcome& outcome) {
    const absl::Status verdict = status.ok() ? FromResult(outcome.code) : status;
    if (!verdict.ok()) return done(verdict);
    done(Find(house, contract, number));
  };
}

}  // namespace

void OpenOrder(const House& house, const access::Caller& caller, const OrderInput& input,
               Done<Order> done) {
  const payments::Contract* const contract = house.contracts->Find(input.contract);
  if (contract == nullptr) {
    return Reply<Order>(house, caller, {}, Refuse(Reason::kContractUnknown, "contract"),
                        std::move(done));
  }
  base::Encoder content;
  content.U64(input.payment_account);
  content.I64(input.paid_kopecks);
  ledger::Submission submission =
      NoteOf(house, caller, "open", input.contract, input.number, content.Take());
  submission.check = [&house, contract, input](const storage::Reader&) {
    if (input.paid_kopecks < contract->paid_kopecks_min) return Refuse(Reason::kPaymentTooSmall);
    if (input.paid_kopecks > contract->paid_kopecks_max) return Refuse(Reason::kPaymentTooLarge);
    if (!house.vault->FindPayee(input.payment_account)) {
      return Refuse(Reason::kPaymentAccountUnknown, "payment_account");
    }
    // Each one is asked about for a day, and a page without a log-in opens them.
    return house.throttles->orders.Take(BucketOf(input.contract, input.payment_account),
                                        house.now_ns())
               ? absl::OkStatus()
               : Refuse(Reason::kTooManyAttempts);
  };
  submission.changes = [input](const ledger::Outcome& outcome, storage::Overlay& overlay) {
    payments::PutOrder({.contract = input.contract,
                        .number = input.number,
                        .payment_account = input.payment_account,
                        .paid_kopecks = input.paid_kopecks,
                        .opened_at_ns = outcome.entry->leaf.booked_at_ns},
                       &overlay);
  };
  Commit(house, caller, {}, std::move(submission),
         Tell(house, input.contract, input.number, std::move(done)));
}

void ListOpenOrders(const House& house, const access::Caller& caller, const std::string& contract,
                    const std::string& after, size_t limit, Done<std::vector<Order>> done) {
  absl::StatusOr<std::vector<Order>> orders =
      house.contracts->Find(contract) == nullptr
          ? Refuse(Reason::kContractUnknown, "contract")
          : payments::OpenOrders(house.vault->store(), contract, after, limit);
  Reply(house, caller, {}, std::move(orders), std::move(done));
}

void GetOrder(const House& house, const access::Caller& caller, const std::string& contract,
              const std::string& number, Done<Order> done) {
  Reply(house, caller, {}, Find(house, contract, number), std::move(done));
}

void CloseOrder(const House& house, const access::Caller& caller, const std::string& contract,
                const std::string& number, OrderState state, const std::string& bank_id,
                Done<Order> done) {
  absl::StatusOr<Order> found = Find(house, contract, number);
  const bool was_open = found.ok() && found->state == OrderState::kOpen;
  // Its money came after everybody had given it up.
  const bool paid_late =
      found.ok() && found->state == OrderState::kFailed && state == OrderState::kPaid;
  if (!was_open && !paid_late) {
    return Reply<Order>(house, caller, {}, std::move(found), std::move(done));
  }
  // The content is nothing: whatever end comes second is told the first.
  ledger::Submission submission =
      NoteOf(house, caller, was_open ? "close" : "pay-late", contract, number, {});
  const auto order = std::make_shared<Order>(*std::move(found));
  submission.changes = [order, state, bank_id](const ledger::Outcome&, storage::Overlay& overlay) {
    order->state = state;
    order->bank_id = bank_id;
    payments::PutOrder(*order, &overlay);
  };
  // Somebody who thought that it had failed may have been quicker: then it is paid late.
  const auto tell = [&house, caller, contract, number, state, bank_id,
                     done = std::move(done)](const absl::StatusOr<Order>& closed) {
    const bool overtaken =
        closed.ok() && state == OrderState::kPaid && closed->state == OrderState::kFailed;
    if (!overtaken) return done(closed);
    CloseOrder(house, caller, contract, number, state, bank_id, done);
  };
  Commit(house, caller, {}, std::move(submission), Tell(house, contract, number, tell));
}

}  // namespace ladon::flow
