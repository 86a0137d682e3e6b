// The primitives of the libraries, each called the way the server calls it elsewhere.
//
// OpenSSL's plain SHA-256 is what ledger/proof/merkle.cc hashes with; OpenSSL 3 calls it deprecated
// and keeps it.
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/sha.h>
#include <sodium.h>

#include <algorithm>
#include <array>
#include <cassert>
#include <cstdint>
#include <memory>

#include "server/base/secret.h"
#include "server/base/self_test.h"

namespace ladon::base {
namespace {

constexpr size_t kArgon2MemoryBytes = size_t{8} * 1024 * 1024;
constexpr size_t kArgon2HashBytes = 32;
constexpr size_t kRandomBytes = 32;

const uint8_t* Bytes(std::string_view text) {
  return reinterpret_cast<const uint8_t*>(text.data());
}

uint8_t* Bytes(std::string* text) {
  return reinterpret_cast<uint8_t*>(text->data());
}

std::string AeadSeal(const Primitives::Sealed& in) {
  assert(in.key.size() == crypto_aead_xchacha20poly1305_ietf_KEYBYTES);
  assert(in.nonce.size() == crypto_aead_xchacha20poly1305_ietf_NPUBBYTES);
  std::string sealed(in.text.size() + crypto_aead_xchacha20poly1305_ietf_ABYTES, '\0');
  crypto_aead_xchacha20poly1305_ietf_encrypt(
      Bytes(&sealed), nullptr, Bytes(in.text), in.text.size(), Bytes(in.additional),
      in.additional.size(), nullptr, Bytes(in.nonce), Bytes(in.key));
  return sealed;
}

std::optional<std::string> AeadOpen(const Primitives::Sealed& in) {
  assert(in.text.size() >= crypto_aead_xchacha20poly1305_ietf_ABYTES);
  std::string plain(in.text.size() - crypto_aead_xchacha20poly1305_ietf_ABYTES, '\0');
  if (crypto_aead_xchacha20poly1305_ietf_decrypt(
          Bytes(&plain), nullptr, nullptr, Bytes(in.text), in.text.size(), Bytes(in.additional),
          in.additional.size(), Bytes(in.nonce), Bytes(in.key)) != 0) {
    return std::nullopt;
  }
  return plain;
}

std::string Blake2b(const Primitives::Keyed& in, size_t bytes) {
  std::string digest(bytes, '\0');
  crypto_generichash(Bytes(&digest), digest.size(), Bytes(in.text), in.text.size(),
                     in.key.empty() ? nullptr : Bytes(in.key), in.key.size());
  return digest;
}

std::string Sha256OfSodium(std::string_view text) {
  std::string digest(crypto_hash_sha256_BYTES, '\0');
  crypto_hash_sha256(Bytes(&digest), Bytes(text), text.size());
  return digest;
}

std::string Sha256OfOpenSsl(std::string_view text) {
  std::string digest(SHA256_DIGEST_LENGTH, '\0');
  SHA256_CTX context;
  SHA256_Init(&context);
  SHA256_Update(&context, text.data(), text.size());
  SHA256_Final(Bytes(&digest), &context);
  return digest;
}

std::string HmacOfSodium(const Primitives::Keyed& in) {
  std::array<uint8_t, crypto_auth_hmacsha256_KEYBYTES> key{};  // HMAC pads with zeros itself.
  assert(in.key.size() <= key.size());
  std::copy(in.key.begin(), in.key.end(), key.begin());
  std::string mac(crypto_auth_hmacsha256_BYTES, '\0');
  crypto_auth_hmacsha256(Bytes(&mac), Bytes(in.text), in.text.size(), key.data());
  return mac;
}

std::string HmacOfOpenSsl(const Primitives::Keyed& in) {
  std::string mac(SHA256_DIGEST_LENGTH, '\0');
  const unsigned char* const made =
      HMAC(EVP_sha256(), in.key.data(), static_cast<int>(in.key.size()), Bytes(in.text),
           in.text.size(), Bytes(&mac), nullptr);
  return made == nullptr ? std::string() : mac;
}

std::string Ed25519Sign(const Primitives::Keyed& in) {
  assert(in.key.size() == crypto_sign_SEEDBYTES);
  std::array<uint8_t, crypto_sign_PUBLICKEYBYTES> public_key{};
  std::array<uint8_t, crypto_sign_SECRETKEYBYTES> secret_key{};
  crypto_sign_seed_keypair(public_key.data(), secret_key.data(), Bytes(in.key));
  std::string signature(crypto_sign_BYTES, '\0');
  crypto_sign_detached(Bytes(&signature), nullptr, Bytes(in.text), in.text.size(),
                       secret_key.data());
  return signature;
}

bool Ed25519Verify(const Primitives::Signed& in) {
  return in.public_key.size() == crypto_sign_PUBLICKEYBYTES &&
         in.signature.size() == crypto_sign_BYTES &&
         crypto_sign_verify_detached(Bytes(in.signature), Bytes(in.text), in.text.size(),
                                     Bytes(in.public_key)) == 0;
}

std::string Argon2id(const Primitives::Keyed& in) {
  assert(in.key.size() == crypto_pwhash_SALTBYTES);
  std::string hash(kArgon2HashBytes, '\0');
  // Fails only when there are no 8 MiB left.
  const int failed =
      crypto_pwhash(Bytes(&hash), hash.size(), in.text.data(), in.text.size(), Bytes(in.key), 1,
                    kArgon2MemoryBytes, crypto_pwhash_ALG_ARGON2ID13);
  return failed != 0 ? std::string() : hash;
}

std::string Encrypt(const EVP_CIPHER* cipher, const Primitives::Stream& in) {
  assert(in.key.size() == static_cast<size_t>(EVP_CIPHER_get_key_length(cipher)));
  assert(in.start.size() == static_cast<size_t>(EVP_CIPHER_get_iv_length(cipher)));
  const std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)> context(
      EVP_CIPHER_CTX_new(), EVP_CIPHER_CTX_free);
  std::string out(in.text.size(), '\0');
  int size = 0;
  const bool done =
      context != nullptr &&
      EVP_EncryptInit_ex2(context.get(), cipher, Bytes(in.key), Bytes(in.start), nullptr) == 1 &&
      EVP_EncryptUpdate(context.get(), Bytes(&out), &size, Bytes(in.text),
                        static_cast<int>(in.text.size())) == 1;
  return done ? out : std::string();
}

std::string Random() {
  std::string drawn(kRandomBytes, '\0');
  FillRandom({Bytes(&drawn), drawn.size()});
  return drawn;
}

}  // namespace

Primitives LibraryPrimitives() {
  const int ready = sodium_init();  // 1: another caller was first.
  assert(ready >= 0 && "libsodium could not be initialised");
  return {
      .aead_seal = AeadSeal,
      .aead_open = AeadOpen,
      .blake2b = Blake2b,
      .sha256_sodium = Sha256OfSodium,
      .sha256_openssl = Sha256OfOpenSsl,
      .hmac_sodium = HmacOfSodium,
      .hmac_openssl = HmacOfOpenSsl,
      .ed25519_sign = Ed25519Sign,
      .ed25519_verify = Ed25519Verify,
      .argon2id = Argon2id,
      .aes256_ctr = [](const Primitives::Stream& in) { return Encrypt(EVP_aes_256_ctr(), in); },
      .chacha20 = [](const Primitives::Stream& in) { return Encrypt(EVP_chacha20(), in); },
      .random = Random,
  };
}

}  // namespace ladon::base
