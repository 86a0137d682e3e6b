// A call over the wire, named by its request: every RPC has a request type of its own (the standard
// rules of buf lint keep it so). For code that makes one call after another; the load generator
// keeps many calls in the air with the clients that gRPC generates. Threading: any thread; a call
// blocks until it is answered or timed out.
#ifndef LADON_SERVER_CLIENT_CALL_H_
#define LADON_SERVER_CLIENT_CALL_H_

#include <google/protobuf/message.h>
#include <grpcpp/support/status.h>

#include <chrono>
#include <memory>
#include <string>

namespace grpc {
class Channel;
}  // namespace grpc

namespace ladon::client {

using ChannelPtr = std::shared_ptr<grpc::Channel>;

inline constexpr std::chrono::seconds kCallTimeout{10};
inline constexpr int kPatientAttempts = 4;

// "/ladon.v1.AccountsService/TopUp" for a TopUpRequest. Asserts that there is such an RPC and that
// it answers with `response`'s type.
[[nodiscard]] std::string MethodOf(const google::protobuf::Message& request,
                                   const google::protobuf::Message& response);

// One attempt. The status is the server's or gRPC's own; INTERNAL also for an answer that does not
// parse.
[[nodiscard]] grpc::Status Call(const ChannelPtr& channel, const google::protobuf::Message& request,
                                google::protobuf::Message* response,
                                std::chrono::milliseconds timeout = kCallTimeout);

// Repeats an unanswered call as it is, hence under the same request id, at most kPatientAttempts
// times and waiting longer each time: for long work that a busy or restarting server should not
// break off.
[[nodiscard]] grpc::Status CallPatiently(const ChannelPtr& channel,
                                         const google::protobuf::Message& request,
                                         google::protobuf::Message* response,
                                         std::chrono::milliseconds timeout = kCallTimeout);

// True when the server gave a definite verdict; false when the fate of the call is unknown and it
// must be repeated under the same request id (UNAVAILABLE, DEADLINE_EXCEEDED, CANCELLED, UNKNOWN,
// RESOURCE_EXHAUSTED, INTERNAL).
[[nodiscard]] bool IsDefinite(const grpc::Status& status);

}  // namespace ladon::client

#endif  // LADON_SERVER_CLIENT_CALL_H_
