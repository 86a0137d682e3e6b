// Payments that people must look after: those that wait for their child, and those that went to a
// wrong one. Threading: any thread; `done` on a thread of the ledger's, or of the searchers.
#ifndef LADON_SERVER_FLOW_PAYMENT_DESK_H_
#define LADON_SERVER_FLOW_PAYMENT_DESK_H_

#include <cstddef>
#include <string>
#include <vector>

#include "server/flow/commit.h"
#include "server/payments/record.h"

namespace ladon::flow {

struct SuspendedPayment {
  payments::Payment payment;
  std::string payer_account;  // As it was typed.
};
void ListSuspense(const House& house, const access::Caller& caller, const std::string& contract,
                  const std::string& after, size_t limit, Done<std::vector<SuspendedPayment>> done);

struct PlacedPayment {
  payments::Payment payment;
  uint64_t journal_index = 0;
};
// From suspense to the purse of `payment_account`. kContractUnknown, kPaymentUnknown,
// kPaymentNotSuspended, kPaymentAccountUnknown.
void PlacePayment(const House& house, const access::Caller& caller, const Request& request,
                  const std::string& contract, const std::string& payment_id,
                  uint64_t payment_account, Done<PlacedPayment> done);

struct MovedPayment {
  int64_t moved_kopecks = 0;
  uint64_t journal_index = 0;
};
// From the child of the caller's school that has it to the one of `payment_account`, as far as it
// is unspent; with a second person. kContractUnknown, kPaymentUnknown (also: on a purse of another
// school, or no more where it was credited), kPaymentSpent, kPaymentAccountUnknown.
void MovePayment(const House& house, const access::Caller& caller, const Request& request,
                 const std::string& contract, const std::string& payment_id,
                 uint64_t payment_account, Done<MovedPayment> done);

}  // namespace ladon::flow

#endif  // LADON_SERVER_FLOW_PAYMENT_DESK_H_
