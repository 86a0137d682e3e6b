#include "server/access/caller.h"

#include <openssl/asn1.h>
#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <unordered_map>

namespace ladon::access {
namespace {

constexpr size_t kPeerBytesMax = 64;

struct FreeOpenSsl {
  void operator()(BIO* bio) const { BIO_free(bio); }
  void operator()(X509* certificate) const { X509_free(certificate); }
  void operator()(BIGNUM* number) const { BN_free(number); }
};

std::optional<std::array<uint8_t, 20>> SerialOf(const std::string& pem) {
  const std::unique_ptr<BIO, FreeOpenSsl> bio(
      BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  if (bio == nullptr) return std::nullopt;
  const std::unique_ptr<X509, FreeOpenSsl> certificate(
      PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr));
  if (certificate == nullptr) {
    ERR_clear_error();  // This thread's queue of errors is also that of its TLS connections.
    return std::nullopt;
  }
  const std::unique_ptr<BIGNUM, FreeOpenSsl> number(
      ASN1_INTEGER_to_BN(X509_get0_serialNumber(certificate.get()), nullptr));
  std::array<uint8_t, 20> serial{};  // RFC 5280 section 4.1.2.2: at most 20 octets.
  if (number == nullptr || BN_is_negative(number.get()) ||
      BN_bn2binpad(number.get(), serial.data(), static_cast<int>(serial.size())) < 0) {
    return std::nullopt;
  }
  return serial;
}

// The same, remembered: a till calls with one certificate all day, and parsing it costs more than
// the rest of its admission. TLS has verified the certificate, so there are as many as were issued.
std::optional<std::array<uint8_t, 20>> KnownSerialOf(const std::string& pem) {
  constexpr size_t kKnownMax = 1'024;
  thread_local std::unordered_map<std::string, std::array<uint8_t, 20>> known;
  if (const auto it = known.find(pem); it != known.end()) return it->second;
  const std::optional<std::array<uint8_t, 20>> serial = SerialOf(pem);
  if (!serial) return std::nullopt;
  if (known.size() == kKnownMax) known.clear();
  known.emplace(pem, *serial);
  return serial;
}

std::string PrintableAddress(std::string_view address) {
  std::string text(address.substr(0, kPeerBytesMax));
  std::replace_if(
      text.begin(), text.end(), [](char c) { return c < 0x21 || c > 0x7E; }, '?');
  return text;
}

}  // namespace

absl::StatusOr<Caller> IdentifyCaller(const PeerIdentity& peer) {
  if (peer.uris.size() != 1) {
    return absl::UnauthenticatedError("the client certificate must name exactly one principal");
  }
  absl::StatusOr<base::Principal> principal = base::ParsePrincipal(peer.uris.front());
  if (!principal.ok()) {
    return absl::UnauthenticatedError("the client certificate names no principal of Ladon");
  }
  const std::optional<std::array<uint8_t, 20>> serial = KnownSerialOf(peer.certificate_pem);
  if (!serial) return absl::UnauthenticatedError("the client certificate has no usable serial");
  Caller caller;
  caller.principal = *principal;
  caller.uri = base::FormatPrincipal(*principal);
  caller.certificate_serial = *serial;
  caller.peer = PrintableAddress(peer.address);
  return caller;
}

absl::Status Authorize(const Matrix& matrix, std::string_view rpc, Caller* caller) {
  const Rule* const rule = matrix.Find(rpc);
  const Grant* const grant =
      rule == nullptr ? nullptr : FindGrant(rule->grants, caller->principal.role);
  if (rule != nullptr) caller->event = rule->event;
  if (grant == nullptr) return absl::PermissionDeniedError("not permitted");
  caller->scope = grant->scope;
  return absl::OkStatus();
}

}  // namespace ladon::access
