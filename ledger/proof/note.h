// Signed notes: a text and signatures below it that say who stands for it.
//
// Source: C2SP signed-note and golang.org/x/mod/sumdb/note. Only Ed25519 (type 0x01) signs and
// verifies; cosignatures of witnesses (type 0x04) have a header of their own (cosignature.h).
//
//   <text, ends in a line feed>
//   <empty line>
//   — <key name> <base64 of key id (4 bytes, big endian) || signature>
//
// Threading: pure functions; a SigningKey may be used by many threads at once.
#ifndef LADON_LEDGER_PROOF_NOTE_H_
#define LADON_LEDGER_PROOF_NOTE_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace ladon::ledger {

inline constexpr size_t kNoteBytesMax = 1'000'000;  // As golang.org/x/mod has it.
inline constexpr size_t kNoteSignaturesMax = 100;   // As golang.org/x/mod has it.
inline constexpr size_t kEd25519Bytes = 32;         // A public key, or the seed of a private one.

enum class KeyType : uint8_t {
  kEd25519 = 0x01,
  kCosignature = 0x04,  // Ed25519 with a time, of a witness (C2SP tlog-cosignature).
};

// Who may have signed: a name and a public key.
struct VerifierKey {
  std::string name;
  uint32_t id = 0;  // SHA-256(name || 0x0a || type || key), its first four bytes.
  KeyType type = KeyType::kEd25519;
  std::array<uint8_t, kEd25519Bytes> key{};

  friend bool operator==(const VerifierKey&, const VerifierKey&) = default;
};

// InvalidArgument: an empty name, or one with a space or a '+'.
[[nodiscard]] absl::StatusOr<VerifierKey> MakeVerifierKey(
    std::string_view name, KeyType type, std::span<const uint8_t, kEd25519Bytes> key);
// "<name>+<id in 8 hex digits>+<base64 of type || key>". InvalidArgument: anything else.
[[nodiscard]] absl::StatusOr<VerifierKey> ParseVerifierKey(std::string_view vkey);
[[nodiscard]] std::string FormatVerifierKey(const VerifierKey& key);

// Signs. Holds the private key in locked memory that is wiped when it goes.
class SigningKey {
 public:
  // InvalidArgument: as MakeVerifierKey. ResourceExhausted: no locked memory.
  [[nodiscard]] static absl::StatusOr<SigningKey> FromSeed(
      std::string_view name, std::span<const uint8_t, kEd25519Bytes> seed,
      KeyType type = KeyType::kEd25519);
  // "PRIVATE+KEY+<name>+<id>+<base64 of 0x01 || seed>". InvalidArgument: anything else.
  [[nodiscard]] static absl::StatusOr<SigningKey> Parse(std::string_view skey);

  SigningKey(SigningKey&& other) noexcept;
  SigningKey& operator=(SigningKey&& other) noexcept;
  SigningKey(const SigningKey&) = delete;
  SigningKey& operator=(const SigningKey&) = delete;
  ~SigningKey();

  [[nodiscard]] const VerifierKey& verifier() const { return verifier_; }
  [[nodiscard]] std::string SignBytes(std::string_view message) const;  // 64 bytes; RFC 8032.

 private:
  SigningKey() = default;

  VerifierKey verifier_;
  unsigned char* secret_ = nullptr;  // Of crypto_sign_SECRETKEYBYTES.
};

struct NoteSignature {
  std::string name;
  uint32_t key_id = 0;
  std::string signature;  // What follows the key id.

  friend bool operator==(const NoteSignature&, const NoteSignature&) = default;
};

struct Note {
  std::string text;                       // With its last line feed.
  std::vector<NoteSignature> verified;    // By a key that was given; each key once.
  std::vector<NoteSignature> unverified;  // By keys that were not given.
};

// The note of `text` with a signature line of every key, in their order.
// InvalidArgument: `text` is not UTF-8, holds a control character, or does not end in a line feed.
[[nodiscard]] absl::StatusOr<std::string> SignNote(std::string_view text,
                                                   std::span<const SigningKey* const> keys);
// One signature line.
[[nodiscard]] std::string SignatureLine(std::string_view name, uint32_t key_id,
                                        std::string_view signature);

// Splits a note without verifying anything (all signatures are `unverified`).
// InvalidArgument: not a note; says what is wrong.
[[nodiscard]] absl::StatusOr<Note> ParseNote(std::string_view note);

// InvalidArgument: not a note, or two of `keys` have one name and id.
// Unauthenticated: a signature of a given key is false, or there is none of them at all.
[[nodiscard]] absl::StatusOr<Note> OpenNote(std::string_view note,
                                            std::span<const VerifierKey> keys);

// True if `signature` is that of `key` for `message` (RFC 8032; no small-order keys).
[[nodiscard]] bool VerifyEd25519(std::span<const uint8_t, kEd25519Bytes> key,
                                 std::string_view message, std::string_view signature);

}  // namespace ladon::ledger

#endif  // LADON_LEDGER_PROOF_NOTE_H_
