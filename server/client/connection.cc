#include "server/client/connection.h"

#include <fcntl.h>
#include <grpcpp/grpcpp.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <string_view>
#include <system_error>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "server/base/descriptor.h"
#include "server/base/secret.h"

namespace ladon::client {
namespace {

constexpr size_t kPemBytesMax = size_t{64} * 1024;
constexpr int kReconnectFirstMs = 100;
constexpr int kReconnectMaxMs = 500;
// gRPC bounds one attempt, TCP and TLS together, by its "minimum backoff"; a busy server needs
// time.
constexpr int kConnectTimeoutMs = 10'000;
constexpr std::string_view kReasonPrefix = "ERROR_REASON_";

std::string Reason(int error) {
  return std::generic_category().message(error);
}

enum class Openness { kPublic, kOwnerOnly };

absl::StatusOr<std::string> ReadPem(const std::string& path, Openness openness) {
  const int fd = open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  if (fd < 0 && errno == ENOENT) {
    return absl::NotFoundError(absl::StrCat(
        path, ": missing; an identity holds cert.pem, key.pem, ca.pem: see ladonctl pki issue"));
  }
  if (fd < 0) return absl::FailedPreconditionError(absl::StrCat(path, ": ", Reason(errno)));
  const base::Descriptor closer(fd);
  struct stat info {};
  if (fstat(fd, &info) != 0 || !S_ISREG(info.st_mode)) {
    return absl::FailedPreconditionError(absl::StrCat(path, ": not a regular file"));
  }
  if (openness == Openness::kOwnerOnly && (info.st_mode & 077) != 0) {
    return absl::FailedPreconditionError(
        absl::StrCat(path, ": the private key is open to group or others; run: chmod 0400 ", path));
  }
  if (info.st_size <= 0 || static_cast<size_t>(info.st_size) > kPemBytesMax) {
    return absl::FailedPreconditionError(
        absl::StrCat(path, ": empty or larger than ", kPemBytesMax, " bytes; not a PEM file"));
  }
  std::string text(static_cast<size_t>(info.st_size), '\0');
  size_t size = 0;
  while (size < text.size()) {
    const ssize_t n = read(fd, text.data() + size, text.size() - size);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return absl::FailedPreconditionError(absl::StrCat(path, ": cannot be read"));
    size += static_cast<size_t>(n);
  }
  if (text.find("-----BEGIN ") == std::string::npos) {
    base::Wipe(text.data(), text.size());
    return absl::FailedPreconditionError(absl::StrCat(path, ": not a PEM file"));
  }
  return text;
}

const char* NetworkKey(grpc::StatusCode code) {
  if (code == grpc::StatusCode::UNAVAILABLE) return "network.unavailable";
  if (code == grpc::StatusCode::DEADLINE_EXCEEDED) return "network.deadline";
  return "network.other";
}

}  // namespace

absl::StatusOr<ChannelPtr> Connect(const ConnectionOptions& options) {
  if (options.server.empty()) {
    return absl::FailedPreconditionError("no server given: use host:port");
  }
  if (options.identity.empty()) {
    return absl::FailedPreconditionError(
        "no identity given: name a directory with cert.pem, key.pem and ca.pem");
  }
  const absl::StatusOr<std::string> ca =
      ReadPem(absl::StrCat(options.identity, "/ca.pem"), Openness::kPublic);
  if (!ca.ok()) return ca.status();
  const absl::StatusOr<std::string> certificate =
      ReadPem(absl::StrCat(options.identity, "/cert.pem"), Openness::kPublic);
  if (!certificate.ok()) return certificate.status();
  absl::StatusOr<std::string> key =
      ReadPem(absl::StrCat(options.identity, "/key.pem"), Openness::kOwnerOnly);
  if (!key.ok()) return key.status();

  grpc::SslCredentialsOptions tls;
  tls.pem_root_certs = *ca;
  tls.pem_cert_chain = *certificate;
  tls.pem_private_key = *key;
  grpc::ChannelArguments arguments;
  if (!options.server_name.empty()) arguments.SetSslTargetNameOverride(options.server_name);
  // A server that restarts is found again at once, not after gRPC's minutes of patience.
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, kReconnectFirstMs);
  arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, kConnectTimeoutMs);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, kReconnectMaxMs);
  // The path of a payment is what the operator configured, never a proxy from the environment.
  arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  // One Connect, one TCP connection: several tills in one process do not share a socket.
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  ChannelPtr channel =
      grpc::CreateCustomChannel(options.server, grpc::SslCredentials(tls), arguments);
  base::Wipe(key->data(), key->size());
  base::Wipe(tls.pem_private_key.data(), tls.pem_private_key.size());
  return channel;
}

absl::StatusOr<ChannelPtr> ConnectAndWait(const ConnectionOptions& options) {
  absl::StatusOr<ChannelPtr> channel = Connect(options);
  if (!channel.ok()) return channel;
  if (!(*channel)->WaitForConnected(std::chrono::system_clock::now() + kCallTimeout)) {
    return absl::UnavailableError(
        absl::StrCat(options.server, ": no connection as ", options.identity));
  }
  return channel;
}

v1::ErrorDetail DetailOf(const grpc::Status& status) {
  v1::RpcStatus rich;
  v1::ErrorDetail detail;
  if (!rich.ParseFromString(status.error_details())) return detail;
  for (const google::protobuf::Any& any : rich.details()) {
    if (any.Is<v1::ErrorDetail>() && any.UnpackTo(&detail)) return detail;
  }
  return v1::ErrorDetail();
}

std::string Explain(const grpc::Status& status, base::Language language) {
  const v1::ErrorDetail detail = DetailOf(status);
  if (detail.reason() == v1::ERROR_REASON_UNSPECIFIED) {
    return base::Text(NetworkKey(status.error_code()), language,
                      {std::to_string(status.error_code())});
  }
  // A newer server may name a reason that this build does not know: then its own words serve.
  std::string sentence =
      language == base::Language::kRussian ? detail.message_ru() : detail.message_en();
  const std::string& name = v1::ErrorReason_Name(detail.reason());
  if (name.size() > kReasonPrefix.size() && base::HasText(name.substr(kReasonPrefix.size()))) {
    sentence = base::Text(name.substr(kReasonPrefix.size()), language, {detail.field()});
  }
  if (sentence.empty()) {
    sentence = base::Text("network.other", language, {std::to_string(detail.reason())});
  }
  // The number of an approval stands in its sentence.
  const bool said = detail.reason() == v1::ERROR_REASON_APPROVAL_NEEDED;
  if (detail.field().empty() || said) return sentence;
  return base::Text("refusal.with_field", language, {sentence, detail.field()});
}

}  // namespace ladon::client
