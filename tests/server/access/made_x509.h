// Authorities, certificates and revocation lists for tests, made with OpenSSL: good ones, and ones
// that no authority of ours would make. Threading: one test, one thread.
#ifndef LADON_TESTS_SERVER_ACCESS_MADE_X509_H_
#define LADON_TESTS_SERVER_ACCESS_MADE_X509_H_

#include <openssl/evp.h>
#include <openssl/x509.h>

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "server/access/x509.h"

namespace ladon::access {

inline constexpr std::chrono::sys_seconds kNow =
    std::chrono::sys_days(std::chrono::year(2030) / 9 / 1);

struct FreeKey {
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
};
using Key = std::unique_ptr<EVP_PKEY, FreeKey>;

// "P-256", "P-224", "RSA-1024", "RSA-2048", "ED25519".
[[nodiscard]] Key MakeKey(const std::string& kind);

struct MadeAuthority {
  Key key;
  Certificate certificate;

  [[nodiscard]] std::string Pem() const;
};

struct CertificateShape {
  std::string subject = "made";
  std::string serial_hex = "0A0B";  // May begin with "-".
  // Extensions in OpenSSL's words; empty: left out.
  std::string names;  // "URI:ladon://...,DNS:till.example"
  std::string extended_key_usage = "clientAuth";
  std::string basic_constraints = "critical,CA:FALSE";
  std::string key_usage = "critical,digitalSignature";
  std::string key = "P-256";
  const EVP_MD* digest = EVP_sha256();  // nullptr: as Ed25519 wants it.
  int pss_padding = 0;                  // RSA_PKCS1_PSS_PADDING: with an RSA authority.
};

// Self-signed without an issuer.
[[nodiscard]] MadeAuthority MakeAuthority(const std::string& name,
                                          const MadeAuthority* issuer = nullptr,
                                          const std::string& key = "P-256",
                                          const std::string& serial_hex = "01",
                                          const std::string& key_usage = "keyCertSign,cRLSign");
[[nodiscard]] std::string MakeCertificate(const CertificateShape& shape,
                                          const MadeAuthority& issuer);

struct ListShape {
  std::optional<uint64_t> number = 1;
  std::vector<std::string> serials_hex;
  std::chrono::sys_seconds this_update = kNow;
  std::optional<std::chrono::sys_seconds> next_update = kNow + std::chrono::days(30);
  const EVP_MD* digest = EVP_sha256();
  int pss_padding = 0;
  // Further extensions of the list, and of each entry: what, and in OpenSSL's words.
  std::vector<std::pair<int, std::string>> extensions;
  std::vector<std::pair<int, std::string>> entry_extensions;
};

[[nodiscard]] std::string MakeList(const ListShape& shape, const MadeAuthority& issuer);

}  // namespace ladon::access

#endif  // LADON_TESTS_SERVER_ACCESS_MADE_X509_H_
