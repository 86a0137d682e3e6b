#include "matcher/row_arena.h"

#include <openssl/crypto.h>
#include <sys/mman.h>

#include "absl/status/status.h"

namespace ladon::matcher {
namespace {

constexpr size_t kChunkBytes = RowArena::kRowsPerChunk * kCodeBytes;

}  // namespace

RowArena::~RowArena() {
  for (uint8_t* chunk : chunks_) {
    OPENSSL_cleanse(chunk, kChunkBytes);
    munmap(chunk, kChunkBytes);
  }
}

absl::StatusOr<uint8_t*> RowArena::Take() {
  if (free_.empty()) {
    void* address =
        mmap(nullptr, kChunkBytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (address == MAP_FAILED) {
      return absl::ResourceExhaustedError("gallery arena: no memory for another chunk");
    }
    if (madvise(address, kChunkBytes, MADV_DONTDUMP) != 0) {
      munmap(address, kChunkBytes);
      return absl::ResourceExhaustedError("gallery arena: cannot keep a chunk out of core dumps");
    }
    locked_ = mlock(address, kChunkBytes) == 0 && locked_;
    auto* const chunk = static_cast<uint8_t*>(address);
    chunks_.push_back(chunk);
    // Last first, so that slots are taken in ascending order and a scan runs forwards.
    for (size_t row = kRowsPerChunk; row > 0; --row) {
      free_.push_back(chunk + (row - 1) * kCodeBytes);
    }
  }
  uint8_t* slot = free_.back();
  free_.pop_back();
  return slot;
}

void RowArena::Give(uint8_t* slot) {
  OPENSSL_cleanse(slot, kCodeBytes);
  free_.push_back(slot);
}

}  // namespace ladon::matcher
