#include "server/access/certificate.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <ctime>
#include <limits>
#include <memory>
#include <optional>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "absl/strings/str_cat.h"
#include "server/access/x509.h"
#include "server/base/deleter.h"
#include "server/base/id.h"

namespace ladon::access {
namespace {

absl::Status Refused(const std::string& what) {
  return absl::UnauthenticatedError(what);
}

const char* KindOf(int type) {
  switch (type) {
    case GEN_DNS:
      return "a DNS name";
    case GEN_IPADD:
      return "an IP address";
    case GEN_EMAIL:
      return "an e-mail address";
    default:
      return "a name of another kind";
  }
}

// The one URI among the certificate's alternative names.
absl::StatusOr<std::string> UriOf(const X509* certificate) {
  const std::unique_ptr<GENERAL_NAMES, base::Deleter<GENERAL_NAMES_free>> names(
      static_cast<GENERAL_NAMES*>(
          X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr)));
  if (names == nullptr) return Refused("it has no alternative name, or one that cannot be read");
  std::optional<std::string> uri;
  for (int i = 0; i < sk_GENERAL_NAME_num(names.get()); ++i) {
    const GENERAL_NAME* const name = sk_GENERAL_NAME_value(names.get(), i);
    if (name->type != GEN_URI) {
      return Refused(absl::StrCat("beside the principal it names ", KindOf(name->type)));
    }
    if (uri.has_value()) return Refused("it names more than one URI");
    const ASN1_IA5STRING* const text = name->d.uniformResourceIdentifier;
    uri.emplace(reinterpret_cast<const char*>(ASN1_STRING_get0_data(text)),
                static_cast<size_t>(ASN1_STRING_length(text)));
  }
  if (!uri.has_value()) return Refused("it has no alternative name");
  return *std::move(uri);
}

absl::Status CheckPurpose(X509* certificate) {
  const uint32_t flags = X509_get_extension_flags(certificate);
  if ((flags & EXFLAG_INVALID) != 0) return Refused("one of its extensions cannot be read");
  if ((flags & EXFLAG_CA) != 0 || X509_check_ca(certificate) != 0) {
    return Refused("it is an authority's: issue one that may not sign others");
  }
  if ((flags & EXFLAG_XKUSAGE) == 0) {
    return Refused("it has no extended key usage: issue one with clientAuth");
  }
  if ((X509_get_extended_key_usage(certificate) & XKU_SSL_CLIENT) == 0) {
    return Refused("its extended key usage is without clientAuth");
  }
  return absl::OkStatus();
}

absl::Status CheckKey(const X509* certificate) {
  EVP_PKEY* const key = X509_get0_pubkey(certificate);
  if (key == nullptr) return Refused("its key cannot be read, or is of no kind we know");
  const int bits = EVP_PKEY_get_bits(key);
  int bits_min = 0;
  switch (EVP_PKEY_get_base_id(key)) {
    case EVP_PKEY_ED25519:
    case EVP_PKEY_ED448:
      return absl::OkStatus();
    case EVP_PKEY_RSA:
    case EVP_PKEY_RSA_PSS:
      bits_min = kRsaBitsMin;
      break;
    case EVP_PKEY_EC:
      bits_min = kEcBitsMin;
      break;
    default:
      return Refused("its key is neither RSA nor EC, Ed25519 or Ed448");
  }
  if (bits >= bits_min) return absl::OkStatus();
  return Refused(absl::StrCat("its key has ", bits, " bits: ", bits_min, " are the least"));
}

// 0: it cannot be read.
uint64_t NotAfterNs(const X509* certificate) {
  tm parts = {};
  if (ASN1_TIME_to_tm(X509_get0_notAfter(certificate), &parts) != 1) return 0;
  const time_t seconds = timegm(&parts);
  constexpr uint64_t kSecondNs = 1'000'000'000;
  constexpr uint64_t kMost = std::numeric_limits<uint64_t>::max();
  if (seconds < 0) return 0;
  return static_cast<uint64_t>(seconds) > kMost / kSecondNs
             ? kMost
             : static_cast<uint64_t>(seconds) * kSecondNs;
}

absl::StatusOr<PeerCertificate> Judge(X509* certificate, const Serial& serial) {
  if (const auto weak = WeakDigestOf(certificate); weak.has_value()) {
    return Refused(absl::StrCat("it is signed with ", *weak, ": sign with SHA-256 or better"));
  }
  if (absl::Status s = CheckPurpose(certificate); !s.ok()) return s;
  if (absl::Status s = CheckKey(certificate); !s.ok()) return s;
  const absl::StatusOr<std::string> uri = UriOf(certificate);
  if (!uri.ok()) return uri.status();
  const absl::StatusOr<base::Principal> principal = base::ParsePrincipal(*uri);
  if (!principal.ok()) return Refused(std::string(principal.status().message()));
  return PeerCertificate{.principal = *principal,
                         .serial = serial,
                         .issuer = DigestOf(X509_get_issuer_name(certificate)),
                         .not_after_ns = NotAfterNs(certificate)};
}

absl::StatusOr<PeerCertificate> Read(const std::string& pem) {
  const std::vector<Certificate> certificates = CertificatesOf(pem);
  if (certificates.empty()) return Refused("client certificate: it cannot be read");
  X509* const certificate = certificates.front().get();
  const std::optional<Serial> serial = SerialOf(X509_get0_serialNumber(certificate));
  if (!serial) {
    return Refused("client certificate: its serial number is negative or longer than 20 octets");
  }
  absl::StatusOr<PeerCertificate> judged = Judge(certificate, *serial);
  ERR_clear_error();  // This thread's queue of errors is also that of its TLS connections.
  if (judged.ok()) return judged;
  return Refused(
      absl::StrCat("client certificate ", HexOf(*serial), ": ", judged.status().message()));
}

}  // namespace

absl::StatusOr<PeerCertificate> ReadPeerCertificate(const std::string& pem) {
  // TLS has verified the chain, so there are as many as were issued.
  constexpr size_t kKnownMax = 1'024;
  thread_local std::unordered_map<std::string, absl::StatusOr<PeerCertificate>> known;
  if (const auto it = known.find(pem); it != known.end()) return it->second;
  absl::StatusOr<PeerCertificate> read = Read(pem);
  if (known.size() == kKnownMax) known.clear();
  known.emplace(pem, read);
  return read;
}

std::string HexOf(const Serial& serial) {
  const auto first = std::find_if(serial.begin(), serial.end() - 1, [](uint8_t b) { return b; });
  return base::HexOf(std::string(first, serial.end()));
}

}  // namespace ladon::access
