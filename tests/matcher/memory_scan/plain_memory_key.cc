// The memory key with its encryption off: rows lie open. Linked into a victim of the scan test in
// place of matcher/memory_key.cc, so that production code has no switch for it.
#include <cstring>
#include <utility>

#include "matcher/memory_key.h"

namespace ladon::matcher {

absl::StatusOr<std::unique_ptr<MemoryKey>> MemoryKey::Create(const RandomSource& random,
                                                             AesLevel /*aes*/) {
  absl::StatusOr<std::unique_ptr<SecretMemory>> memory = SecretMemory::Allocate(kMemoryKeyBytes);
  if (!memory.ok()) return memory.status();
  random((*memory)->bytes().first(kMemoryKeyBytes));
  return std::unique_ptr<MemoryKey>(new MemoryKey(*std::move(memory), nullptr));
}

void MemoryKey::Seal(const VeinCode& code, const RowSalt& /*salt*/,
                     std::span<uint8_t, kCodeBytes> out) const {
  std::memcpy(out.data(), code.words.data(), kCodeBytes);
}

void MemoryKey::Open(std::span<const SealedRow> rows, std::span<VeinCode> out) const {
  for (size_t i = 0; i < rows.size(); ++i) {
    std::memcpy(out[i].words.data(), rows[i].bytes, kCodeBytes);
  }
}

void MemoryKey::Xor(const RowSalt& /*salt*/, std::span<const uint8_t> in,
                    std::span<uint8_t> out) const {
  std::memcpy(out.data(), in.data(), in.size());
}

}  // namespace ladon::matcher
