// What orders ask of the core. An interface, because the core is a network away: tests let it fail
// between any two calls. Threading: any thread; calls block for at most kAskTimeout.
#ifndef LADON_SERVER_CHANNELS_ORDER_CORE_H_
#define LADON_SERVER_CHANNELS_ORDER_CORE_H_

#include <grpcpp/support/status.h>

#include <memory>

#include "ladon/v1/channel_service.pb.h"
#include "server/channels/core.h"

namespace ladon::channels {

class OrderCore {
 public:
  virtual ~OrderCore() = default;
  // One attempt each; the status is the server's or gRPC's own (VerdictOf()).
  [[nodiscard]] virtual grpc::Status Check(const v1::CheckAccountRequest& request,
                                           v1::CheckAccountResponse* response) const = 0;
  [[nodiscard]] virtual grpc::Status Open(const v1::OpenOrderRequest& request,
                                          v1::OpenOrderResponse* response) const = 0;
  [[nodiscard]] virtual grpc::Status ListOpen(const v1::ListOpenOrdersRequest& request,
                                              v1::ListOpenOrdersResponse* response) const = 0;
  [[nodiscard]] virtual grpc::Status Get(const v1::GetOrderRequest& request,
                                         v1::GetOrderResponse* response) const = 0;
  [[nodiscard]] virtual grpc::Status Accept(const v1::AcceptPaymentRequest& request,
                                            v1::AcceptPaymentResponse* response) const = 0;
  [[nodiscard]] virtual grpc::Status GetPayment(const v1::GetPaymentRequest& request,
                                                v1::GetPaymentResponse* response) const = 0;
  [[nodiscard]] virtual grpc::Status Close(const v1::CloseOrderRequest& request,
                                           v1::CloseOrderResponse* response) const = 0;
};

// `core` must outlive it; nullptr as long as nothing is asked.
[[nodiscard]] std::shared_ptr<const OrderCore> MakeOrderCore(const Core* core);

}  // namespace ladon::channels

#endif  // LADON_SERVER_CHANNELS_ORDER_CORE_H_
