// One unary call on its way through the server, and how a method is put on the queue.
//
// A call object waits for a request, checks who calls (access), gives the bytes to its handler, and
// sends what the handler answers; a new one waits in its place. Messages pass as bytes and are
// parsed here, so that a malformed one gets our own INVALID_ARGUMENT and the content digest covers
// exactly what was sent. The choice of the asynchronous API with one completion-queue thread, and
// why, is in docs/adr/0003.
// Threading: Proceed() on the completion-queue thread; the answer may come from any thread, once.
#ifndef LADON_SERVER_RPC_CALL_H_
#define LADON_SERVER_RPC_CALL_H_

#include <google/protobuf/message.h>
#include <grpcpp/grpcpp.h>
#include <grpcpp/support/async_unary_call.h>
#include <grpcpp/support/byte_buffer.h>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/access/caller.h"
#include "server/flow/commit.h"
#include "server/flow/house.h"
#include "server/flow/refusal.h"
#include "server/rpc/monitor.h"
#include "server/rpc/one_a_second.h"

namespace ladon::rpc {

// What a handler gets to work with.
struct CallContext {
  const flow::House* house = nullptr;
  const Monitor* monitor = nullptr;  // For reading its figures.
  access::Caller caller;
  std::string_view rpc;            // "/ladon.v1.TerminalService/Identify"
  std::string_view request_bytes;  // As sent; good until the handler returns.
};

template <class Response>
using Answer = std::function<void(absl::StatusOr<Response>)>;
using RawHandler = std::function<void(const CallContext&, Answer<std::string>)>;
using RawWriter = grpc::ServerAsyncResponseWriter<grpc::ByteBuffer>;
// The generated RequestX() of a raw method.
using Listen = std::function<void(grpc::ServerContext*, grpc::ByteBuffer*, RawWriter*,
                                  grpc::ServerCompletionQueue*, void* tag)>;

// A stream under way, as one sees it who looks after all of them. On the queue's thread.
class OpenStream {
 public:
  virtual ~OpenStream() = default;
  // Ends it when its reader takes nothing, or may not have it any more.
  virtual void Look(std::chrono::steady_clock::time_point now) = 0;
};

// What all calls share. Outlives them.
class ServerContext {
 public:
  const flow::House* house = nullptr;
  Monitor* monitor = nullptr;
  grpc::ServerCompletionQueue* queue = nullptr;
  std::set<OpenStream*> open_streams;    // The queue's thread alone.
  mutable OneASecond certificate_lines;  // Of the log, about certificates that were refused.

  // A request came in: runs `listen_again` and counts the call. False: the queue is about to be
  // shut down, nothing may be put on it any more.
  bool Enter(const std::function<void()>& listen_again);
  void Leave();
  // From now on Enter() is false; returns when every call that entered has left.
  void DrainAndClose();
  [[nodiscard]] size_t calls_under_way() const { return calls_under_way_.load(); }

 private:
  std::mutex mutex_;
  bool closed_ = false;
  std::atomic<size_t> calls_under_way_{0};
};

// What the completion queue's tags point at.
class Event {
 public:
  virtual ~Event() = default;
  virtual void Proceed(bool ok) = 0;  // `ok` as the completion queue says.
};

// Puts kPendingPerMethod waiting calls of one method on the queue.
void ServeRaw(ServerContext* server, std::string rpc, Listen listen, RawHandler handler);

// At level debug: what was asked, without what is of a person.
void LogRequest(const ServerContext& server, std::string_view rpc,
                const google::protobuf::Message& request);

// Ends a handler whose request did not pass the checks of its fields.
template <class Response>
void AnswerRefused(const CallContext& call, const absl::Status& refusal, Answer<Response> answer) {
  flow::ReplyRefused(
      *call.house, call.caller, refusal,
      [answer = std::move(answer)](absl::Status status) { answer(std::move(status)); });
}

// The same for a handler of messages.
template <class Request, class Response>
void Serve(ServerContext* server, std::string rpc, Listen listen,
           std::function<void(const CallContext&, const Request&, Answer<Response>)> handler) {
  ServeRaw(
      server, std::move(rpc), std::move(listen),
      [server, handler = std::move(handler)](const CallContext& call, Answer<std::string> answer) {
        Request request;
        const int size = static_cast<int>(call.request_bytes.size());  // Bounded by the server.
        if (!request.ParseFromArray(call.request_bytes.data(), size)) {
          AnswerRefused<std::string>(
              call, flow::RefuseField("request", "is not a message of this method"), answer);
          return;
        }
        LogRequest(*server, call.rpc, request);
        handler(call, request, [answer = std::move(answer)](absl::StatusOr<Response> response) {
          if (!response.ok()) {
            answer(response.status());
          } else {
            answer(response->SerializeAsString());
          }
        });
      });
}

}  // namespace ladon::rpc

#endif  // LADON_SERVER_RPC_CALL_H_
