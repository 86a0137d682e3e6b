// The local certificate authority of one installation: who may speak to the core at all.
//
// Layout under one directory (mode 0700):
//   ca/cert.pem  ca/key.pem                      the authority; key 0400, keep it off the server
//   ca/crl.pem                                   what is revoked: the server's [tls] crl
//   issued                                       what was issued and revoked (issued.h)
//   server/cert.pem  server/key.pem  server/ca.pem   what ladond is configured with
// A client identity is a directory with cert.pem, key.pem (0400) and ca.pem.
// Keys are EC P-256, signatures ECDSA with SHA-256, profile after RFC 5280: the authority has
// CA:TRUE with path length 0, a server certificate serverAuth and its names, a client certificate
// clientAuth and one URI, the principal (server/base/principal.h). No certificate holds a
// person's name; a personnel number may stand in the subject before the role, and whoever has it
// gets no two certificates whose roles must be apart (server/base/roles_apart.h). No certificate
// and no key is ever overwritten. The caller gives the time. Threading: any thread; writers of one
// directory wait for each other.
#ifndef LADON_SERVER_CLIENT_PKI_PKI_H_
#define LADON_SERVER_CLIENT_PKI_PKI_H_

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/base/principal.h"
#include "server/client/pki/issued.h"

namespace ladon::pki {

inline constexpr int kAuthorityDays = 3'652;  // Ten years.
inline constexpr int kServerDays = 365;
inline constexpr int kClientDays = 365;
inline constexpr int kClientDaysMax = 825;
// How long a revocation list is good; then the server says that the next is missing.
inline constexpr int kRevocationListDays = 30;
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
  std::string holder;  // Personnel number; empty: nobody in particular.
};

// Makes the authority, the server identity and a revocation list with nothing in it.
// InvalidArgument (a name or an address), AlreadyExists, FailedPrecondition (the file system).
[[nodiscard]] absl::Status InitAuthority(const std::string& dir, const AuthorityOptions& options);

// Makes a server identity from an authority that exists, for new names or before the old expires.
// InvalidArgument, NotFound (no authority), AlreadyExists, FailedPrecondition.
[[nodiscard]] absl::Status IssueServer(const std::string& dir, const std::string& out_dir,
                                       const AuthorityOptions& options);

// Makes a client identity in `out_dir` (0700, created). InvalidArgument, NotFound (no authority),
// AlreadyExists, FailedPrecondition (the file system; the holder has a certificate in force whose
// role must be apart from this one).
[[nodiscard]] absl::Status Issue(const std::string& dir, const base::Principal& principal,
                                 const std::string& out_dir, const IssueOptions& options);

struct RotateOptions {
  std::chrono::sys_seconds now;
  int days = kClientDays;
  bool revoke_old = false;  // As superseded; otherwise the old one stays good until it is revoked.
};

struct Rotated {
  Issued made;
  Issued old;
};

// Makes another identity in `out_dir` for the principal and the holder of the one in
// `identity_dir`: a new key, a new certificate. InvalidArgument: not a client's certificate of this
// authority. FailedPrecondition: it is revoked; otherwise as Issue().
[[nodiscard]] absl::StatusOr<Rotated> Rotate(const std::string& dir,
                                             const std::string& identity_dir,
                                             const std::string& out_dir,
                                             const RotateOptions& options);

struct RevocationListInfo {
  std::string path;
  uint64_t number = 0;
  size_t revoked = 0;
  std::chrono::sys_seconds next_update;
};

struct Revoked {
  Issued issued;
  bool before = false;  // It was revoked already, and its date and reason stay what they were.
  RevocationListInfo list;
};

// Marks the certificate in the index and writes the list anew. Both name it: a serial number as
// people and tools write it, or a PEM file. InvalidArgument: no number, or a certificate that this
// authority did not sign. NotFound: no authority, no such file; no such number in the index.
// FailedPrecondition: the file system; if the list could not be written, WriteRevocationList()
// does.
[[nodiscard]] absl::StatusOr<Revoked> RevokeSerial(const std::string& dir,
                                                   const std::string& serial,
                                                   const Revocation& revocation);
[[nodiscard]] absl::StatusOr<Revoked> RevokeCertificate(const std::string& dir,
                                                        const std::string& certificate_path,
                                                        const Revocation& revocation);

// The list of what is revoked, under the next number, good for kRevocationListDays. NotFound (no
// authority), FailedPrecondition.
[[nodiscard]] absl::StatusOr<RevocationListInfo> WriteRevocationList(const std::string& dir,
                                                                     std::chrono::sys_seconds now);

// What was issued, in that order. NotFound (no authority), FailedPrecondition.
[[nodiscard]] absl::StatusOr<std::vector<Issued>> ListIssued(const std::string& dir);

struct CertificateInfo {
  std::string subject;  // RFC 2253
  std::string holder;   // Personnel number; empty: none.
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
