#include "server/channels/order_core.h"

namespace ladon::channels {
namespace {

class RemoteCore final : public OrderCore {
 public:
  explicit RemoteCore(const Core* core) : core_(core) {}

  [[nodiscard]] grpc::Status Check(const v1::CheckAccountRequest& request,
                                   v1::CheckAccountResponse* response) const override {
    return core_->Call(request, response);
  }
  [[nodiscard]] grpc::Status Open(const v1::OpenOrderRequest& request,
                                  v1::OpenOrderResponse* response) const override {
    return core_->Call(request, response);
  }
  [[nodiscard]] grpc::Status ListOpen(const v1::ListOpenOrdersRequest& request,
                                      v1::ListOpenOrdersResponse* response) const override {
    return core_->Call(request, response);
  }
  [[nodiscard]] grpc::Status Get(const v1::GetOrderRequest& request,
                                 v1::GetOrderResponse* response) const override {
    return core_->Call(request, response);
  }
  [[nodiscard]] grpc::Status Accept(const v1::AcceptPaymentRequest& request,
                                    v1::AcceptPaymentResponse* response) const override {
    return core_->Call(request, response);
  }
  [[nodiscard]] grpc::Status GetPayment(const v1::GetPaymentRequest& request,
                                        v1::GetPaymentResponse* response) const override {
    return core_->Call(request, response);
  }
  [[nodiscard]] grpc::Status Close(const v1::CloseOrderRequest& request,
                                   v1::CloseOrderResponse* response) const override {
    return core_->Call(request, response);
  }

 private:
  const Core* const core_;
};

}  // namespace

std::shared_ptr<const OrderCore> MakeOrderCore(const Core* core) {
  return std::make_shared<RemoteCore>(core);
}

}  // namespace ladon::channels
