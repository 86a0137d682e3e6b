#include "server/client/demo/till_client.h"

#include <chrono>
#include <string>

#include "server/client/connection.h"

namespace ladon::demo {
namespace {

using Clock = std::chrono::steady_clock;

template <class Call>
grpc::Status Timed(const Call& call, int64_t* took_us) {
  grpc::ClientContext context;
  client::SetDeadline(&context);
  const Clock::time_point start = Clock::now();
  const grpc::Status status = call(&context);
  if (took_us != nullptr) {
    *took_us = std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - start).count();
  }
  return status;
}

}  // namespace

TillClient::TillClient(const std::shared_ptr<grpc::Channel>& channel)
    : terminal_(v1::TerminalService::NewStub(channel)),
      operation_(v1::OperationService::NewStub(channel)),
      accounts_(v1::AccountsService::NewStub(channel)) {}

grpc::Status TillClient::Identify(const v1::IdentifyRequest& request,
                                  v1::IdentifyResponse* response, int64_t* took_us) {
  return Timed(
      [&](grpc::ClientContext* context) { return terminal_->Identify(context, request, response); },
      took_us);
}

grpc::Status TillClient::Debit(const v1::DebitRequest& request, v1::DebitResponse* response) {
  return Timed(
      [&](grpc::ClientContext* context) { return terminal_->Debit(context, request, response); },
      nullptr);
}

grpc::Status TillClient::IdentifyAndDebit(const v1::IdentifyAndDebitRequest& request,
                                          v1::IdentifyAndDebitResponse* response,
                                          int64_t* took_us) {
  return Timed(
      [&](grpc::ClientContext* context) {
        return terminal_->IdentifyAndDebit(context, request, response);
      },
      took_us);
}

grpc::Status TillClient::Cancel(const v1::CancelRequest& request, v1::CancelResponse* response) {
  return Timed(
      [&](grpc::ClientContext* context) { return terminal_->Cancel(context, request, response); },
      nullptr);
}

grpc::Status TillClient::GetOperation(const std::string& request_id,
                                      v1::GetOperationResponse* response) {
  v1::GetOperationRequest request;
  request.set_request_id(request_id);
  return Timed(
      [&](grpc::ClientContext* context) {
        return operation_->GetOperation(context, request, response);
      },
      nullptr);
}

grpc::Status TillClient::TopUp(const v1::TopUpRequest& request, v1::TopUpResponse* response) {
  return Timed(
      [&](grpc::ClientContext* context) { return accounts_->TopUp(context, request, response); },
      nullptr);
}

}  // namespace ladon::demo
