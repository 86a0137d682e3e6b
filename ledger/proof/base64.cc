#include "ledger/proof/base64.h"

#include <sodium.h>

#include <algorithm>
#include <cstddef>

namespace ladon::ledger {
namespace {

constexpr int kVariant = sodium_base64_VARIANT_ORIGINAL;

}  // namespace

std::string EncodeBase64(std::string_view bytes) {
  std::string text(sodium_base64_encoded_len(bytes.size(), kVariant), '\0');
  sodium_bin2base64(text.data(), text.size(), reinterpret_cast<const unsigned char*>(bytes.data()),
                    bytes.size(), kVariant);
  text.pop_back();  // Its terminating zero.
  return text;
}

std::string EncodeBase64(const Digest& digest) {
  return EncodeBase64({reinterpret_cast<const char*>(digest.bytes.data()), digest.bytes.size()});
}

std::optional<std::string> DecodeBase64(std::string_view text) {
  std::string bytes(text.size() / 4 * 3 + 3, '\0');
  size_t size = 0;
  if (sodium_base642bin(reinterpret_cast<unsigned char*>(bytes.data()), bytes.size(), text.data(),
                        text.size(), nullptr, &size, nullptr, kVariant) != 0) {
    return std::nullopt;
  }
  bytes.resize(size);
  // libsodium 1.0.18 takes some bytes beyond ASCII for letters: the one canonical text is the one
  // that it writes itself.
  if (EncodeBase64(std::string_view(bytes)) != text) return std::nullopt;
  return bytes;
}

std::optional<Digest> DecodeBase64Digest(std::string_view text) {
  const std::optional<std::string> bytes = DecodeBase64(text);
  Digest digest;
  if (!bytes.has_value() || bytes->size() != digest.bytes.size()) return std::nullopt;
  std::copy(bytes->begin(), bytes->end(), digest.bytes.begin());
  return digest;
}

}  // namespace ladon::ledger
