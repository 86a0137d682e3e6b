// Money that parents pay through channels: asked for, booked once, taken back.
//
// The ledger knows a payment by (contract, the channel's id of it): that is its operation key, the
// same for whoever brings it, so it books once however it comes, and a repeat is told what was
// booked. What the channel is answered is made of that entry and of what was written beside it.
// Nothing that may be otherwise next time is remembered: a refusal leaves no trace, so its repeat
// is looked at anew. Threading: any thread; `done` on a thread of the ledger's.
#ifndef LADON_SERVER_FLOW_CHANNEL_PAYMENT_H_
#define LADON_SERVER_FLOW_CHANNEL_PAYMENT_H_

#include <cstdint>
#include <optional>
#include <string>

#include "server/flow/commit.h"
#include "server/payments/contract.h"
#include "server/payments/record.h"

namespace ladon::flow {

struct CheckedAccount {
  std::string masked_name;  // "И*** П***"
  std::string school_name;
  int64_t fee_kopecks = 0;
};
// `number`: of a payment account that is in form. kContractUnknown, kPaymentAccountUnknown,
// kPaymentAccountInactive, kPaymentTooSmall, kPaymentTooLarge, kTooManyAttempts.
void CheckAccount(const House& house, const access::Caller& caller, const std::string& contract,
                  uint64_t number, std::optional<int64_t> paid_kopecks, Done<CheckedAccount> done);

struct PaymentInput {
  std::string contract;
  std::string payment_id;  // payments::IsPaymentId()
  std::string account;     // As the payer typed it, at most payments::kPayerAccountMax bytes.
  int64_t paid_kopecks = 0;
  uint64_t paid_at_ns = 0;  // 0: not told.
  std::string order;        // The number of the order that it pays; empty: of none.
  payments::Source source = payments::Source::kOnline;
  payments::Digest registry{};  // Of the file it stands in, when that is its source.
};
struct PaymentAnswer {
  payments::Payment payment;
  bool replayed = false;
};
// kContractUnknown; kOrderUnknown; kPaymentTooSmall and kPaymentTooLarge (of new ones of no order);
// kPaymentDiffers (an alarm too); kPaymentCancelled; kOverloaded: the account was closing, come
// again.
void AcceptPayment(const House& house, const access::Caller& caller, PaymentInput input,
                   Done<PaymentAnswer> done);

// kContractUnknown, kPaymentUnknown.
void GetPayment(const House& house, const access::Caller& caller, const std::string& contract,
                const std::string& payment_id, Done<payments::Payment> done);

// In whole. A repeat is told that it was cancelled. kContractUnknown, kPaymentUnknown,
// kPaymentNotCancellable.
void CancelPayment(const House& house, const access::Caller& caller, const std::string& contract,
                   const std::string& payment_id, Done<PaymentAnswer> done);

// The accounts of `contract`; they are opened when the service starts (OpenContractAccounts()).
void SetAccounts(const House& house, payments::Contract* contract);
// Opens those of all contracts that are not there yet, and waits for it; makes the key of what
// payers typed, so that no payment waits for its file. The error of either.
[[nodiscard]] absl::Status OpenContractAccounts(const House& house);

}  // namespace ladon::flow

#endif  // LADON_SERVER_FLOW_CHANNEL_PAYMENT_H_
