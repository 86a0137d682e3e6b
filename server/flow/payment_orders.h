// Payments that are about to be made at a bank's own page: what is open is asked about until its
// end is known, whatever callbacks get lost. Threading: any thread; `done` on a thread of the
// ledger's.
#ifndef LADON_SERVER_FLOW_PAYMENT_ORDERS_H_
#define LADON_SERVER_FLOW_PAYMENT_ORDERS_H_

#include <cstddef>
#include <string>
#include <vector>

#include "server/flow/commit.h"
#include "server/payments/record.h"

namespace ladon::flow {

struct OrderInput {
  std::string contract;
  std::string number;
  uint64_t payment_account = 0;
  int64_t paid_kopecks = 0;
};
// The same again changes nothing. kContractUnknown, kPaymentAccountUnknown, kPaymentTooSmall,
// kPaymentTooLarge; kTooManyAttempts: too many for one account; kRequestIdReused: the number stands
// for another order.
void OpenOrder(const House& house, const access::Caller& caller, const OrderInput& input,
               Done<payments::Order> done);
void ListOpenOrders(const House& house, const access::Caller& caller, const std::string& contract,
                    const std::string& after, size_t limit,
                    Done<std::vector<payments::Order>> done);
// kContractUnknown, kOrderUnknown.
void GetOrder(const House& house, const access::Caller& caller, const std::string& contract,
              const std::string& number, Done<payments::Order> done);
// The first end counts, and later ones are told it; but an order that was thought to have failed
// may turn out to be paid. kContractUnknown, kOrderUnknown.
void CloseOrder(const House& house, const access::Caller& caller, const std::string& contract,
                const std::string& number, payments::OrderState state, const std::string& bank_id,
                Done<payments::Order> done);

}  // namespace ladon::flow

#endif  // LADON_SERVER_FLOW_PAYMENT_ORDERS_H_
