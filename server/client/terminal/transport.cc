#include "server/client/terminal/transport.h"

namespace ladon::terminal {

grpc::Status GrpcTransport::Identify(const v1::IdentifyRequest& request,
                                     v1::IdentifyResponse* out) {
  return client::Call(channel_, request, out, timeout_);
}

grpc::Status GrpcTransport::Debit(const v1::DebitRequest& request, v1::DebitResponse* out) {
  return client::Call(channel_, request, out, timeout_);
}

grpc::Status GrpcTransport::Cancel(const v1::CancelRequest& request, v1::CancelResponse* out) {
  return client::Call(channel_, request, out, timeout_);
}

grpc::Status GrpcTransport::GetOperation(const v1::GetOperationRequest& request,
                                         v1::GetOperationResponse* out) {
  return client::Call(channel_, request, out, timeout_);
}

grpc::Status GrpcTransport::GetPriceList(const v1::GetPriceListRequest& request,
                                         v1::GetPriceListResponse* out) {
  return client::Call(channel_, request, out, timeout_);
}

grpc::Status GrpcTransport::EnrolPalm(const v1::EnrolPalmRequest& request,
                                      v1::EnrolPalmResponse* out) {
  return client::Call(channel_, request, out, timeout_);
}

}  // namespace ladon::terminal
