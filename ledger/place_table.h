// Finds places in a list by a hash: open addressing, 8 bytes a slot. The keys stay in the list, so
// a search touches one line of the table and then the item itself, which is wanted anyway.
//
// Hashes are the first bytes of random ids or digests. Who invents ids that collide (a few hashes
// each) makes searches longer for everybody who lands among them; a caller's ids are counted.
// Invariants: at most half full; every place stands in it once.
// Threading: const functions beside each other; the rest alone.
#ifndef LADON_LEDGER_PLACE_TABLE_H_
#define LADON_LEDGER_PLACE_TABLE_H_

#include <algorithm>
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "ledger/prefetch.h"

namespace ladon::ledger {

class PlaceTable {
 public:
  using Place = uint32_t;
  static constexpr Place kNone = ~Place{0};  // And the number of places there can be.

  // The place whose hash is `hash` and for which `is_it(place)` holds; kNone: there is none.
  template <class IsIt>
  [[nodiscard]] Place Find(uint64_t hash, IsIt&& is_it) const {
    if (slots_.empty()) return kNone;
    for (size_t at = hash & mask();; at = (at + 1) & mask()) {
      const Slot& slot = slots_[at];
      if (slot.place_after == 0) return kNone;
      if (slot.tag == TagOf(hash) && is_it(slot.place_after - 1)) return slot.place_after - 1;
    }
  }
  // A place that is not there. `hash_of(place)` tells the hash of those that are.
  template <class HashOf>
  void Insert(uint64_t hash, Place place, HashOf&& hash_of) {
    assert(place < kNone);
    if (2 * (size_ + 1) > slots_.size()) Rebuild(std::max(kSlotsMin, 2 * slots_.size()), hash_of);
    Put(hash, place);
    ++size_;
  }
  // Makes room for `count` at once: growing step by step would hold up who makes it grow.
  template <class HashOf>
  void Reserve(size_t count, HashOf&& hash_of) {
    size_t slots = kSlotsMin;
    while (slots < 2 * count) slots *= 2;
    if (slots > slots_.size()) Rebuild(slots, hash_of);
  }
  // Empties it and keeps the memory.
  void Clear() {
    std::fill(slots_.begin(), slots_.end(), Slot{});
    size_ = 0;
  }
  // A hint: `hash` is looked for or inserted soon.
  void Prefetch(uint64_t hash) const {
    if (!slots_.empty()) PrefetchLine(&slots_[hash & mask()]);
  }

 private:
  struct Slot {
    uint32_t tag = 0;       // Bits of the hash that do not choose the slot.
    Place place_after = 0;  // The place, plus one; 0: free.
  };
  static constexpr size_t kSlotsMin = 16;

  static uint32_t TagOf(uint64_t hash) { return static_cast<uint32_t>(hash >> 32); }
  [[nodiscard]] size_t mask() const { return slots_.size() - 1; }

  void Put(uint64_t hash, Place place) {
    size_t at = hash & mask();
    while (slots_[at].place_after != 0) at = (at + 1) & mask();
    slots_[at] = {.tag = TagOf(hash), .place_after = place + 1};
  }
  template <class HashOf>
  void Rebuild(size_t slots, HashOf&& hash_of) {
    std::vector<Slot> old(slots);
    old.swap(slots_);
    for (const Slot& slot : old) {
      if (slot.place_after != 0) Put(hash_of(slot.place_after - 1), slot.place_after - 1);
    }
  }

  std::vector<Slot> slots_;  // A power of two, or none.
  size_t size_ = 0;
};

}  // namespace ladon::ledger

#endif  // LADON_LEDGER_PLACE_TABLE_H_
