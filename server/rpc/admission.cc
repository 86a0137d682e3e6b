#include "server/rpc/admission.h"

#include <grpc/grpc_security_constants.h>

#include <chrono>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "server/access/revocations.h"
#include "server/flow/commit.h"
#include "server/flow/principals.h"
#include "server/flow/refusal.h"
#include "server/rpc/limits.h"

namespace ladon::rpc {
namespace {

access::PeerIdentity PeerOf(const grpc::ServerContext& context) {
  access::PeerIdentity peer;
  peer.address = context.peer();
  const std::shared_ptr<const grpc::AuthContext> auth = context.auth_context();
  if (auth == nullptr) return peer;
  const auto pem = auth->FindPropertyValues(GRPC_X509_PEM_CERT_PROPERTY_NAME);
  if (!pem.empty()) peer.certificate_pem.assign(pem.front().data(), pem.front().size());
  return peer;
}

// A terminal must be registered, of the school in its certificate, and not blocked; a caterer must
// be one of its school; everybody else who belongs to a school must be of one that exists.
absl::Status CheckRegistered(const flow::House& house, const base::Principal& principal) {
  if (principal.school.IsZero()) return absl::OkStatus();  // Its role belongs to all schools.
  bool known = house.directory->FindSchool(principal.school).has_value();
  if (principal.role == base::Role::kTerminal) {
    const auto terminal = house.directory->FindTerminal({principal.id.bytes});
    known = known && terminal && terminal->school == principal.school &&
            terminal->state == directory::TerminalState::kActive;
  }
  if (principal.role == base::Role::kCaterer) {
    const auto caterer = house.directory->FindCaterer({principal.id.bytes});
    known = known && caterer && caterer->school == principal.school;
  }
  return known ? absl::OkStatus() : flow::Refuse(flow::Reason::kNotPermitted);
}

// By our own clock: gRPC tells the deadline by the machine's, which may have gone back since.
uint64_t DeadlineNs(const grpc::ServerContext& context, uint64_t now_ns) {
  constexpr uint64_t kNever = std::numeric_limits<uint64_t>::max();
  using std::chrono::system_clock;
  // gRPC gives the end of time for a call without one.
  if (context.deadline() == system_clock::time_point::max()) return kNever;
  const auto left =
      std::chrono::duration_cast<std::chrono::nanoseconds>(context.deadline() - system_clock::now())
          .count();
  if (left <= 0) return now_ns;
  return static_cast<uint64_t>(left) > kNever - now_ns ? kNever
                                                       : now_ns + static_cast<uint64_t>(left);
}

// The log learns what the caller does not.
void LogRefused(const ServerContext& server, const std::string& why) {
  const auto held_back = server.certificate_lines.Pass(std::chrono::steady_clock::now());
  if (!held_back) return;
  server.monitor->Log(
      LogLevel::kWarning, "certificate_refused",
      {{"reason", LogText::SafeBecause("what is wrong with a certificate; none of its names", why)},
       {"held_back", *held_back}});
}

absl::Status CheckCertificate(const ServerContext& server, const access::Caller& caller) {
  const access::Revocations* const revocations = server.house->revocations;
  const char* wrong = nullptr;
  if (server.house->now_ns() >= caller.certificate_not_after_ns) {
    wrong = "it has expired";
  } else if (revocations != nullptr && !revocations->Covers(caller)) {
    wrong = "its issuer is not in [tls] client_ca, so no list tells whether it is revoked";
  } else if (revocations != nullptr && revocations->IsRevoked(caller)) {
    wrong = "it is revoked";
  }
  if (wrong == nullptr) return absl::OkStatus();
  LogRefused(server,
             "client certificate " + access::HexOf(caller.certificate_serial) + ": " + wrong);
  return flow::Refuse(flow::Reason::kNotPermitted);
}

// Errors are ready to be answered. `heard`: not shut out for having been denied often. `caller` is
// known; the call's number is filled in, so that a refusal can be recorded under it.
absl::Status Admit(const ServerContext& server, const grpc::ServerContext& context,
                   std::string_view rpc, bool heard, access::Caller* caller) {
  // One refusal in the same words for everything that is not granted.
  const flow::House& house = *server.house;
  const bool granted = access::Authorize(*house.matrix, rpc, caller).ok();
  if (!heard || !granted) return flow::Refuse(flow::Reason::kNotPermitted);
  if (absl::Status may = CheckStillPermitted(server, *caller); !may.ok()) return may;
  const uint64_t now_ns = house.now_ns();
  caller->deadline_ns = DeadlineNs(context, now_ns);
  return caller->deadline_ns <= now_ns ? flow::Refuse(flow::Reason::kDeadlinePassed)
                                       : absl::OkStatus();
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

}  // namespace

absl::Status CheckStillPermitted(const ServerContext& server, const access::Caller& caller) {
  absl::Status may = CheckCertificate(server, caller);
  if (may.ok()) may = CheckRegistered(*server.house, caller.principal);
  if (may.ok()) may = flow::CheckPrincipal(*server.house, caller.principal, caller.uri);
  return may;
}

void AdmitCall(const ServerContext& server, const grpc::ServerContext& context,
               std::string_view rpc, grpc::ByteBuffer* request,
               const std::function<void(const CallContext&)>& work,
               std::function<void(absl::Status)> refuse) {
  absl::StatusOr<access::Caller> caller = access::IdentifyCaller(PeerOf(context));
  if (!caller.ok()) {  // It leaves no identity to record.
    LogRefused(server, std::string(caller.status().message()));
    return refuse(flow::Refuse(flow::Reason::kClientCertificateInvalid));
  }
  CallContext call{
      .house = server.house, .monitor = server.monitor, .caller = *std::move(caller), .rpc = rpc};
  access::Watch* const watch = server.house->watch;
  const bool heard = watch->MayCall(call.caller, server.house->now_ns());
  const absl::Status admitted = Admit(server, context, rpc, heard, &call.caller);
  if (admitted.ok() && server.calls_under_way() > kCallsMax) {
    return refuse(flow::Refuse(flow::Reason::kOverloaded));
  }
  if (!admitted.ok()) {
    if (heard && flow::DetailOf(admitted).reason == flow::Reason::kNotPermitted) {
      watch->Denied(call.caller, server.house->now_ns());
    }
    return flow::ReplyRefused(*server.house, call.caller, admitted, std::move(refuse));
  }
  const std::string bytes = BytesOf(*request);
  request->Clear();
  call.request_bytes = bytes;
  work(call);
}

}  // namespace ladon::rpc
