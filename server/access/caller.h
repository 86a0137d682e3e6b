// The caller of one RPC, as its certificate and connection tell. Threading: plain values.
#ifndef LADON_SERVER_ACCESS_CALLER_H_
#define LADON_SERVER_ACCESS_CALLER_H_

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "server/access/certificate.h"
#include "server/access/matrix.h"
#include "server/base/principal.h"

namespace ladon::access {

struct Caller {
  base::Principal principal;
  std::string uri;  // The principal's canonical text; part of every operation key.
  Serial certificate_serial{};
  NameDigest certificate_issuer{};
  uint64_t certificate_not_after_ns = std::numeric_limits<uint64_t>::max();
  std::string peer;                 // Address text, at most 64 printable characters.
  Scope scope = Scope::kOwnSchool;  // What the matrix granted for this call.
  // Since 1970-01-01 UTC; work that has not begun by then is not begun. Most calls set none.
  uint64_t deadline_ns = std::numeric_limits<uint64_t>::max();
  uint16_t event = 0;  // The call's number in the security log.

  // True when the matrix lets this caller act for `school`.
  [[nodiscard]] bool MayActFor(const base::SchoolId& school) const {
    const bool all = scope == Scope::kAllSchools && principal.school.IsZero();
    return all || principal.school == school;
  }
};

// What the transport knows of the peer: values that TLS has verified.
struct PeerIdentity {
  std::string certificate_pem;
  std::string address;  // "ipv4:127.0.0.1:40000"
};

// Unauthenticated, in a sentence for the log: see ReadPeerCertificate().
[[nodiscard]] absl::StatusOr<Caller> IdentifyCaller(const PeerIdentity& peer);

// PermissionDenied, always in the same words: no such call, or not for this role.
[[nodiscard]] absl::Status Authorize(const Matrix& matrix, std::string_view rpc, Caller* caller);

}  // namespace ladon::access

#endif  // LADON_SERVER_ACCESS_CALLER_H_
