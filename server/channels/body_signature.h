// What proves that a webhook came from the bank: HMAC-SHA256 over the body as it came, with the
// contract's token, in hex. Threading: pure functions.
#ifndef LADON_SERVER_CHANNELS_BODY_SIGNATURE_H_
#define LADON_SERVER_CHANNELS_BODY_SIGNATURE_H_

#include <string>
#include <string_view>

#include "absl/status/status.h"

namespace ladon::channels {

// As a bank makes it; in lower case.
[[nodiscard]] std::string BodySignature(std::string_view body, std::string_view token);
// Unauthenticated: missing, truncated, or not that of this body. Digits of either case; takes as
// long whichever of them are wrong.
[[nodiscard]] absl::Status CheckBody(std::string_view body, std::string_view signature,
                                     std::string_view token);

}  // namespace ladon::channels

#endif  // LADON_SERVER_CHANNELS_BODY_SIGNATURE_H_
