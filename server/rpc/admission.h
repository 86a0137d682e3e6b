// Who calls, and whether they may: the same for every call, whatever its form.
// Threading: any thread.
#ifndef LADON_SERVER_RPC_ADMISSION_H_
#define LADON_SERVER_RPC_ADMISSION_H_

#include <grpcpp/grpcpp.h>
#include <grpcpp/support/byte_buffer.h>

#include <functional>
#include <string_view>

#include "absl/status/status.h"
#include "server/rpc/call.h"

namespace ladon::rpc {

// Lets a call in whose request has arrived: identifies and authorises the caller, reads the
// request, and runs `work` with both. Otherwise `refuse` gets what is to be answered, once, from
// any thread; the refusal of a caller that is known is recorded first, and what is wrong with the
// certificate of one that is not stands in the log, a line a second at most.
void AdmitCall(const ServerContext& server, const grpc::ServerContext& context,
               std::string_view rpc, grpc::ByteBuffer* request,
               const std::function<void(const CallContext&)>& work,
               std::function<void(absl::Status)> refuse);

// Whether the caller may still do anything: its certificate is in force (TLS looked when the
// connection began, which may last for days), it is registered, and nobody has blocked it. The
// refusal is that of everything not granted; what is wrong with a certificate stands in the log, a
// line a second at most.
[[nodiscard]] absl::Status CheckStillPermitted(const ServerContext& server,
                                               const access::Caller& caller);

}  // namespace ladon::rpc

#endif  // LADON_SERVER_RPC_ADMISSION_H_
