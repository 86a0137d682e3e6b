#include "server/client/terminal/transport.h"

#include "server/client/connection.h"

namespace ladon::terminal {

GrpcTransport::GrpcTransport(const std::shared_ptr<grpc::Channel>& channel,
                             std::chrono::milliseconds timeout)
    : terminal_(v1::TerminalService::NewStub(channel)),
      operation_(v1::OperationService::NewStub(channel)),
      admin_(v1::AdminService::NewStub(channel)),
      enrolment_(v1::EnrolmentService::NewStub(channel)),
      timeout_(timeout) {}

grpc::Status GrpcTransport::Identify(const v1::IdentifyRequest& request,
                                     v1::IdentifyResponse* out) {
  grpc::ClientContext context;
  client::SetDeadline(&context, timeout_);
  return terminal_->Identify(&context, request, out);
}

grpc::Status GrpcTransport::Debit(const v1::DebitRequest& request, v1::DebitResponse* out) {
  grpc::ClientContext context;
  client::SetDeadline(&context, timeout_);
  return terminal_->Debit(&context, request, out);
}

grpc::Status GrpcTransport::Cancel(const v1::CancelRequest& request, v1::CancelResponse* out) {
  grpc::ClientContext context;
  client::SetDeadline(&context, timeout_);
  return terminal_->Cancel(&context, request, out);
}

grpc::Status GrpcTransport::GetOperation(const v1::GetOperationRequest& request,
                                         v1::GetOperationResponse* out) {
  grpc::ClientContext context;
  client::SetDeadline(&context, timeout_);
  return operation_->GetOperation(&context, request, out);
}

grpc::Status GrpcTransport::GetPriceList(const v1::GetPriceListRequest& request,
                                         v1::GetPriceListResponse* out) {
  grpc::ClientContext context;
  client::SetDeadline(&context, timeout_);
  return admin_->GetPriceList(&context, request, out);
}

grpc::Status GrpcTransport::EnrolPalm(const v1::EnrolPalmRequest& request,
                                      v1::EnrolPalmResponse* out) {
  grpc::ClientContext context;
  client::SetDeadline(&context, timeout_);
  return enrolment_->EnrolPalm(&context, request, out);
}

}  // namespace ladon::terminal
