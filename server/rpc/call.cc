#include "server/rpc/call.h"

#include <grpc/grpc_security_constants.h>

#include <cassert>
#include <chrono>
#include <limits>
#include <vector>

#include "server/rpc/limits.h"
#include "server/rpc/status_map.h"

namespace ladon::rpc {
namespace {

access::PeerIdentity PeerOf(const grpc::ServerContext& context) {
  access::PeerIdentity peer;
  peer.address = context.peer();
  const std::shared_ptr<const grpc::AuthContext> auth = context.auth_context();
  if (auth == nullptr) return peer;
  for (const grpc::string_ref& uri : auth->FindPropertyValues(GRPC_PEER_URI_PROPERTY_NAME)) {
    peer.uris.emplace_back(uri.data(), uri.size());
  }
  const auto pem = auth->FindPropertyValues(GRPC_X509_PEM_CERT_PROPERTY_NAME);
  if (!pem.empty()) peer.certificate_pem.assign(pem.front().data(), pem.front().size());
  return peer;
}

// A terminal must be registered, of the school in its certificate, and not blocked; everybody else
// who belongs to a school must be of one that exists.
absl::Status CheckRegistered(const flow::House& house, const base::Principal& principal) {
  if (base::BelongsToAllSchools(principal.role)) return absl::OkStatus();
  bool known = house.directory->FindSchool(principal.school).has_value();
  if (principal.role == base::Role::kTerminal) {
    const auto terminal = house.directory->FindTerminal({principal.id.bytes});
    known = known && terminal && terminal->school == principal.school &&
            terminal->state == directory::TerminalState::kActive;
  }
  return known ? absl::OkStatus() : flow::Refuse(flow::Reason::kNotPermitted);
}

// Who calls and whether they may. Errors are ready to be answered; `caller` is filled as far as
// it is known, so that the refusal can be recorded.
absl::Status Admit(const flow::House& house, const grpc::ServerContext& context,
                   std::string_view rpc, access::Caller* caller) {
  absl::StatusOr<access::Caller> known = access::IdentifyCaller(PeerOf(context));
  if (!known.ok()) return flow::Refuse(flow::Reason::kClientCertificateInvalid);
  *caller = *std::move(known);
  // One refusal in the same words for everything that is not granted.
  if (!access::Authorize(rpc, caller).ok()) return flow::Refuse(flow::Reason::kNotPermitted);
  return CheckRegistered(house, caller->principal);
}

uint64_t DeadlineNs(const grpc::ServerContext& context) {
  const auto deadline = context.deadline().time_since_epoch();
  const auto ns = std::chrono::duration_cast<std::chrono::nanoseconds>(deadline).count();
  // gRPC gives the end of time for a call without one.
  return ns < 0 || context.deadline() == std::chrono::system_clock::time_point::max()
             ? std::numeric_limits<uint64_t>::max()
             : static_cast<uint64_t>(ns);
}

std::string BytesOf(const grpc::ByteBuffer& buffer) {
  std::vector<grpc::Slice> slices;
  std::string bytes;
  if (!buffer.Dump(&slices).ok()) return bytes;
  for (const grpc::Slice& slice : slices) {
    bytes.append(reinterpret_cast<const char*>(slice.begin()), slice.size());
  }
  return bytes;
}

struct Method {
  std::string rpc;
  Listen listen;
  RawHandler handler;
};

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
    CallContext call{.house = server_->house, .rpc = method_->rpc};
    absl::Status admitted = Admit(*server_->house, context_, method_->rpc, &call.caller);
    if (admitted.ok() && server_->calls_under_way() > kCallsMax) {
      return Finish(flow::Refuse(flow::Reason::kOverloaded));
    }
    call.caller.deadline_ns = DeadlineNs(context_);
    if (admitted.ok() && context_.deadline() <= std::chrono::system_clock::now()) {
      admitted = flow::Refuse(flow::Reason::kDeadlinePassed);
    }
    if (!admitted.ok()) return Refuse(call, admitted);
    const std::string bytes = BytesOf(request_);
    request_.Clear();
    call.request_bytes = bytes;
    method_->handler(call,
                     [this](absl::StatusOr<std::string> answer) { Finish(std::move(answer)); });
  }

  // A caller that is known is also recorded; a nameless one leaves no identity to record.
  void Refuse(const CallContext& call, const absl::Status& refusal) {
    if (call.caller.uri.empty()) return Finish(refusal);
    flow::ReplyRefused(*server_->house, call.caller, refusal,
                       [this](absl::Status status) { Finish(std::move(status)); });
  }

  void Finish(absl::StatusOr<std::string> answer) {
    const bool first = !answered_.exchange(true);
    assert(first);
    static_cast<void>(first);
    const flow::Reason reason = flow::DetailOf(answer.status()).reason;
    server_->monitor->CallDone(method_->rpc, reason, std::chrono::steady_clock::now() - started_);
    if (!answer.ok()) {
      server_->monitor->Report(method_->rpc, answer.status());
      writer_.FinishWithError(ToGrpc(answer.status()), this);
      return;
    }
    grpc::Slice slice(*answer);
    writer_.Finish(grpc::ByteBuffer(&slice, 1), grpc::Status::OK, this);
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

void ServeRaw(ServerContext* server, std::string rpc, Listen listen, RawHandler handler) {
  const auto method = std::make_shared<const Method>(
      Method{.rpc = std::move(rpc), .listen = std::move(listen), .handler = std::move(handler)});
  for (size_t i = 0; i < kPendingPerMethod; ++i) Call::Start(server, method);
}

}  // namespace ladon::rpc
