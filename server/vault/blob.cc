#include "server/vault/blob.h"

#include <sodium.h>

#include <cassert>

#include "server/base/codec.h"

namespace ladon::vault {
namespace {

constexpr std::string_view kMagic = "LDNB";
constexpr uint8_t kVersion = 1;
constexpr size_t kNonceBytes = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES;
constexpr size_t kTagBytes = crypto_aead_xchacha20poly1305_ietf_ABYTES;
static_assert(kBlobHeaderBytes == 24 + kNonceBytes);
static_assert(kBlobOverheadBytes == kBlobHeaderBytes + kTagBytes);

const uint8_t* Bytes(std::string_view text) {
  return reinterpret_cast<const uint8_t*>(text.data());
}

std::string Header(const KeyName& name, std::string_view nonce) {
  base::Encoder out;
  out.Raw(kMagic);
  out.U8(kVersion);
  out.U8(kProviderLibsodium);
  out.U8(kAlgorithmXChaCha20Poly1305);
  out.U8(static_cast<uint8_t>(name.purpose));
  out.Raw({reinterpret_cast<const char*>(name.owner.data()), name.owner.size()});
  out.Raw(nonce);
  return out.Take();
}

}  // namespace

std::string SealBlob(const base::SecretKey& key, const KeyName& name, std::string_view label,
                     std::string_view plain) {
  assert(plain.size() + kBlobOverheadBytes <= kBlobBytesMax);
  std::string nonce(kNonceBytes, '\0');
  randombytes_buf(nonce.data(), nonce.size());
  std::string blob = Header(name, nonce);
  const std::string additional = blob + std::string(label);
  blob.resize(kBlobHeaderBytes + plain.size() + kTagBytes);
  unsigned long long written = 0;  // libsodium's own type.
  crypto_aead_xchacha20poly1305_ietf_encrypt(
      reinterpret_cast<uint8_t*>(blob.data()) + kBlobHeaderBytes, &written, Bytes(plain),
      plain.size(), Bytes(additional), additional.size(), nullptr, Bytes(nonce),
      key.RevealForCrypto().data());
  assert(written == plain.size() + kTagBytes);
  return blob;
}

absl::StatusOr<std::string> OpenBlob(const base::SecretKey& key, const KeyName& name,
                                     std::string_view label, std::string_view blob) {
  if (blob.size() < kBlobOverheadBytes || blob.size() > kBlobBytesMax ||
      blob.substr(0, kMagic.size()) != kMagic) {
    return absl::InvalidArgumentError("vault: not a sealed record");
  }
  if (static_cast<uint8_t>(blob[4]) != kVersion) {
    return absl::InvalidArgumentError("vault: sealed record of version " +
                                      std::to_string(static_cast<uint8_t>(blob[4])) +
                                      "; this program reads version 1, upgrade it");
  }
  if (static_cast<uint8_t>(blob[5]) != kProviderLibsodium ||
      static_cast<uint8_t>(blob[6]) != kAlgorithmXChaCha20Poly1305) {
    return absl::InvalidArgumentError("vault: sealed by a cryptographic provider that is not here");
  }
  const std::string_view header = blob.substr(0, kBlobHeaderBytes);
  const std::string_view nonce = header.substr(kBlobHeaderBytes - kNonceBytes);
  if (header != Header(name, nonce)) {
    return absl::DataLossError("vault: sealed record names another key than its place asks for");
  }
  const std::string additional = std::string(header) + std::string(label);
  const std::string_view sealed = blob.substr(kBlobHeaderBytes);
  std::string plain(sealed.size() - kTagBytes, '\0');
  unsigned long long written = 0;  // libsodium's own type.
  if (crypto_aead_xchacha20poly1305_ietf_decrypt(
          reinterpret_cast<uint8_t*>(plain.data()), &written, nullptr, Bytes(sealed), sealed.size(),
          Bytes(additional), additional.size(), Bytes(nonce), key.RevealForCrypto().data()) != 0) {
    return absl::DataLossError("vault: sealed record does not open: damaged, moved or foreign");
  }
  return plain;
}

}  // namespace ladon::vault
