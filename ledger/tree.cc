#include "ledger/tree.h"

#include <cassert>
#include <utility>

#include "absl/strings/str_cat.h"
#include "ledger/proof/bytes.h"

namespace ladon::ledger {
namespace {

using storage::Family;

absl::Status TileError(unsigned level, uint64_t number, std::string_view what) {
  return absl::DataLossError(
      absl::StrCat("journal tree: tile ", number, " of level ", level, " ", std::string(what)));
}

absl::StatusOr<std::vector<Digest>> ReadStored(const storage::Store& store, unsigned level,
                                               uint64_t number) {
  const absl::StatusOr<std::optional<std::string>> bytes =
      store.Get(Family::kTree, TileKey(level, number));
  if (!bytes.ok()) return bytes.status();
  if (!bytes->has_value()) return TileError(level, number, "is not there");
  if ((*bytes)->size() != kTileBytes) return TileError(level, number, "is not full");
  return DecodeTile(**bytes);
}

}  // namespace

std::string TileKey(unsigned level, uint64_t number) {
  ByteWriter key;
  key.U8(static_cast<uint8_t>(level));
  key.U64(number);
  return key.Take();
}

absl::Status Tree::Restore(uint64_t size, std::vector<Digest> tail, const storage::Store& store) {
  assert(tail.size() == size % kTileWidth);
  edge_.size = size;
  edge_.tiles[0] = std::move(tail);
  for (unsigned level = 1; level < kTileLevelsMax; ++level) {
    const uint64_t end = HashesAtLevel(level, size);
    std::vector<Digest>& tile = edge_.tiles[level];
    for (uint64_t number = end >> kTileHeight << kTileHeight; number < end; ++number) {
      const absl::StatusOr<std::vector<Digest>> below = ReadStored(store, level - 1, number);
      if (!below.ok()) return below.status();
      tile.push_back(RootInTile(*below, 0, kTileHeight));
    }
  }
  Publish(TakeEdge());
  std::vector<Digest> peaks;
  const ReadNode nodes = Nodes(size, store);
  uint64_t first = 0;
  for (unsigned height = 64; height-- > 0;) {
    if ((size >> height & 1) == 0) continue;
    const absl::StatusOr<Digest> peak = nodes(height, first >> height);
    if (!peak.ok()) return peak.status();
    peaks.push_back(*peak);
    first += uint64_t{1} << height;
  }
  peaks_ = MerkleTree(size, std::move(peaks));
  return absl::OkStatus();
}

void Tree::Append(std::string_view leaf) {
  peaks_.AppendHash(HashLeaf(leaf), [this](unsigned height, const Digest& root) {
    const unsigned level = height / kTileHeight;
    if (height % kTileHeight != 0 || level >= kTileLevelsMax) return;
    std::vector<Digest>& tile = edge_.tiles[level];
    tile.push_back(root);
    if (tile.size() < kTileWidth) return;
    // This leaf is not counted yet: it is the last one below the tile.
    const uint64_t number = (peaks_.size() >> (kTileHeight * level)) >> kTileHeight;
    full_.push_back({.level = level, .number = number, .hashes = std::move(tile)});
    tile.clear();
  });
  edge_.size = peaks_.size();
}

std::vector<FullTile> Tree::TakeFullTiles() {
  return std::exchange(full_, {});
}

std::shared_ptr<const Tree::Edge> Tree::TakeEdge() const {
  assert(full_.empty());
  return std::make_shared<const Edge>(edge_);
}

void Tree::Publish(std::shared_ptr<const Edge> edge) {
  const std::lock_guard lock(mutex_);
  published_ = std::move(edge);
}

absl::StatusOr<std::vector<Digest>> Tree::ReadTileOf(unsigned level, uint64_t number, size_t width,
                                                     const storage::Store& store) const {
  std::shared_ptr<const Edge> edge;
  {
    const std::lock_guard lock(mutex_);
    edge = published_;
  }
  assert(level < kTileLevelsMax && width > 0 && width <= kTileWidth);
  const uint64_t last = HashesAtLevel(level, edge->size) >> kTileHeight;
  absl::StatusOr<std::vector<Digest>> hashes =
      number == last ? edge->tiles[level] : ReadStored(store, level, number);
  if (!hashes.ok()) return hashes;
  if (hashes->size() < width) return TileError(level, number, "has too few hashes");
  hashes->resize(width);
  return hashes;
}

ReadNode Tree::Nodes(uint64_t size, const storage::Store& store) const {
  return NodesFromTiles(size, [this, &store](unsigned level, uint64_t number, size_t width) {
    return ReadTileOf(level, number, width, store);
  });
}

}  // namespace ladon::ledger
