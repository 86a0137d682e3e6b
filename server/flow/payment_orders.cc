#include "server/flow/payment_orders.h"

#include <memory>
#include <utility>

#include "ledger/proof/merkle.h"
#include "server/base/codec.h"
#include "server/flow/refusal.h"
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

// What became of the note: the order as it stands.
Committed Tell(const House& house, const std::string& contract, const std::string& number,
               Done<Order> done) {
  return [&house, contract, number, done = std::move(done)](const absl::Status& status,
                                                            const ledger::Outcome& outcome) {
    const absl::Status verdict = status.ok() ? FromResult(outcome.code) : status;
    if (!verdict.ok()) return done(verdict);
    const auto order = payments::FindOrder(house.vault->store(), contract, number);
    if (!order.ok()) return done(order.status());
    done(order->has_value() ? absl::StatusOr<Order>(**order) : Refuse(Reason::kOrderUnknown));
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
    return house.vault->FindPayee(input.payment_account)
               ? absl::OkStatus()
               : Refuse(Reason::kPaymentAccountUnknown, "payment_account");
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

void CloseOrder(const House& house, const access::Caller& caller, const std::string& contract,
                const std::string& number, OrderState state, const std::string& bank_id,
                Done<Order> done) {
  const auto known = payments::FindOrder(house.vault->store(), contract, number);
  absl::StatusOr<Order> found = Refuse(Reason::kOrderUnknown, "order_number");
  if (house.contracts->Find(contract) == nullptr) {
    found = Refuse(Reason::kContractUnknown, "contract");
  } else if (!known.ok()) {
    found = known.status();
  } else if (known->has_value()) {
    found = **known;
  }
  if (!found.ok() || found->state != OrderState::kOpen) {
    return Reply<Order>(house, caller, {}, std::move(found), std::move(done));
  }
  // The content is nothing: whatever end comes second is told the first.
  ledger::Submission submission = NoteOf(house, caller, "close", contract, number, {});
  const auto order = std::make_shared<Order>(*std::move(found));
  submission.changes = [order, state, bank_id](const ledger::Outcome&, storage::Overlay& overlay) {
    order->state = state;
    order->bank_id = bank_id;
    payments::PutOrder(*order, &overlay);
  };
  Commit(house, caller, {}, std::move(submission), Tell(house, contract, number, std::move(done)));
}

}  // namespace ladon::flow
