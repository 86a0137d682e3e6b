// Payments as the wire tells them, and the fields by which calls name them. Threading: pure
// functions.
#ifndef LADON_SERVER_RPC_PAYMENT_VIEW_H_
#define LADON_SERVER_RPC_PAYMENT_VIEW_H_

#include <string>

#include "ladon/v1/channel_service.pb.h"
#include "server/payments/record.h"
#include "server/rpc/fields.h"

namespace ladon::rpc {

void SetPayment(const payments::Payment& from, v1::Payment* to);
[[nodiscard]] std::string ReadContract(const std::string& name, Fields* fields);
[[nodiscard]] std::string ReadPaymentId(const std::string& field, const std::string& id,
                                        Fields* fields);
// 0 when it is none.
[[nodiscard]] uint64_t ReadPaymentAccount(const std::string& number, Fields* fields);
// Page tokens of lists by payment id or order number: the last one.
[[nodiscard]] std::string ReadIdToken(const std::string& token, Fields* fields);

}  // namespace ladon::rpc

#endif  // LADON_SERVER_RPC_PAYMENT_VIEW_H_
