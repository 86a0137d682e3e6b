// What came last, in the order in which it came, and found by its key.
//
// The committer adds a key for every entry, so what an addition costs is what counts: one store at
// the end of a list and one in a small table, instead of one at random in a table of whole items.
// Invariant: a key stands in it once.
// Threading: const functions beside each other; the rest alone.
#ifndef LADON_LEDGER_ARRIVAL_MAP_H_
#define LADON_LEDGER_ARRIVAL_MAP_H_

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "ledger/place_table.h"
#include "ledger/proof/ids.h"

namespace ladon::ledger {

template <class Key>
class ArrivalMap {
 public:
  using Item = std::pair<Key, uint64_t>;

  void Reserve(size_t count) {
    items_.reserve(count);
    table_.Reserve(count, [this](size_t at) { return HashAt(at); });
  }
  // Empties it and keeps the memory.
  void Clear() {
    items_.clear();
    table_.Clear();
  }
  void InsertOrAssign(const Key& key, uint64_t value) {
    if (const PlaceTable::Place found = PlaceOf(key); found != PlaceTable::kNone) {
      items_[found].second = value;
      return;
    }
    table_.Insert(IdHash()(key), static_cast<PlaceTable::Place>(items_.size()),
                  [this](size_t at) { return HashAt(at); });
    items_.emplace_back(key, value);
  }
  // nullptr: not there. Valid until the next change.
  [[nodiscard]] const uint64_t* Find(const Key& key) const {
    const PlaceTable::Place found = PlaceOf(key);
    return found == PlaceTable::kNone ? nullptr : &items_[found].second;
  }
  // A hint: the key is added or looked for soon.
  void Prefetch(const Key& key) const { table_.Prefetch(IdHash()(key)); }
  [[nodiscard]] size_t size() const { return items_.size(); }
  // In the order of their arrival.
  [[nodiscard]] const std::vector<Item>& items() const { return items_; }

 private:
  [[nodiscard]] uint64_t HashAt(size_t at) const { return IdHash()(items_[at].first); }
  [[nodiscard]] PlaceTable::Place PlaceOf(const Key& key) const {
    return table_.Find(IdHash()(key), [&](size_t at) { return items_[at].first == key; });
  }

  std::vector<Item> items_;
  PlaceTable table_;
};

}  // namespace ladon::ledger

#endif  // LADON_LEDGER_ARRIVAL_MAP_H_
