// What proves to a listener that an event comes from us: the Standard Webhooks specification,
// symmetric signatures ("v1"). HMAC-SHA256 over id, time and body, each apart by a full stop.
// Threading: pure functions.
#ifndef LADON_SERVER_CHANNELS_WEBHOOK_SIGNATURE_H_
#define LADON_SERVER_CHANNELS_WEBHOOK_SIGNATURE_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace ladon::channels {

inline constexpr size_t kWebhookKeyBytesMin = 24;
inline constexpr size_t kWebhookKeyBytesMax = 64;

// The key that "whsec_<base64>" stands for; the prefix may be missing. InvalidArgument: no base64,
// or not 24 to 64 bytes of it.
[[nodiscard]] absl::StatusOr<std::string> ParseWebhookSecret(std::string_view text);
// The header "webhook-signature"; `seconds` since 1970, as the header "webhook-timestamp" has them.
[[nodiscard]] std::string WebhookSignature(std::string_view id, int64_t seconds,
                                           std::string_view body, std::string_view key);

}  // namespace ladon::channels

#endif  // LADON_SERVER_CHANNELS_WEBHOOK_SIGNATURE_H_
