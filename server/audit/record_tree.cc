#include "server/audit/record_tree.h"

#include <algorithm>
#include <cassert>
#include <optional>

namespace ladon::audit {
namespace {

using ledger::Digest;
using ledger::FullTile;
using ledger::kTileHeight;
using ledger::kTileLevelsMax;
using ledger::kTileWidth;

constexpr unsigned kKeyMark = 0x80;  // Apart from the journal's tiles.

std::string NameOf(unsigned level, uint64_t number) {
  return "security log: tile " + std::to_string(number) + " of level " + std::to_string(level);
}

absl::StatusOr<std::vector<Digest>> ReadStored(const storage::Store& store, unsigned level,
                                               uint64_t number) {
  const auto bytes = store.Get(storage::Family::kTree, RecordTileKey(level, number));
  if (!bytes.ok()) return bytes.status();
  if (!bytes->has_value()) return absl::NotFoundError(NameOf(level, number) + " is not there");
  if ((*bytes)->size() != ledger::kTileBytes) {
    return absl::DataLossError(NameOf(level, number) + " is damaged");
  }
  return ledger::DecodeTile(**bytes);
}

}  // namespace

std::string RecordTileKey(unsigned level, uint64_t number) {
  return ledger::TileKey(kKeyMark | level, number);
}

absl::Status RecordTree::Restore(uint64_t size) {
  assert(size % kTileWidth == 0);
  std::array<std::vector<Digest>, kTileLevelsMax> edge;
  for (unsigned level = 1; level < kTileLevelsMax; ++level) {
    const uint64_t end = ledger::HashesAtLevel(level, size);
    for (uint64_t number = end >> kTileHeight << kTileHeight; number < end; ++number) {
      const absl::StatusOr<std::vector<Digest>> below = ReadStored(*store_, level - 1, number);
      if (!below.ok()) return below.status();
      edge[level].push_back(ledger::RootInTile(*below, 0, kTileHeight));
    }
  }
  {
    const std::scoped_lock lock(mutex_);
    edge_ = std::move(edge);
    pending_.clear();
    peaks_ = ledger::MerkleTree(size, {});  // So that Nodes() knows where each level ends.
  }
  std::vector<Digest> peaks;
  const ledger::ReadNode nodes = Nodes(size);
  uint64_t first = 0;
  for (unsigned height = 64; height-- > 0;) {
    if ((size >> height & 1) == 0) continue;
    const absl::StatusOr<Digest> peak = nodes(height, first >> height);
    if (!peak.ok()) return peak.status();
    peaks.push_back(*peak);
    first += uint64_t{1} << height;
  }
  const std::scoped_lock lock(mutex_);
  peaks_ = ledger::MerkleTree(size, std::move(peaks));
  return absl::OkStatus();
}

std::vector<FullTile> RecordTree::Append(std::string_view leaf) {
  const Digest hash = ledger::HashLeaf(leaf);
  std::vector<FullTile> full;
  const std::scoped_lock lock(mutex_);
  peaks_.AppendHash(hash, [&](unsigned height, const Digest& root) {
    const unsigned level = height / kTileHeight;
    if (height % kTileHeight != 0 || level >= kTileLevelsMax) return;
    std::vector<Digest>& tile = edge_[level];
    tile.push_back(root);
    if (tile.size() < kTileWidth) return;
    // This record is not counted yet: it is the last one below the tile.
    const uint64_t number = (peaks_.size() >> (kTileHeight * level)) >> kTileHeight;
    full.push_back({.level = level, .number = number, .hashes = std::move(tile)});
    tile.clear();
  });
  for (const FullTile& tile : full) pending_.push_back({.size = peaks_.size(), .tile = tile});
  return full;
}

void RecordTree::SetDurable(uint64_t size) {
  const std::scoped_lock lock(mutex_);
  while (!pending_.empty() && pending_.front().size <= size) pending_.pop_front();
}

std::pair<uint64_t, Digest> RecordTree::Head() const {
  const std::scoped_lock lock(mutex_);
  return {peaks_.size(), peaks_.Root()};
}

ledger::MerkleTree RecordTree::Peaks() const {
  const std::scoped_lock lock(mutex_);
  return peaks_;
}

absl::StatusOr<std::vector<Digest>> RecordTree::ReadTile(unsigned level, uint64_t number) const {
  {
    const std::scoped_lock lock(mutex_);
    if (number == ledger::HashesAtLevel(level, peaks_.size()) >> kTileHeight) return edge_[level];
    const auto found = std::find_if(pending_.begin(), pending_.end(), [&](const Pending& pending) {
      return pending.tile.level == level && pending.tile.number == number;
    });
    if (found != pending_.end()) return found->tile.hashes;
  }
  return ReadStored(*store_, level, number);
}

ledger::ReadNode RecordTree::Nodes(uint64_t size) const {
  return ledger::NodesFromTiles(size, [this](unsigned level, uint64_t number, size_t /*width*/) {
    return ReadTile(level, number);
  });
}

}  // namespace ladon::audit
