// The Merkle tree of the security log, kept as tiles (ledger/proof/tile.h), so that a root or a
// proof of any earlier size takes O(log n) reads.
//
// Family kTree, key = 0x80 | level (1 byte), number (8 bytes, big endian) -> a full tile. The last
// tile of each level, which is not full, is in memory only, and so is a full one until its batch is
// durable.
// Threading: Restore(), Append() and SetDurable() from one thread at a time; the rest from any.
#ifndef LADON_SERVER_AUDIT_RECORD_TREE_H_
#define LADON_SERVER_AUDIT_RECORD_TREE_H_

#include <array>
#include <cstdint>
#include <deque>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "ledger/proof/merkle.h"
#include "ledger/proof/merkle_proof.h"
#include "ledger/proof/tile.h"
#include "ledger/tree.h"
#include "storage/store.h"

namespace ladon::audit {

[[nodiscard]] std::string RecordTileKey(unsigned level, uint64_t number);

class RecordTree {
 public:
  // `store` must outlive the tree.
  explicit RecordTree(const storage::Store* store) : store_(store) {}

  // Goes on from the first `size` records, a multiple of kTileWidth, whose tiles are in the store.
  // NotFound: a tile is not there. DataLoss: it is not as it was written.
  [[nodiscard]] absl::Status Restore(uint64_t size);
  // Returns the tiles that the record completes; they belong into its batch.
  std::vector<ledger::FullTile> Append(std::string_view leaf);
  // The batches of the first `size` records are durable.
  void SetDurable(uint64_t size);

  // Everything appended: number and root, or the roots of all complete subtrees.
  [[nodiscard]] std::pair<uint64_t, ledger::Digest> Head() const;
  [[nodiscard]] ledger::MerkleTree Peaks() const;
  // Nodes of the first `size` records, at most as many as were appended. One thread a reader.
  // NotFound, DataLoss as Restore().
  [[nodiscard]] ledger::ReadNode Nodes(uint64_t size) const;
  [[nodiscard]] absl::StatusOr<ledger::Digest> RootAt(uint64_t size) const {
    return ledger::RootOf(size, Nodes(size));
  }

 private:
  struct Pending {
    uint64_t size = 0;  // Durable when as many records are.
    ledger::FullTile tile;
  };

  absl::StatusOr<std::vector<ledger::Digest>> ReadTile(unsigned level, uint64_t number) const;

  const storage::Store* const store_;
  mutable std::mutex mutex_;  // Guards what follows.
  ledger::MerkleTree peaks_;
  std::array<std::vector<ledger::Digest>, ledger::kTileLevelsMax> edge_;
  std::deque<Pending> pending_;  // Oldest first.
};

}  // namespace ladon::audit

#endif  // LADON_SERVER_AUDIT_RECORD_TREE_H_
