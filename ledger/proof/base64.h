// Base64 of RFC 4648 section 4, with padding and in its one canonical form, by libsodium.
// Threading: pure functions.
#ifndef LADON_LEDGER_PROOF_BASE64_H_
#define LADON_LEDGER_PROOF_BASE64_H_

#include <optional>
#include <string>
#include <string_view>

#include "ledger/proof/ids.h"

namespace ladon::ledger {

[[nodiscard]] std::string EncodeBase64(std::string_view bytes);
[[nodiscard]] std::string EncodeBase64(const Digest& digest);

// nullopt: a character outside the alphabet, padding missing or too much, or bits after the end
// that are not zero.
[[nodiscard]] std::optional<std::string> DecodeBase64(std::string_view text);
// The same, and nullopt unless it is exactly 32 bytes.
[[nodiscard]] std::optional<Digest> DecodeBase64Digest(std::string_view text);

}  // namespace ladon::ledger

#endif  // LADON_LEDGER_PROOF_BASE64_H_
