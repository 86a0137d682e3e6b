#include "server/client/demo/till_client.h"

#include <chrono>
#include <string>

#include "server/client/call.h"

namespace ladon::demo {
namespace {

using Clock = std::chrono::steady_clock;

// The answer within what a cashier would wait for; how long it took, in `took_us`.
grpc::Status Timed(const client::ChannelPtr& channel, const google::protobuf::Message& request,
                   google::protobuf::Message* response, int64_t* took_us) {
  const Clock::time_point start = Clock::now();
  const grpc::Status status = client::Call(channel, request, response);
  if (took_us != nullptr) {
    *took_us = std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - start).count();
  }
  return status;
}

}  // namespace

grpc::Status TillClient::Identify(const v1::IdentifyRequest& request,
                                  v1::IdentifyResponse* response, int64_t* took_us) {
  return Timed(channel_, request, response, took_us);
}

grpc::Status TillClient::IdentifyAndDebit(const v1::IdentifyAndDebitRequest& request,
                                          v1::IdentifyAndDebitResponse* response,
                                          int64_t* took_us) {
  return Timed(channel_, request, response, took_us);
}

grpc::Status TillClient::Cancel(const v1::CancelRequest& request, v1::CancelResponse* response) {
  return client::Call(channel_, request, response);
}

grpc::Status TillClient::GetOperation(const std::string& request_id,
                                      v1::GetOperationResponse* response) {
  v1::GetOperationRequest request;
  request.set_request_id(request_id);
  return client::CallPatiently(channel_, request, response);
}

grpc::Status TillClient::TopUp(const v1::TopUpRequest& request, v1::TopUpResponse* response) {
  return client::Call(channel_, request, response);
}

}  // namespace ladon::demo
