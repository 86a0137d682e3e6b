// The arena: memory for encrypted rows and sketches, out of core dumps, locked as far as the limits
// allow.
//
// Memory is mapped chunk by chunk, so a small school does not pay for a large limit; a slot keeps
// its address for the life of the arena. A freed slot is overwritten before it is handed out again.
// Not thread safe: the gallery calls it under its writer lock; the bytes of a slot in use may be
// read by anybody who was given the slot after it was written.
#ifndef LADON_MATCHER_ROW_ARENA_H_
#define LADON_MATCHER_ROW_ARENA_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"

namespace ladon::matcher {

class RowArena {
 public:
  // Slots of `slot_bytes`, a multiple of 64; memory is taken `chunk_slots` slots at a time.
  RowArena(size_t slot_bytes, size_t chunk_slots)
      : slot_bytes_(slot_bytes), chunk_slots_(chunk_slots) {}
  ~RowArena();
  RowArena(const RowArena&) = delete;
  RowArena& operator=(const RowArena&) = delete;

  // A slot, 64-byte aligned, zero-filled.
  // ResourceExhausted: the system gives no more memory, or will not keep it out of core dumps.
  absl::StatusOr<uint8_t*> Take();

  // Overwrites the slot and keeps it for the next Take.
  void Give(uint8_t* slot);

  // True while every chunk so far could be locked (RLIMIT_MEMLOCK); true for an empty arena.
  bool locked() const { return locked_; }

 private:
  [[nodiscard]] size_t chunk_bytes() const { return chunk_slots_ * slot_bytes_; }

  const size_t slot_bytes_;
  const size_t chunk_slots_;
  std::vector<uint8_t*> chunks_;
  std::vector<uint8_t*> free_;
  bool locked_ = true;
};

}  // namespace ladon::matcher

#endif  // LADON_MATCHER_ROW_ARENA_H_
