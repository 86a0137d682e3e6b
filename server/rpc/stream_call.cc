#include "server/rpc/stream_call.h"

#include <atomic>
#include <cassert>
#include <chrono>
#include <memory>

#include "server/flow/commit.h"
#include "server/rpc/admission.h"
#include "server/rpc/limits.h"
#include "server/rpc/status_map.h"

namespace ladon::rpc {
namespace {

struct Method {
  std::string rpc;
  ListenStream listen;
  StreamHandler handler;
};

using std::chrono::steady_clock;

class StreamCall final : public Event, public OpenStream {
 public:
  // Owns itself, as a unary call does.
  static void Start(ServerContext* server, std::shared_ptr<const Method> method) {
    auto* const call = new StreamCall(server, std::move(method));
    call->method_->listen(&call->context_, &call->request_, &call->writer_, server->queue, call);
  }

  void Proceed(bool ok) override {
    switch (state_) {
      case State::kWaiting:
        if (!ok || !server_->Enter([this] { Start(server_, method_); })) {
          delete this;
          return;
        }
        return Begin();
      case State::kWriting:
        writing_since_ = kNotWriting;
        // The reader is gone: there is nobody to tell, but the call must be ended.
        return ok ? AskNext() : Finish(absl::CancelledError("the reader is gone"));
      case State::kFinishing: {
        ServerContext* const server = server_;
        server->open_streams.erase(this);
        delete this;
        server->Leave();
        return;
      }
    }
  }

  void Look(steady_clock::time_point now) override {
    const steady_clock::rep since = writing_since_;
    if (since == kNotWriting) return;  // It will be asked before the next message.
    const auto waited = now.time_since_epoch() - steady_clock::duration(since);
    if (waited < std::chrono::seconds(kStalledReaderSeconds) &&
        CheckStillPermitted(*server_, caller_).ok()) {
      return;
    }
    context_.TryCancel();
  }

 private:
  static constexpr steady_clock::rep kNotWriting = 0;
  enum class State { kWaiting, kWriting, kFinishing };

  StreamCall(ServerContext* server, std::shared_ptr<const Method> method)
      : server_(server), method_(std::move(method)), writer_(&context_) {}

  void Begin() {
    started_ = std::chrono::steady_clock::now();
    AdmitCall(
        *server_, context_, method_->rpc, &request_,
        [this](const CallContext& call) {
          caller_ = call.caller;
          server_->open_streams.insert(this);
          method_->handler(call, [this](absl::StatusOr<NextMessage> opened) {
            if (!opened.ok()) return Finish(opened.status());
            next_ = *std::move(opened);
            AskNext();
          });
        },
        [this](const absl::Status& refusal) { Finish(refusal); });
  }

  void AskNext() {
    if (absl::Status refused = CheckStillPermitted(*server_, caller_); !refused.ok()) {
      return flow::ReplyRefused(*server_->house, caller_, refused,
                                [this](const absl::Status& refusal) { Finish(refusal); });
    }
    const NextMessage next = next_;  // The end of the call may come from within, and drops it.
    next([this](absl::StatusOr<std::optional<std::string>> message) {
      if (!message.ok()) return Finish(message.status());
      if (!message->has_value()) return Finish(absl::OkStatus());
      grpc::Slice slice(**message);
      state_ = State::kWriting;
      writing_since_ = steady_clock::now().time_since_epoch().count();
      writer_.Write(grpc::ByteBuffer(&slice, 1), this);
    });
  }

  void Finish(const absl::Status& status) {
    next_ = nullptr;  // What it holds is free for others.
    const bool gone = absl::IsCancelled(status);
    const flow::Reason reason =
        gone ? flow::Reason::kDeadlinePassed : flow::DetailOf(status).reason;
    server_->monitor->CallDone(method_->rpc, reason, std::chrono::steady_clock::now() - started_);
    state_ = State::kFinishing;
    if (status.ok()) {
      writer_.Finish(grpc::Status::OK, this);
      return;
    }
    if (!gone) server_->monitor->Report(method_->rpc, status);
    writer_.Finish(gone ? grpc::Status::CANCELLED : ToGrpc(status), this);
  }

  ServerContext* const server_;
  const std::shared_ptr<const Method> method_;
  grpc::ServerContext context_;
  grpc::ByteBuffer request_;
  RawStreamWriter writer_;
  std::chrono::steady_clock::time_point started_;
  // Set before the operation that it describes is begun, so the queue's thread sees it.
  State state_ = State::kWaiting;
  std::atomic<steady_clock::rep> writing_since_ = kNotWriting;
  access::Caller caller_;  // Once admitted.
  NextMessage next_;
};

}  // namespace

void ServeStream(ServerContext* server, std::string rpc, ListenStream listen,
                 StreamHandler handler) {
  const auto method = std::make_shared<const Method>(
      Method{.rpc = std::move(rpc), .listen = std::move(listen), .handler = std::move(handler)});
  for (size_t i = 0; i < kPendingStreamsPerMethod; ++i) StreamCall::Start(server, method);
}

void StreamWatch::Start() {
  const std::scoped_lock lock(mutex_);
  if (stopping_) return;
  alarm_.Set(server_->queue,
             std::chrono::system_clock::now() + std::chrono::seconds(kLookAtStreamsSeconds), this);
}

void StreamWatch::Stop() {
  const std::scoped_lock lock(mutex_);
  stopping_ = true;
  alarm_.Cancel();
}

void StreamWatch::Proceed(bool ok) {
  if (!ok) return;  // Cancelled.
  const steady_clock::time_point now = steady_clock::now();
  for (OpenStream* const stream : server_->open_streams) stream->Look(now);
  Start();
}

}  // namespace ladon::rpc
