// The calls a till makes, as a seam: the network is where a till's uncertainty comes from, so the
// logic above it is tested against every way a call can end.
//
// A call returns the gRPC status as it is; client::IsDefinite() tells a verdict from an unknown
// fate, client::DetailOf() the typed reason. Threading: one thread.
#ifndef LADON_SERVER_CLIENT_TERMINAL_TRANSPORT_H_
#define LADON_SERVER_CLIENT_TERMINAL_TRANSPORT_H_

#include <chrono>
#include <utility>

#include "ladon/v1/admin_service.pb.h"
#include "ladon/v1/enrolment_service.pb.h"
#include "ladon/v1/operation_service.pb.h"
#include "ladon/v1/terminal_service.pb.h"
#include "server/client/call.h"

namespace ladon::terminal {

class Transport {
 public:
  virtual ~Transport() = default;
  virtual grpc::Status Identify(const v1::IdentifyRequest& request, v1::IdentifyResponse* out) = 0;
  virtual grpc::Status Debit(const v1::DebitRequest& request, v1::DebitResponse* out) = 0;
  virtual grpc::Status Cancel(const v1::CancelRequest& request, v1::CancelResponse* out) = 0;
  virtual grpc::Status GetOperation(const v1::GetOperationRequest& request,
                                    v1::GetOperationResponse* out) = 0;
  virtual grpc::Status GetPriceList(const v1::GetPriceListRequest& request,
                                    v1::GetPriceListResponse* out) = 0;
  virtual grpc::Status EnrolPalm(const v1::EnrolPalmRequest& request,
                                 v1::EnrolPalmResponse* out) = 0;
};

// Over a channel of client::Connect; every call has a deadline.
class GrpcTransport final : public Transport {
 public:
  GrpcTransport(client::ChannelPtr channel, std::chrono::milliseconds timeout)
      : channel_(std::move(channel)), timeout_(timeout) {}
  grpc::Status Identify(const v1::IdentifyRequest& request, v1::IdentifyResponse* out) override;
  grpc::Status Debit(const v1::DebitRequest& request, v1::DebitResponse* out) override;
  grpc::Status Cancel(const v1::CancelRequest& request, v1::CancelResponse* out) override;
  grpc::Status GetOperation(const v1::GetOperationRequest& request,
                            v1::GetOperationResponse* out) override;
  grpc::Status GetPriceList(const v1::GetPriceListRequest& request,
                            v1::GetPriceListResponse* out) override;
  grpc::Status EnrolPalm(const v1::EnrolPalmRequest& request, v1::EnrolPalmResponse* out) override;

 private:
  client::ChannelPtr channel_;
  std::chrono::milliseconds timeout_;
};

}  // namespace ladon::terminal

#endif  // LADON_SERVER_CLIENT_TERMINAL_TRANSPORT_H_
