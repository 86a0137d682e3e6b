// X.509 through OpenSSL 3: making and reading single certificates. With revocation_list.h the only
// file of the client side that speaks OpenSSL's dialect.
//
// Threading: pure functions but for OpenSSL's random generator.
#ifndef LADON_SERVER_CLIENT_PKI_CERTIFICATE_H_
#define LADON_SERVER_CLIENT_PKI_CERTIFICATE_H_

#include <openssl/evp.h>
#include <openssl/x509.h>

#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/client/pki/pki.h"

namespace ladon::pki {

struct KeyFree {
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
};
struct CertificateFree {
  void operator()(X509* certificate) const { X509_free(certificate); }
};
using Key = std::unique_ptr<EVP_PKEY, KeyFree>;
using Certificate = std::unique_ptr<X509, CertificateFree>;

struct Profile {
  std::string common_name;
  std::string basic_constraints;  // OpenSSL's extension syntax, fixed by us
  std::string key_usage;
  std::string extended_key_usage;  // empty: none
  std::string uri;                 // empty: none
  std::vector<std::string> dns_names;
  std::vector<std::string> ip_addresses;
  std::chrono::sys_seconds not_before;
  std::chrono::sys_seconds not_after;
};

struct Issuer {
  X509* certificate = nullptr;
  EVP_PKEY* key = nullptr;
};

// Internal, with OpenSSL's own words about `what`; its queue of errors is empty afterwards.
[[nodiscard]] absl::Status Failed(const char* what);

// Internal: OpenSSL failed.
[[nodiscard]] absl::StatusOr<Key> MakeKey();
// With an empty issuer the certificate signs itself. InvalidArgument: a name or an address.
[[nodiscard]] absl::StatusOr<Certificate> MakeCertificate(const Profile& profile, EVP_PKEY* subject,
                                                          const Issuer& issuer);
[[nodiscard]] absl::StatusOr<std::string> PemOf(X509* certificate);
// The private key in PKCS#8; the caller wipes it.
[[nodiscard]] absl::StatusOr<std::string> PemOf(EVP_PKEY* key);
// InvalidArgument: not PEM, not a certificate, not a key.
[[nodiscard]] absl::StatusOr<Certificate> CertificateOfPem(std::string_view pem);
[[nodiscard]] absl::StatusOr<Key> KeyOfPem(std::string_view pem);
[[nodiscard]] absl::StatusOr<CertificateInfo> InfoOf(X509* certificate);

}  // namespace ladon::pki

#endif  // LADON_SERVER_CLIENT_PKI_CERTIFICATE_H_
