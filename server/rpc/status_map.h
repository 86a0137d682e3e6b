// Domain refusals as gRPC statuses with a typed detail: the one place that knows both.
// Threading: pure functions.
#ifndef LADON_SERVER_RPC_STATUS_MAP_H_
#define LADON_SERVER_RPC_STATUS_MAP_H_

#include <grpcpp/support/status.h>

#include "absl/status/status.h"
#include "ladon/v1/errors.pb.h"
#include "server/flow/refusal.h"

namespace ladon::rpc {

[[nodiscard]] v1::ErrorReason ToProto(flow::Reason reason);
// The detail that travels with a refusal.
[[nodiscard]] v1::ErrorDetail ToDetail(const absl::Status& status);
// OK stays OK. Internal trouble keeps its text out of the answer: it may name files.
[[nodiscard]] grpc::Status ToGrpc(const absl::Status& status);

}  // namespace ladon::rpc

#endif  // LADON_SERVER_RPC_STATUS_MAP_H_
