#include "matcher/row_arena.h"

#include <openssl/crypto.h>
#include <sys/mman.h>

#include "absl/status/status.h"

namespace ladon::matcher {

RowArena::~RowArena() {
  for (uint8_t* chunk : chunks_) {
    OPENSSL_cleanse(chunk, chunk_bytes());
    munmap(chunk, chunk_bytes());
  }
}

absl::StatusOr<uint8_t*> RowArena::Take() {
  if (free_.empty()) {
    void* address =
        mmap(nullptr, chunk_bytes(), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (address == MAP_FAILED) {
      return absl::ResourceExhaustedError("gallery arena: no memory for another chunk");
    }
    if (madvise(address, chunk_bytes(), MADV_DONTDUMP) != 0) {
      munmap(address, chunk_bytes());
      return absl::ResourceExhaustedError("gallery arena: cannot keep a chunk out of core dumps");
    }
    locked_ = mlock(address, chunk_bytes()) == 0 && locked_;
    auto* const chunk = static_cast<uint8_t*>(address);
    chunks_.push_back(chunk);
    // Last first, so that slots are taken in ascending order and a scan runs forwards.
    for (size_t slot_number = chunk_slots_; slot_number > 0; --slot_number) {
      free_.push_back(chunk + (slot_number - 1) * slot_bytes_);
    }
  }
  uint8_t* slot = free_.back();
  free_.pop_back();
  return slot;
}

void RowArena::Give(uint8_t* slot) {
  OPENSSL_cleanse(slot, slot_bytes_);
  free_.push_back(slot);
}

}  // namespace ladon::matcher
