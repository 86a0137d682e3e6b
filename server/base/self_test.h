// Known-answer tests: before the server opens anything, every primitive that it uses must give the
// answers that its standard prints. A library that was miscompiled, replaced or runs on a broken
// machine is found before a key or a record passes through it.
//
// The primitives come as a table of functions, so that a test can hand in a broken one and see it
// found. What TLS uses inside gRPC is not here: a handshake proves itself against the other side.
// Needs 8 MiB (Argon2id) and some milliseconds. Threading: any thread; nothing is kept.
#ifndef LADON_SERVER_BASE_SELF_TEST_H_
#define LADON_SERVER_BASE_SELF_TEST_H_

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/status.h"

namespace ladon::base {

// Each field is one primitive as the server calls it, over raw bytes.
struct Primitives {
  struct Sealed {
    std::string_view key;
    std::string_view nonce;
    std::string_view additional;
    std::string_view text;
  };
  struct Keyed {
    std::string_view key;
    std::string_view text;
  };
  struct Signed {
    std::string_view public_key;
    std::string_view text;
    std::string_view signature;
  };
  struct Stream {
    std::string_view key;
    std::string_view start;  // The first counter block; of memory_keystream, its first 12 bytes.
    std::string_view text;
  };

  // XChaCha20-Poly1305-IETF (libsodium): records of the vault, wrapped keys.
  std::function<std::string(const Sealed&)> aead_seal;
  std::function<std::optional<std::string>(const Sealed&)> aead_open;
  // BLAKE2b (libsodium), with a key or without: card numbers, records of destroyed keys.
  std::function<std::string(const Keyed&, size_t bytes)> blake2b;
  // SHA-256 of libsodium (texts and files) and of OpenSSL (the ledger's trees).
  std::function<std::string(std::string_view)> sha256_sodium;
  std::function<std::string(std::string_view)> sha256_openssl;
  // HMAC-SHA-256 of libsodium (keys of 32 bytes: digests of requests) and of OpenSSL (derived
  // keys).
  std::function<std::string(const Keyed&)> hmac_sodium;
  std::function<std::string(const Keyed&)> hmac_openssl;
  // Ed25519 (libsodium): checkpoints and other signed notes. The key is the seed.
  std::function<std::string(const Keyed&)> ed25519_sign;
  std::function<bool(const Signed&)> ed25519_verify;
  // Argon2id version 1.3 (libsodium's crypto_pwhash): PINs. One pass over 8 MiB, 32 bytes; the key
  // is the salt, the text the password.
  std::function<std::string(const Keyed&)> argon2id;
  // AES-256-CTR (OpenSSL): salts of the journal's commitments.
  std::function<std::string(const Stream&)> aes256_ctr;
  // ChaCha20 (OpenSSL): templates' permutations.
  std::function<std::string(const Stream&)> chacha20;
  // AES-128-CTR as the galleries' rows are sealed in memory (matcher/memory_key.h).
  std::function<std::string(const Stream&)> memory_keystream;
  // 32 bytes of the operating system (libsodium).
  std::function<std::string()> random;
};

// What libraries give: all but memory_keystream, which is the matcher's.
[[nodiscard]] Primitives LibraryPrimitives();

// Internal: a primitive is missing or wrong; the message names it, with the standard it broke.
[[nodiscard]] absl::Status RunSelfTests(const Primitives& primitives);

}  // namespace ladon::base

#endif  // LADON_SERVER_BASE_SELF_TEST_H_
