// A mutually authenticated channel to ladond, and its refusals made readable.
//
// An identity is a directory with cert.pem, key.pem (mode 0400 or 0600) and ca.pem, as
// `ladonctl pki` makes it. There is no insecure channel. Threading: as grpc::Channel.
#ifndef LADON_SERVER_CLIENT_CONNECTION_H_
#define LADON_SERVER_CLIENT_CONNECTION_H_

#include <grpcpp/support/status.h>

#include <string>

#include "absl/status/statusor.h"
#include "ladon/v1/errors.pb.h"
#include "server/base/messages.h"
#include "server/client/call.h"

namespace ladon::client {

struct ConnectionOptions {
  std::string server;    // host:port
  std::string identity;  // directory
  // Name to expect in the server's certificate; empty = the host part of `server`.
  std::string server_name;
};

// FailedPrecondition / NotFound, saying which file is missing or too open, and what to do.
[[nodiscard]] absl::StatusOr<ChannelPtr> Connect(const ConnectionOptions& options);

// Connect, and the handshake done, so that no call pays for it. Also Unavailable: none within
// kCallTimeout.
[[nodiscard]] absl::StatusOr<ChannelPtr> ConnectAndWait(const ConnectionOptions& options);

// The typed detail of a refusal; reason UNSPECIFIED when the server sent none (network trouble).
[[nodiscard]] v1::ErrorDetail DetailOf(const grpc::Status& status);
// One sentence for a person: the catalogue's text, the field when there is one.
[[nodiscard]] std::string Explain(const grpc::Status& status, base::Language language);
}  // namespace ladon::client

#endif  // LADON_SERVER_CLIENT_CONNECTION_H_
