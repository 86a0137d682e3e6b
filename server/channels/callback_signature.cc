#include "server/channels/callback_signature.h"

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <array>
#include <memory>
#include <optional>

#include "absl/strings/ascii.h"
#include "server/base/deleter.h"
#include "server/base/id.h"

namespace ladon::channels {
namespace {

using base::Deleter;

constexpr std::string_view kChecksum = "checksum";
constexpr std::string_view kAlias = "sign_alias";

absl::Status Refused(const char* why) {
  return absl::UnauthenticatedError(why);
}

}  // namespace

std::string SignedText(const Parameters& parameters) {
  std::string text;
  for (const auto& [name, value] : parameters) {  // A map's order is that of the bytes.
    if (name == kChecksum || name == kAlias) continue;
    text.append(name).append(";").append(value).append(";");
  }
  return text;
}

std::string HmacChecksum(const Parameters& parameters, std::string_view token) {
  const std::string text = SignedText(parameters);
  std::array<unsigned char, EVP_MAX_MD_SIZE> mac{};
  unsigned int size = 0;
  HMAC(EVP_sha256(), token.data(), static_cast<int>(token.size()),
       reinterpret_cast<const unsigned char*>(text.data()), text.size(), mac.data(), &size);
  return absl::AsciiStrToUpper(
      base::HexOf(std::string(reinterpret_cast<const char*>(mac.data()), size)));
}

absl::Status CheckHmac(const Parameters& parameters, std::string_view token) {
  const auto told = parameters.find(kChecksum);
  if (told == parameters.end()) return Refused("callback: it has no checksum");
  const std::string due = HmacChecksum(parameters, token);
  const std::string given = absl::AsciiStrToUpper(told->second);
  if (given.size() != due.size() || CRYPTO_memcmp(given.data(), due.data(), due.size()) != 0) {
    return Refused("callback: its checksum is not that of its parameters");
  }
  return absl::OkStatus();
}

absl::Status CheckRsa(const Parameters& parameters, const std::string& certificate_pem) {
  const std::unique_ptr<BIO, Deleter<BIO_free_all>> bio(
      BIO_new_mem_buf(certificate_pem.data(), static_cast<int>(certificate_pem.size())));
  const std::unique_ptr<X509, Deleter<X509_free>> certificate(
      bio == nullptr ? nullptr : PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr));
  EVP_PKEY* const key = certificate == nullptr ? nullptr : X509_get0_pubkey(certificate.get());
  ERR_clear_error();
  if (key == nullptr || EVP_PKEY_get_base_id(key) != EVP_PKEY_RSA) {
    return absl::InvalidArgumentError("callback: the bank's certificate has no RSA key");
  }
  const auto told = parameters.find(kChecksum);
  if (told == parameters.end()) return Refused("callback: it has no signature");
  const std::optional<std::string> signature =
      base::BytesOfHex(absl::AsciiStrToLower(told->second));
  if (!signature) return Refused("callback: its signature is not in hex");
  const std::string text = SignedText(parameters);
  const std::unique_ptr<EVP_MD_CTX, Deleter<EVP_MD_CTX_free>> context(EVP_MD_CTX_new());
  const bool good =
      context != nullptr &&
      EVP_DigestVerifyInit(context.get(), nullptr, EVP_sha512(), nullptr, key) == 1 &&
      EVP_DigestVerify(context.get(), reinterpret_cast<const unsigned char*>(signature->data()),
                       signature->size(), reinterpret_cast<const unsigned char*>(text.data()),
                       text.size()) == 1;
  ERR_clear_error();
  return good ? absl::OkStatus() : Refused("callback: its signature is not the bank's");
}

}  // namespace ladon::channels
