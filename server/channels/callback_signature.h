// What proves that a callback about an order came from the bank: a checksum over its parameters.
//
// The parameters but for `checksum` and `sign_alias`, sorted by the bytes of their names, each as
// "name;value;". Over that text an HMAC-SHA256 with the contract's token, in upper-case hex; or,
// where the contract says so, an RSA signature with SHA-512 under the bank's certificate, in hex.
// A callback is news at most: what it says is asked of the bank again before money is credited.
// Threading: pure functions.
#ifndef LADON_SERVER_CHANNELS_CALLBACK_SIGNATURE_H_
#define LADON_SERVER_CHANNELS_CALLBACK_SIGNATURE_H_

#include <map>
#include <string>
#include <string_view>

#include "absl/status/status.h"

namespace ladon::channels {

using Parameters = std::map<std::string, std::string, std::less<>>;

// What the checksum is over.
[[nodiscard]] std::string SignedText(const Parameters& parameters);
// As a bank makes it.
[[nodiscard]] std::string HmacChecksum(const Parameters& parameters, std::string_view token);

// Unauthenticated: no checksum, a truncated one, or not that of these parameters. Takes as long
// whichever of its digits are wrong.
[[nodiscard]] absl::Status CheckHmac(const Parameters& parameters, std::string_view token);
// The same of a signature. InvalidArgument: `certificate_pem` holds no certificate with an RSA key.
[[nodiscard]] absl::Status CheckRsa(const Parameters& parameters,
                                    const std::string& certificate_pem);

}  // namespace ladon::channels

#endif  // LADON_SERVER_CHANNELS_CALLBACK_SIGNATURE_H_
