#include "server/channels/webhook_signature.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <array>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"

namespace ladon::channels {

absl::StatusOr<std::string> ParseWebhookSecret(std::string_view text) {
  constexpr std::string_view kPrefix = "whsec_";
  if (text.starts_with(kPrefix)) text.remove_prefix(kPrefix.size());
  std::string key;
  if (!absl::Base64Unescape({text.data(), text.size()}, &key)) {
    return absl::InvalidArgumentError("a webhook's secret is whsec_ and base64 behind it");
  }
  if (key.size() < kWebhookKeyBytesMin || key.size() > kWebhookKeyBytesMax) {
    return absl::InvalidArgumentError("a webhook's secret is of 24 to 64 bytes");
  }
  return key;
}

std::string WebhookSignature(std::string_view id, int64_t seconds, std::string_view body,
                             std::string_view key) {
  std::string content(id);
  content.append(".").append(std::to_string(seconds)).append(".").append(body);
  std::array<unsigned char, EVP_MAX_MD_SIZE> mac{};
  unsigned int size = 0;
  HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
       reinterpret_cast<const unsigned char*>(content.data()), content.size(), mac.data(), &size);
  return absl::StrCat(
      "v1,", absl::Base64Escape(std::string(reinterpret_cast<const char*>(mac.data()), size)));
}

}  // namespace ladon::channels
