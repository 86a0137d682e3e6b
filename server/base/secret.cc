#include "server/base/secret.h"

#include <sodium.h>

#include <cassert>
#include <cstring>
#include <mutex>
#include <vector>

namespace ladon::base {
namespace {

// Everything below rests on libsodium being initialised; 1 means that another caller was first.
void EnsureSodium() {
  static const bool ready = sodium_init() >= 0;
  assert(ready && "libsodium could not be initialised");
}

// Slots of guarded memory. Never gives memory back: as many slots are kept as were ever in use.
class KeySlots {
 public:
  uint8_t* Take() {
    const std::lock_guard lock(mutex_);
    if (free_.empty()) Grow();
    uint8_t* const slot = free_.back();
    free_.pop_back();
    return slot;
  }
  void GiveBack(uint8_t* slot) {
    sodium_memzero(slot, kSecretKeyBytes);
    const std::lock_guard lock(mutex_);
    free_.push_back(slot);
  }

 private:
  static constexpr size_t kSlotsAtOnce = 128;  // A page.

  void Grow() {
    EnsureSodium();
    auto* const slots = static_cast<uint8_t*>(sodium_allocarray(kSlotsAtOnce, kSecretKeyBytes));
    assert(slots != nullptr && "no guarded memory left");
    for (size_t i = 0; i < kSlotsAtOnce; ++i) free_.push_back(slots + i * kSecretKeyBytes);
  }

  std::mutex mutex_;
  std::vector<uint8_t*> free_;
};

// Lives as long as the process: keys of other static objects may go after it would.
KeySlots& Slots() {
  static auto* const slots = new KeySlots;
  return *slots;
}

}  // namespace

void SecretKey::Free::operator()(uint8_t* bytes) const {
  brief ? Slots().GiveBack(bytes) : sodium_free(bytes);  // Which wipes and unlocks.
}

SecretKey::SecretKey() : bytes_(nullptr, Free{.brief = false}) {
  EnsureSodium();
  bytes_.reset(static_cast<uint8_t*>(sodium_malloc(kSecretKeyBytes)));
  assert(bytes_ != nullptr && "no guarded memory left");
}

SecretKey::SecretKey(Free slot) : bytes_(Slots().Take(), slot) {}

SecretKey::SecretKey(std::span<const uint8_t, kSecretKeyBytes> bytes) : SecretKey() {
  std::memcpy(bytes_.get(), bytes.data(), kSecretKeyBytes);
  sodium_mprotect_readonly(bytes_.get());
}

SecretKey SecretKey::Brief(std::span<const uint8_t, kSecretKeyBytes> bytes) {
  SecretKey key(Free{.brief = true});
  std::memcpy(key.bytes_.get(), bytes.data(), kSecretKeyBytes);
  return key;
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
