// Who calls, and whether they may: the same for every call, whatever its form.
// Threading: any thread.
#ifndef LADON_SERVER_RPC_ADMISSION_H_
#define LADON_SERVER_RPC_ADMISSION_H_

#include <grpcpp/grpcpp.h>
#include <grpcpp/support/byte_buffer.h>

#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "server/access/caller.h"
#include "server/flow/house.h"

namespace ladon::rpc {

// Errors are ready to be answered; `caller` is filled as far as it is known, so that the refusal
// can be recorded.
[[nodiscard]] absl::Status Admit(const flow::House& house, const grpc::ServerContext& context,
                                 std::string_view rpc, access::Caller* caller);

// The bytes of a message, in one piece; empty if they cannot be had.
[[nodiscard]] std::string BytesOf(const grpc::ByteBuffer& buffer);

}  // namespace ladon::rpc

#endif  // LADON_SERVER_RPC_ADMISSION_H_
