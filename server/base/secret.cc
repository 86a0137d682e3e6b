#include "server/base/secret.h"

#include <sodium.h>

#include <cassert>
#include <cstring>

namespace ladon::base {
namespace {

// Everything below rests on libsodium being initialised; 1 means that another caller was first.
void EnsureSodium() {
  static const bool ready = sodium_init() >= 0;
  assert(ready && "libsodium could not be initialised");
}

}  // namespace

void SecretKey::Free::operator()(uint8_t* bytes) const {
  sodium_free(bytes);  // Wipes, checks the guard bytes, unlocks.
}

SecretKey::SecretKey() {
  EnsureSodium();
  bytes_.reset(static_cast<uint8_t*>(sodium_malloc(kSecretKeyBytes)));
  assert(bytes_ != nullptr && "no guarded memory left");
}

SecretKey::SecretKey(std::span<const uint8_t, kSecretKeyBytes> bytes) : SecretKey() {
  std::memcpy(bytes_.get(), bytes.data(), kSecretKeyBytes);
  sodium_mprotect_readonly(bytes_.get());
}

SecretKey SecretKey::Random() {
  SecretKey key;
  randombytes_buf(key.bytes_.get(), kSecretKeyBytes);
  sodium_mprotect_readonly(key.bytes_.get());
  return key;
}

void Wipe(void* bytes, size_t size) {
  sodium_memzero(bytes, size);
}

void WipeStack() {
  // Deeper than any of our calls on a palm: 5 codes of 896 bytes many times over.
  constexpr size_t kBytes = size_t{48} * 1024;
  sodium_stackzero(kBytes);
}

void FillRandom(std::span<uint8_t> out) {
  EnsureSodium();
  randombytes_buf(out.data(), out.size());
}

}  // namespace ladon::base
