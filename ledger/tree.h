// The journal's Merkle tree, kept as tiles so that a proof needs O(log n) reads.
//
// Family kTree, key = level (1 byte), number (8 bytes, big endian) -> a full tile of C2SP
// tlog-tiles (ledger/proof/tile.h): 256 hashes, which never change. The last tile of each level,
// which is not full, is in memory only; a replay of the journal makes it again.
//
// Threading: Append(), TakeFullTiles() and TakeEdge() from one thread at a time; Publish() makes
// what was appended up to an edge visible to Nodes(), while more may be appended already. Publish()
// from one thread at a time, Nodes() from any; its reader may outlive later appends.
#ifndef LADON_LEDGER_TREE_H_
#define LADON_LEDGER_TREE_H_

#include <array>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "ledger/proof/merkle.h"
#include "ledger/proof/merkle_proof.h"
#include "ledger/proof/tile.h"
#include "storage/store.h"

namespace ladon::ledger {

struct FullTile {
  unsigned level = 0;
  uint64_t number = 0;
  std::vector<Digest> hashes;
};

[[nodiscard]] std::string TileKey(unsigned level, uint64_t number);

class Tree {
 public:
  // The tile of each level that is not full yet.
  struct Edge {
    uint64_t size = 0;
    std::array<std::vector<Digest>, kTileLevelsMax> tiles;
  };

  // Goes on from the first `size` entries, whose full tiles are in the store. `tail` has the leaf
  // hashes behind the last full tile. DataLoss: a tile is not there.
  [[nodiscard]] absl::Status Restore(uint64_t size, std::vector<Digest> tail,
                                     const storage::Store& store);
  void Append(std::string_view leaf);
  [[nodiscard]] uint64_t size() const { return peaks_.size(); }
  [[nodiscard]] Digest Root() const { return peaks_.Root(); }

  // The tiles that have become full since the last call; they belong into the store.
  [[nodiscard]] std::vector<FullTile> TakeFullTiles();
  // What the tree is now, to be published when it is durable.
  [[nodiscard]] std::shared_ptr<const Edge> TakeEdge() const;
  // Everything appended up to `edge` is durable now, full tiles included.
  void Publish(std::shared_ptr<const Edge> edge);

  // Nodes of the first `size` entries, at most as many as are published. The store must outlive
  // the reader. DataLoss: a tile that must be there is not.
  [[nodiscard]] ReadNode Nodes(uint64_t size, const storage::Store& store) const;
  // One tile of the tree of `size` entries, `width` hashes of it. As Nodes().
  [[nodiscard]] absl::StatusOr<std::vector<Digest>> ReadTileOf(unsigned level, uint64_t number,
                                                               size_t width,
                                                               const storage::Store& store) const;

 private:
  MerkleTree peaks_;
  Edge edge_;
  std::vector<FullTile> full_;

  mutable std::mutex mutex_;
  std::shared_ptr<const Edge> published_ = std::make_shared<Edge>();
};

}  // namespace ladon::ledger

#endif  // LADON_LEDGER_TREE_H_
