// The memory key: rows of the gallery lie in memory as ciphertext and are opened for one scan.
//
// Each row (896 bytes: planes and mask) is XORed with its own AES-128-CTR keystream: counter block
// = salt (12 random bytes, fresh whenever the row's bytes change) || 32-bit big-endian block
// number (NIST SP 800-38A). So rows share no keystream and the memory image carries neither the
// correlation between cells nor the distance between rows, for anyone without the key.
// AES-128, not 256: opening is on the hot path of every search (ten rounds, not fourteen), and the
// key lives only as long as the process. 96-bit random salts collide with probability below 2^-49
// even after 2^24 rows. CTR gives no integrity: whoever can write this process's memory owns it
// anyway.
//
// The key and its round keys lie in SecretMemory and never leave it; on a CPU without AES
// instructions OpenSSL (constant time: bit-sliced or vector-permute AES) opens blocks of rows and
// holds them for that call. Immutable after Create, safe from any thread.
#ifndef LADON_MATCHER_MEMORY_KEY_H_
#define LADON_MATCHER_MEMORY_KEY_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include "absl/status/statusor.h"
#include "matcher/kernels/dispatch.h"
#include "matcher/random_source.h"
#include "matcher/secret_memory.h"
#include "matcher/vein_code.h"

namespace ladon::matcher {

inline constexpr size_t kMemoryKeyBytes = 16;
inline constexpr size_t kRowSaltBytes = 12;

// How many rows are open at once: 14 KiB, beside 10 KiB of probe variants in a 32 KiB L1.
inline constexpr size_t kOpenRowsMax = 16;

using RowSalt = std::array<uint8_t, kRowSaltBytes>;

// A row as it lies in memory: kCodeBytes of ciphertext and the salt it was sealed under.
struct SealedRow {
  const uint8_t* bytes;
  RowSalt salt;
};

class MemoryKey {
 public:
  // Draws the key from `random`, straight into secret memory. `aes` above what the CPU has falls
  // back. ResourceExhausted: no secret memory (see SecretMemory::Allocate); do not start.
  static absl::StatusOr<std::unique_ptr<MemoryKey>> Create(const RandomSource& random,
                                                           AesLevel aes = BestAesLevel());

  // Encrypts `code` into `out`. The salt must never have been used under this key before.
  void Seal(const VeinCode& code, const RowSalt& salt, std::span<uint8_t, kCodeBytes> out) const;

  // Opens rows[i] into out[i]. At most kOpenRowsMax rows, out at least as many (asserted). The
  // caller wipes `out` after use.
  void Open(std::span<const SealedRow> rows, std::span<VeinCode> out) const;

  // XORs `in` with the keystream of `salt` into `out`, of the same length, a multiple of 16 bytes,
  // at most kXorBytesMax (asserted): seals what is plain, opens what is sealed. Salts as for Seal.
  static constexpr size_t kXorBytesMax = kOpenRowsMax * kCodeBytes;
  void Xor(const RowSalt& salt, std::span<const uint8_t> in, std::span<uint8_t> out) const;

  SecretBacking backing() const { return memory_->backing(); }

 private:
  MemoryKey(std::unique_ptr<SecretMemory> memory, kernels::AesCtrFn aes_ctr)
      : memory_(std::move(memory)), aes_ctr_(aes_ctr) {}

  // Keystream over `counters`, in place of them.
  void EncryptWithOpenSsl(std::span<uint8_t> counters) const;
  void XorWithOpenSsl(std::span<const SealedRow> rows, std::span<uint8_t* const> out) const;

  std::unique_ptr<SecretMemory> memory_;  // 11 round keys; the first is the key itself.
  kernels::AesCtrFn aes_ctr_;             // nullptr: OpenSSL.
};

}  // namespace ladon::matcher

#endif  // LADON_MATCHER_MEMORY_KEY_H_
