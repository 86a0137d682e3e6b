// Tells in a fraction of a microsecond that an id was never seen; nearly every id of a new request
// is one of those, and asking the store about each would cost more than deciding it.
//
// A blocked Bloom filter (Putze, Sanders, Singler 2007): all bits of an id lie in one cache line.
// It grows by layers, each twice as large as the one before; about one absent id in a thousand is
// answered "perhaps". Two bytes of memory an id.
// Ids are random or digests: their own bytes serve as hashes. Who invents ids to meet the same bits
// only makes his own requests slower.
// Threading: one thread.
#ifndef LADON_LEDGER_SEEN_FILTER_H_
#define LADON_LEDGER_SEEN_FILTER_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace ladon::ledger {

class SeenFilter {
 public:
  using Id = std::array<uint8_t, 16>;  // The id, or the first bytes of a longer one.

  void Add(const Id& id);
  void Prefetch(const Id& id) const;
  // False: Add() was never called with it.
  [[nodiscard]] bool MayContain(const Id& id) const;
  [[nodiscard]] size_t bytes() const;

 private:
  struct alignas(64) Block {
    std::array<uint64_t, 8> words{};
  };
  struct Layer {
    std::vector<Block> blocks;
    size_t ids = 0;
    size_t ids_max = 0;
  };

  std::vector<Layer> layers_;
};

}  // namespace ladon::ledger

#endif  // LADON_LEDGER_SEEN_FILTER_H_
