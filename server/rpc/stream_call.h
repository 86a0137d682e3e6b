// One call whose answer is a stream of messages: admitted like any other (call.h), then asked for
// its messages one by one, the next one when the last is on its way. So a slow reader costs nothing
// but the message that waits for it. Before every message it is asked whether the caller is still
// permitted: otherwise the stream ends like a call that never was. One that takes no message for
// kStalledReaderSeconds, or is permitted no longer while it does not, is cut off, for others wait
// for its place. Threading: as call.h; the next message may come from any thread.
#ifndef LADON_SERVER_RPC_STREAM_CALL_H_
#define LADON_SERVER_RPC_STREAM_CALL_H_

#include <grpcpp/alarm.h>
#include <grpcpp/grpcpp.h>
#include <grpcpp/support/async_stream.h>

#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

#include "server/rpc/call.h"

namespace ladon::rpc {

// The next message; nullopt: that was all.
using NextMessage = std::function<void(Answer<std::optional<std::string>>)>;
// Opens the stream, or refuses.
using StreamHandler = std::function<void(const CallContext&, Answer<NextMessage>)>;
using RawStreamWriter = grpc::ServerAsyncWriter<grpc::ByteBuffer>;
using ListenStream = std::function<void(grpc::ServerContext*, grpc::ByteBuffer*, RawStreamWriter*,
                                        grpc::ServerCompletionQueue*, void* tag)>;

// Puts kPendingStreamsPerMethod waiting calls of one method on the queue.
void ServeStream(ServerContext* server, std::string rpc, ListenStream listen,
                 StreamHandler handler);

// Looks at every open stream once in a while, on the queue's thread.
class StreamWatch final : public Event {
 public:
  explicit StreamWatch(ServerContext* server) : server_(server) {}
  void Start();
  // Before the queue is shut down, which still gives back what it was asked last.
  void Stop();
  void Proceed(bool ok) override;

 private:
  ServerContext* const server_;
  std::mutex mutex_;
  bool stopping_ = false;
  grpc::Alarm alarm_;
};

}  // namespace ladon::rpc

#endif  // LADON_SERVER_RPC_STREAM_CALL_H_
