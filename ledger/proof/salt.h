// Salts of a leaf's commitments, and the commitments themselves.
//
// Version 2: the salts of entry n are the first 32-byte pieces of the AES-256-CTR key stream
// (NIST SP 800-38A) under the key HMAC-SHA256(ledger secret, "ladon/salt/v2"), the initial counter
// block being n as u64 followed by eight zero bytes. A key stream is a pseudorandom function of the
// counter: who was shown some salts learns nothing of the others.
// A closing has a key of its own, HMAC-SHA256(ledger secret, "ladon/closing/v1" || tree size as
// u64); the salts of its row i are the first 64 bytes of the same stream under that key, with i in
// the place of n (closing.h). Who is given that key can check a whole closing, and nothing else.
// Version 1: the salt of commitment i is HMAC-SHA256(ledger secret, "ladon/salt/v1" || n || i).
//
// Threading: const functions from any thread.
#ifndef LADON_LEDGER_PROOF_SALT_H_
#define LADON_LEDGER_PROOF_SALT_H_

#include <array>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "ledger/proof/ids.h"

namespace ladon::ledger {

using Salt = std::array<uint8_t, 32>;
using ClosingKey = std::array<uint8_t, 32>;

class SaltSource {
 public:
  explicit SaltSource(std::span<const uint8_t, 32> ledger_secret);
  SaltSource(const SaltSource&) = default;
  SaltSource& operator=(const SaltSource&) = default;
  ~SaltSource();  // Wipes the keys.

  // The salts of commitments 0, 1, ... of entry `index`, whose leaf is of `version`.
  void Derive(uint16_t version, uint64_t index, std::span<Salt> salts) const;
  // That of one commitment.
  [[nodiscard]] Salt Derive(uint16_t version, uint64_t index, uint16_t ordinal) const;
  // Of the closing over the first `tree_size` entries.
  [[nodiscard]] ClosingKey KeyOfClosing(uint64_t tree_size) const;

 private:
  std::array<uint8_t, 32> secret_;
  std::array<uint8_t, 32> stream_key_;
};

// The salts of row `row` of a closing: its school's and its account's.
void DeriveRowSalts(const ClosingKey& key, uint64_t row, std::span<Salt, 2> salts);

// SHA-256(salt || encoded opening).
[[nodiscard]] Digest Commit(const Salt& salt, std::string_view encoded_opening);

}  // namespace ladon::ledger

#endif  // LADON_LEDGER_PROOF_SALT_H_
