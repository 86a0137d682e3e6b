// The id under which one request is found in the logs of every program that it passes: 32 hex
// digits in gRPC's metadata. A call carries the trace of its thread's TraceScope; without one, the
// request id of its message, which a till keeps and prints. Threading: a scope is of its thread.
#ifndef LADON_SERVER_CLIENT_TRACE_H_
#define LADON_SERVER_CLIENT_TRACE_H_

#include <google/protobuf/message.h>

#include <string>

namespace ladon::client {

inline constexpr char kTraceMetadata[] = "ladon-trace";

// Until it ends, every call of this thread carries a fresh random id. Scopes do not nest.
class TraceScope {
 public:
  TraceScope();
  ~TraceScope();
  TraceScope(const TraceScope&) = delete;
  TraceScope& operator=(const TraceScope&) = delete;

  // "" outside any scope.
  [[nodiscard]] static const std::string& current();
};

// What a call with this request carries; empty: nothing.
[[nodiscard]] std::string TraceOf(const google::protobuf::Message& request);

}  // namespace ladon::client

#endif  // LADON_SERVER_CLIENT_TRACE_H_
