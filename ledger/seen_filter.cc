#include "ledger/seen_filter.h"

#include <cstring>

#include "ledger/prefetch.h"

namespace ladon::ledger {
namespace {

constexpr size_t kBitsPerId = 16;
constexpr size_t kBlockBits = 512;
constexpr size_t kFirstLayerIds = size_t{1} << 20;
constexpr int kProbes = 7;     // 7 times 9 bits are in one half of an id.
constexpr int kProbeBits = 9;  // 2^9 bits are a block.

uint64_t Half(const SeenFilter::Id& id, size_t half) {
  uint64_t value = 0;
  std::memcpy(&value, id.data() + half * sizeof(value), sizeof(value));
  return value;
}

// Calls `visit(word, mask)` of every bit of an id; stops when it answers false.
template <class Visit>
bool AllBits(uint64_t hash, Visit&& visit) {
  for (int probe = 0; probe < kProbes; ++probe, hash >>= kProbeBits) {
    const auto bit = static_cast<unsigned>(hash & (kBlockBits - 1));
    if (!visit(bit / 64, uint64_t{1} << (bit % 64))) return false;
  }
  return true;
}

}  // namespace

void SeenFilter::Add(const Id& id) {
  if (layers_.empty() || layers_.back().ids == layers_.back().ids_max) {
    Layer layer;
    layer.ids_max = layers_.empty() ? kFirstLayerIds : 2 * layers_.back().ids_max;
    layer.blocks.resize(layer.ids_max * kBitsPerId / kBlockBits);  // A power of two.
    layers_.push_back(std::move(layer));
  }
  Layer& layer = layers_.back();
  Block& block = layer.blocks[Half(id, 0) & (layer.blocks.size() - 1)];
  AllBits(Half(id, 1), [&block](unsigned word, uint64_t mask) {
    block.words[word] |= mask;
    return true;
  });
  ++layer.ids;
}

void SeenFilter::Prefetch(const Id& id) const {
  for (const Layer& layer : layers_) {
    PrefetchLine(&layer.blocks[Half(id, 0) & (layer.blocks.size() - 1)]);
  }
}

bool SeenFilter::MayContain(const Id& id) const {
  for (const Layer& layer : layers_) {
    const Block& block = layer.blocks[Half(id, 0) & (layer.blocks.size() - 1)];
    const bool all = AllBits(Half(id, 1), [&block](unsigned word, uint64_t mask) {
      return (block.words[word] & mask) != 0;
    });
    if (all) return true;
  }
  return false;
}

size_t SeenFilter::bytes() const {
  size_t bytes = 0;
  for (const Layer& layer : layers_) bytes += layer.blocks.size() * sizeof(Block);
  return bytes;
}

}  // namespace ladon::ledger
