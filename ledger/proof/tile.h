// Tiles: a log as files that never change, for tools of others.
//
// Source: C2SP tlog-tiles. Tile N of level L holds 256 hashes: the roots of the complete subtrees
// of 256^L leaves from leaf (N * 256) * 256^L on; the last tile of a level may hold fewer. An entry
// bundle holds 256 entries, each with its length in 16 bits before it.
// Threading: pure functions.
#ifndef LADON_LEDGER_PROOF_TILE_H_
#define LADON_LEDGER_PROOF_TILE_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "ledger/proof/ids.h"
#include "ledger/proof/merkle_proof.h"

namespace ladon::ledger {

inline constexpr unsigned kTileHeight = 8;
inline constexpr size_t kTileWidth = size_t{1} << kTileHeight;
inline constexpr size_t kDigestBytes = 32;
inline constexpr size_t kTileBytes = kTileWidth * kDigestBytes;
inline constexpr unsigned kTileLevelsMax = 8;  // 256^8 leaves are more than 64 bits count.

// How many hashes level `level` has in a tree of `size` leaves.
[[nodiscard]] constexpr uint64_t HashesAtLevel(unsigned level, uint64_t size) {
  return level < kTileLevelsMax ? size >> (kTileHeight * level) : 0;
}

// "tile/1/x001/067", with ".p/<width>" when it is not full. `level` < 0: "tile/entries/...".
[[nodiscard]] std::string TilePath(int level, uint64_t number, size_t width);

[[nodiscard]] std::string EncodeTile(const std::vector<Digest>& hashes);
// InvalidArgument: not 1 to 256 whole hashes.
[[nodiscard]] absl::StatusOr<std::vector<Digest>> DecodeTile(std::string_view bytes);

// The root of the complete subtree of 2^height tile hashes that begins at `first`, a multiple.
[[nodiscard]] Digest RootInTile(const std::vector<Digest>& hashes, size_t first, unsigned height);

// `entry` is at most 65 535 bytes (asserted).
void AppendToBundle(std::string_view entry, std::string* bundle);
// InvalidArgument: cut off, or not 1 to 256 entries. The views are into `bytes`.
[[nodiscard]] absl::StatusOr<std::vector<std::string_view>> DecodeBundle(std::string_view bytes);

// Nodes from tiles: what proofs ask for. `read_tile(level, number, width)` gives the tile's hashes,
// at least `width` of them. `size` is that of the tree, at most what tiles are there for.
using ReadTile = std::function<absl::StatusOr<std::vector<Digest>>(unsigned level, uint64_t number,
                                                                   size_t width)>;
[[nodiscard]] ReadNode NodesFromTiles(uint64_t size, ReadTile read_tile);

}  // namespace ladon::ledger

#endif  // LADON_LEDGER_PROOF_TILE_H_
