// 32 bytes that must not be seen: guarded memory, wiped on destruction, movable, not copyable, not
// printable. Reading them takes the greppable call RevealForCrypto().
// Memory is libsodium's guarded allocation (locked, between guard pages, kept out of core dumps),
// read-only once it is filled. Brief() keys lie in slots of such memory that are wiped and used
// again, and stay writable: an allocation of its own costs a dozen system calls, and a debit opens
// several records with a key each (9 times as many debits a second on a virtual machine).
// Threading: const access from any thread.
#ifndef LADON_SERVER_BASE_SECRET_H_
#define LADON_SERVER_BASE_SECRET_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

namespace ladon::base {

inline constexpr size_t kSecretKeyBytes = 32;

class SecretKey {
 public:
  // Copies `bytes`; the caller wipes its own copy.
  explicit SecretKey(std::span<const uint8_t, kSecretKeyBytes> bytes);
  // The same for a key that is needed for a moment, like that of a record.
  [[nodiscard]] static SecretKey Brief(std::span<const uint8_t, kSecretKeyBytes> bytes);
  // A fresh random key.
  [[nodiscard]] static SecretKey Random();
  SecretKey(SecretKey&&) noexcept = default;
  SecretKey& operator=(SecretKey&&) noexcept = default;
  SecretKey(const SecretKey&) = delete;
  SecretKey& operator=(const SecretKey&) = delete;
  ~SecretKey() = default;

  [[nodiscard]] SecretKey Clone() const { return SecretKey(RevealForCrypto()); }
  [[nodiscard]] std::span<const uint8_t, kSecretKeyBytes> RevealForCrypto() const {
    return std::span<const uint8_t, kSecretKeyBytes>(bytes_.get(), kSecretKeyBytes);
  }

 private:
  struct Free {
    bool brief = false;
    void operator()(uint8_t* bytes) const;  // Wipes.
  };
  SecretKey();
  explicit SecretKey(Free slot);
  std::unique_ptr<uint8_t, Free> bytes_;
};

// Overwrites memory in a way the compiler may not drop.
void Wipe(void* bytes, size_t size);
// Overwrites the stack below the caller, where calls that have returned left what they worked on:
// palm codes that were parsed, opened or transformed. Costs about a microsecond.
void WipeStack();
// Random bytes of the operating system (libsodium).
void FillRandom(std::span<uint8_t> out);

}  // namespace ladon::base

#endif  // LADON_SERVER_BASE_SECRET_H_
