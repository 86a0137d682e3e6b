// Unspent money on its way back to who had paid it in.
//
// A school's desk opens a refund, with a second person: the money leaves the purse at once, and is
// owed (a refund payable of the contract that it goes back through) until an accountant has paid it
// out at the bank, by a day that the law sets, or has put it back. Threading: any thread; `done` on
// a thread of the ledger's, or of the searchers.
#ifndef LADON_SERVER_FLOW_REFUNDS_H_
#define LADON_SERVER_FLOW_REFUNDS_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "server/flow/commit.h"
#include "server/payments/record.h"

namespace ladon::flow {

inline constexpr size_t kRefundBasisMax = 100;  // Bytes.

struct RefundInput {
  std::string contract;
  base::AccountId purse;
  int64_t kopecks = 0;
  // The payment that it gives back, wholly or in part; empty: no one in particular.
  std::string payment_id;
  std::string basis;  // The payer's application, as the accountant is to find it; at most
                      // kRefundBasisMax bytes.
};
struct RefundView {
  payments::Refund refund;
  std::string basis;
  bool overdue = false;
};
// kContractUnknown; kAccountUnknown; kPaymentUnknown (also: not on that purse, cancelled or moved);
// kPaymentSpent: less is unspent, of the purse or of the payment; as NeedApproval().
void OpenRefund(const House& house, const access::Caller& caller, const Request& request,
                const RefundInput& input, Done<RefundView> done);

// Open ones, by number, those above `after`; of the caller's own school, unless it is of all.
void ListRefunds(const House& house, const access::Caller& caller, const std::string& contract,
                 const std::string& after, size_t limit, Done<std::vector<RefundView>> done);

// The bank has paid it out, by this document. kContractUnknown, kRefundUnknown, kRefundNotOpen.
void CloseRefund(const House& house, const access::Caller& caller, const Request& request,
                 const std::string& contract, const std::string& number,
                 const std::string& document_id, uint32_t document_day, Done<RefundView> done);
// Back to the purse. As above; kAccountClosed: the purse is no more.
void CancelRefund(const House& house, const access::Caller& caller, const Request& request,
                  const std::string& contract, const std::string& number, Done<RefundView> done);

}  // namespace ladon::flow

#endif  // LADON_SERVER_FLOW_REFUNDS_H_
