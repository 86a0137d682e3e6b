#include "server/rpc/payment_view.h"

#include "server/base/payment_account.h"
#include "server/payments/contract.h"

namespace ladon::rpc {

void SetPayment(const payments::Payment& from, v1::Payment* to) {
  to->set_contract(from.contract);
  to->set_payment_id(from.id);
  to->set_number(from.index);
  to->set_state(static_cast<v1::PaymentState>(from.state));
  to->set_source(static_cast<v1::PaymentSource>(from.source));
  to->set_paid_kopecks(from.paid_kopecks);
  to->set_fee_kopecks(from.fee_kopecks);
  SetTimestamp(from.booked_at_ns, to->mutable_booked_at());
  to->set_order_number(from.order);
}

std::string ReadContract(const std::string& name, Fields* fields) {
  return fields->Ascii("contract", name, 1, payments::kContractNameMax);
}

std::string ReadPaymentId(const std::string& field, const std::string& id, Fields* fields) {
  fields->Require(payments::IsPaymentId(id), field,
                  "must be 1 to 64 letters, digits, hyphens and underscores");
  return id;
}

uint64_t ReadPaymentAccount(const std::string& number, Fields* fields) {
  const auto account = base::PaymentAccount::Parse(number);
  fields->Require(account.has_value(), "payment_account",
                  "must be 12 digits with their check digit");
  return account ? account->number() : 0;
}

std::string ReadIdToken(const std::string& token, Fields* fields) {
  fields->Require(token.empty() || payments::IsPaymentId(token), "page_token",
                  "must be the token of an earlier answer");
  return token;
}

}  // namespace ladon::rpc
