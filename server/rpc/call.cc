#include "server/rpc/call.h"

#include <algorithm>
#include <cassert>
#include <chrono>

#include "server/base/id.h"
#include "server/rpc/admission.h"
#include "server/rpc/limits.h"
#include "server/rpc/redact.h"
#include "server/rpc/status_map.h"

namespace ladon::rpc {
namespace {

struct Method {
  std::string rpc;
  Listen listen;
  RawHandler handler;
};

// What the caller calls this request in its own log (metadata "ladon-trace"): 32 hex digits, or
// nothing.
std::string TraceOf(const grpc::ServerContext& context) {
  constexpr size_t kTraceCharacters = 2 * base::kIdBytes;
  const auto& metadata = context.client_metadata();
  const auto found = metadata.find("ladon-trace");
  if (found == metadata.end() || found->second.size() != kTraceCharacters) return "";
  std::string trace(found->second.data(), found->second.size());
  const bool hex = std::all_of(trace.begin(), trace.end(), [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
  });
  return hex ? trace : "";
}

class Call final : public Event {
 public:
  // The object owns itself from here on: the completion queue gives it back through Proceed(), and
  // it goes when its answer is sent or the server stops.
  static void Start(ServerContext* server, std::shared_ptr<const Method> method) {
    Call* const call = new Call(server, std::move(method));
    call->method_->listen(&call->context_, &call->request_, &call->writer_, server->queue, call);
  }

  void Proceed(bool ok) override {
    if (!arrived_) {
      if (!ok) {  // The server is shutting down and no request came.
        delete this;
        return;
      }
      arrived_ = true;
      if (!server_->Enter([this] { Start(server_, method_); })) {
        delete this;
        return;
      }
      Begin();
      return;
    }
    ServerContext* const server = server_;
    delete this;
    server->Leave();
  }

 private:
  Call(ServerContext* server, std::shared_ptr<const Method> method)
      : server_(server), method_(std::move(method)), writer_(&context_) {}

  void Begin() {
    started_ = std::chrono::steady_clock::now();
    AdmitCall(
        *server_, context_, method_->rpc, &request_,
        [this](const CallContext& call) {
          method_->handler(
              call, [this](absl::StatusOr<std::string> answer) { Finish(std::move(answer)); });
        },
        [this](absl::Status refusal) { Finish(std::move(refusal)); });
  }

  void Finish(absl::StatusOr<std::string> answer) {
    const bool first = !answered_.exchange(true);
    assert(first);
    static_cast<void>(first);
    const flow::Reason reason = flow::DetailOf(answer.status()).reason;
    server_->monitor->CallDone(method_->rpc, reason, std::chrono::steady_clock::now() - started_);
    LogAnswer(reason);
    if (!answer.ok()) {
      server_->monitor->Report(method_->rpc, answer.status());
      writer_.FinishWithError(ToGrpc(answer.status()), this);
      return;
    }
    grpc::Slice slice(*answer);
    writer_.Finish(grpc::ByteBuffer(&slice, 1), grpc::Status::OK, this);
  }

  // With the id under which the caller's own log has it.
  void LogAnswer(flow::Reason reason) const {
    if (!server_->monitor->Logs(LogLevel::kDebug)) return;
    const auto took = std::chrono::steady_clock::now() - started_;
    server_->monitor->Log(
        LogLevel::kDebug, "answered",
        {{"rpc", LogText::SafeBecause("a method of the contract", method_->rpc)},
         {"reason", LogText::SafeBecause("a name out of the contract",
                                         std::string(flow::ReasonName(reason)))},
         {"us", std::chrono::duration_cast<std::chrono::microseconds>(took).count()},
         {"trace", LogText::SafeBecause("hex digits, nothing else", TraceOf(context_))}});
  }

  ServerContext* const server_;
  const std::shared_ptr<const Method> method_;
  grpc::ServerContext context_;
  grpc::ByteBuffer request_;
  RawWriter writer_;
  std::chrono::steady_clock::time_point started_;
  std::atomic<bool> answered_{false};
  bool arrived_ = false;
};

}  // namespace

bool ServerContext::Enter(const std::function<void()>& listen_again) {
  const std::scoped_lock lock(mutex_);
  if (closed_) return false;
  listen_again();
  calls_under_way_.fetch_add(1);
  return true;
}

void ServerContext::Leave() {
  calls_under_way_.fetch_sub(1);
  calls_under_way_.notify_all();
}

void ServerContext::DrainAndClose() {
  {
    const std::scoped_lock lock(mutex_);
    closed_ = true;
  }
  for (size_t calls = calls_under_way_; calls != 0; calls = calls_under_way_) {
    calls_under_way_.wait(calls);
  }
}

void LogRequest(const ServerContext& server, std::string_view rpc,
                const google::protobuf::Message& request) {
  if (!server.monitor->Logs(LogLevel::kDebug)) return;
  server.monitor->Log(
      LogLevel::kDebug, "call",
      {{"rpc", LogText::SafeBecause("a method of the contract", std::string(rpc))},
       {"request", LogText::SafeBecause("what is of a person is left out", Redacted(request))}});
}

void ServeRaw(ServerContext* server, std::string rpc, Listen listen, RawHandler handler) {
  const auto method = std::make_shared<const Method>(
      Method{.rpc = std::move(rpc), .listen = std::move(listen), .handler = std::move(handler)});
  for (size_t i = 0; i < kPendingPerMethod; ++i) Call::Start(server, method);
}

}  // namespace ladon::rpc
