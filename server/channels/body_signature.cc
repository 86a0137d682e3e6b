#include "server/channels/body_signature.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <array>

#include "absl/strings/ascii.h"
#include "server/base/id.h"

namespace ladon::channels {

std::string BodySignature(std::string_view body, std::string_view token) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> mac{};
  unsigned int size = 0;
  HMAC(EVP_sha256(), token.data(), static_cast<int>(token.size()),
       reinterpret_cast<const unsigned char*>(body.data()), body.size(), mac.data(), &size);
  return base::HexOf(std::string(reinterpret_cast<const char*>(mac.data()), size));
}

absl::Status CheckBody(std::string_view body, std::string_view signature, std::string_view token) {
  const std::string due = BodySignature(body, token);
  const std::string given = absl::AsciiStrToLower(std::string(signature));
  if (given.size() != due.size() || CRYPTO_memcmp(given.data(), due.data(), due.size()) != 0) {
    return absl::UnauthenticatedError("webhook: its signature is not that of its body");
  }
  return absl::OkStatus();
}

}  // namespace ladon::channels
