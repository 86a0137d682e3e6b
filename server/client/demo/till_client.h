// One till's calls, timed. Threading: any thread.
#ifndef LADON_SERVER_CLIENT_DEMO_TILL_CLIENT_H_
#define LADON_SERVER_CLIENT_DEMO_TILL_CLIENT_H_

#include <cstdint>
#include <string>
#include <utility>

#include "ladon/v1/accounts_service.pb.h"
#include "ladon/v1/operation_service.pb.h"
#include "ladon/v1/terminal_service.pb.h"
#include "server/client/call.h"

namespace ladon::demo {

class TillClient {
 public:
  explicit TillClient(client::ChannelPtr channel) : channel_(std::move(channel)) {}

  // `took_us`, when not null, hears how long the call took, success or not.
  grpc::Status Identify(const v1::IdentifyRequest& request, v1::IdentifyResponse* response,
                        int64_t* took_us = nullptr);
  grpc::Status IdentifyAndDebit(const v1::IdentifyAndDebitRequest& request,
                                v1::IdentifyAndDebitResponse* response, int64_t* took_us = nullptr);
  grpc::Status Cancel(const v1::CancelRequest& request, v1::CancelResponse* response);
  grpc::Status GetOperation(const std::string& request_id, v1::GetOperationResponse* response);
  // What no till may do; for the refusal.
  grpc::Status TopUp(const v1::TopUpRequest& request, v1::TopUpResponse* response);

 private:
  client::ChannelPtr channel_;
};

}  // namespace ladon::demo

#endif  // LADON_SERVER_CLIENT_DEMO_TILL_CLIENT_H_
