// The local certificate authority of one installation: who may speak to the core at all.
//
// Layout under one directory (mode 0700):
//   ca/cert.pem  ca/key.pem                      the authority; key 0400, keep it off the server
//   server/cert.pem  server/key.pem  server/ca.pem   what ladond is configured with
// A client identity is a directory with cert.pem, key.pem (0400) and ca.pem.
// Keys are EC P-256, signatures ECDSA with SHA-256, profile after RFC 5280: the authority has
// CA:TRUE with path length 0, a server certificate serverAuth and its names, a client certificate
// clientAuth and one URI, the principal (server/base/principal.h). No certificate holds a
// person's name. Nothing is ever overwritten. The caller gives the time.
// Threading: any thread; two writers of one directory exclude each other by file creation.
#ifndef LADON_SERVER_CLIENT_PKI_PKI_H_
#define LADON_SERVER_CLIENT_PKI_PKI_H_

#include <chrono>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/base/principal.h"

namespace ladon::pki {

inline constexpr int kAuthorityDays = 3'652;  // Ten years.
inline constexpr int kServerDays = 365;
inline constexpr int kClientDays = 365;
inline constexpr int kClientDaysMax = 825;
inline constexpr size_t kNamesMax = 32;
// Certificates begin this much earlier, for clocks that lag behind.
inline constexpr std::chrono::minutes kClockSlack{5};

struct AuthorityOptions {
  std::chrono::sys_seconds now;
  std::string name = "Ladon local authority";  // 1..64 printable ASCII characters
  std::vector<std::string> dns_names = {"localhost"};
  std::vector<std::string> ip_addresses = {"127.0.0.1", "::1"};
};

struct IssueOptions {
  std::chrono::sys_seconds now;
  int days = kClientDays;  // 1..kClientDaysMax
  // Days before `now` on which validity begins; more than `days` makes an expired certificate.
  int days_back = 0;
};

// Makes the authority and the server identity.
// InvalidArgument (a name or an address), AlreadyExists, FailedPrecondition (the file system).
[[nodiscard]] absl::Status InitAuthority(const std::string& dir, const AuthorityOptions& options);

// Makes a server identity from an authority that exists, for new names or before the old expires.
// InvalidArgument, NotFound (no authority), AlreadyExists, FailedPrecondition.
[[nodiscard]] absl::Status IssueServer(const std::string& dir, const std::string& out_dir,
                                       const AuthorityOptions& options);

// Makes a client identity in `out_dir` (0700, created).
// InvalidArgument, NotFound (no authority), AlreadyExists, FailedPrecondition.
[[nodiscard]] absl::Status Issue(const std::string& dir, const base::Principal& principal,
                                 const std::string& out_dir, const IssueOptions& options);

struct CertificateInfo {
  std::string subject;  // RFC 2253
  std::string issuer;
  std::string serial_hex;
  std::string fingerprint_sha256;  // lower-case hex of SHA-256 over the DER form
  std::vector<std::string> names;  // "URI:…", "DNS:…", "IP:…"
  bool authority = false;
  std::chrono::sys_seconds not_before;
  std::chrono::sys_seconds not_after;
};

// Reads a PEM certificate. NotFound, InvalidArgument (not a certificate).
[[nodiscard]] absl::StatusOr<CertificateInfo> Show(const std::string& certificate_path);

}  // namespace ladon::pki

#endif  // LADON_SERVER_CLIENT_PKI_PKI_H_
