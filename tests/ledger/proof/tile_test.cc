// Goal: the files of a log are those of C2SP tlog-tiles. Method: the specification's own examples;
// proofs read from tiles against the tree in memory, for sizes around every border; bundles and
// tiles cut at every byte.
#include "ledger/proof/tile.h"

#include <map>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "ledger/proof/merkle.h"

namespace ladon::ledger {
namespace {

TEST(TileTest, PathsOfTheSpecification) {
  EXPECT_EQ(TilePath(0, 0, kTileWidth), "tile/0/000");
  EXPECT_EQ(TilePath(0, 273, 112), "tile/0/273.p/112");
  EXPECT_EQ(TilePath(1, 1, 17), "tile/1/001.p/17");
  EXPECT_EQ(TilePath(2, 1'234'067, kTileWidth), "tile/2/x001/x234/067");
  EXPECT_EQ(TilePath(0, 1'000, kTileWidth), "tile/0/x001/000");
  EXPECT_EQ(TilePath(-1, 1'234'067, 5), "tile/entries/x001/x234/067.p/5");
}

TEST(TileTest, WidthsOfTheSpecification) {
  EXPECT_EQ(HashesAtLevel(0, 70'000), 273U * 256 + 112);
  EXPECT_EQ(HashesAtLevel(1, 70'000), 256U + 17);
  EXPECT_EQ(HashesAtLevel(2, 70'000), 1U);
  EXPECT_EQ(HashesAtLevel(3, 70'000), 0U);
  EXPECT_EQ(HashesAtLevel(1, 256), 1U);
  EXPECT_EQ(HashesAtLevel(8, UINT64_MAX), 0U);
}

// All tiles of the first `size` leaves, partial ones too.
using Tiles = std::map<std::pair<unsigned, uint64_t>, std::vector<Digest>>;

Tiles TilesOf(const std::vector<Digest>& leaves) {
  Tiles tiles;
  std::vector<Digest> hashes = leaves;
  for (unsigned level = 0; !hashes.empty(); ++level) {
    std::vector<Digest> above;
    for (size_t from = 0; from < hashes.size(); from += kTileWidth) {
      const size_t to = std::min(hashes.size(), from + kTileWidth);
      std::vector<Digest> tile(hashes.begin() + static_cast<ptrdiff_t>(from),
                               hashes.begin() + static_cast<ptrdiff_t>(to));
      if (tile.size() == kTileWidth) above.push_back(RootInTile(tile, 0, kTileHeight));
      tiles[{level, from / kTileWidth}] = std::move(tile);
    }
    hashes = std::move(above);
  }
  return tiles;
}

TEST(TileTest, ProofsFromTilesAreThoseOfTheTree) {
  for (const uint64_t size :
       {1U, 2U, 255U, 256U, 257U, 511U, 512U, 513U, 1'000U, 65'535U, 65'536U, 65'537U, 70'000U}) {
    std::vector<Digest> leaves;
    MerkleTree tree;
    std::map<uint64_t, Digest> roots;
    for (uint64_t i = 0; i < size; ++i) {
      leaves.push_back(HashLeaf(absl::StrCat(i)));
      tree.AppendHash(leaves.back());
      if (i % 97 == 0) roots[i + 1] = tree.Root();
    }
    const Tiles tiles = TilesOf(leaves);
    const ReadNode read = NodesFromTiles(size, [&](unsigned level, uint64_t number, size_t width) {
      const auto tile = tiles.find({level, number});
      EXPECT_NE(tile, tiles.end()) << level << " " << number;
      EXPECT_EQ(tile->second.size(), width);
      return absl::StatusOr<std::vector<Digest>>(tile->second);
    });
    ASSERT_EQ(*RootOf(size, read), tree.Root()) << size;
    for (uint64_t index = 0; index < size; index += 1 + size / 50) {
      const auto proof = InclusionProof(index, size, read);
      ASSERT_TRUE(proof.ok());
      ASSERT_TRUE(VerifyInclusion(index, size, leaves[index], *proof, tree.Root()).ok());
    }
    for (const auto& [old, root] : roots) {
      if (old % 5 != 0) continue;
      const auto proof = ConsistencyProof(old, size, read);
      ASSERT_TRUE(proof.ok());
      ASSERT_TRUE(VerifyConsistency(old, size, root, tree.Root(), *proof).ok());
    }
  }
}

TEST(TileTest, TilesThereAndBack) {
  std::vector<Digest> hashes(3);
  hashes[1].bytes.fill(1);
  hashes[2].bytes.fill(2);
  EXPECT_EQ(*DecodeTile(EncodeTile(hashes)), hashes);
  const std::string bytes = EncodeTile(std::vector<Digest>(kTileWidth));
  EXPECT_EQ(bytes.size(), kTileBytes);
  EXPECT_TRUE(DecodeTile(bytes).ok());
  for (const std::string& bad : {std::string(), bytes.substr(1), bytes + bytes.substr(0, 32)}) {
    EXPECT_EQ(DecodeTile(bad).status().code(), absl::StatusCode::kInvalidArgument);
  }
}

TEST(TileTest, BundleOfTheTestLog) {
  std::string bundle;
  AppendToBundle("one", &bundle);
  EXPECT_EQ(bundle, std::string("\x00\x03one", 5));
  AppendToBundle("", &bundle);
  AppendToBundle(std::string(65'535, 'x'), &bundle);
  const auto entries = DecodeBundle(bundle);
  ASSERT_TRUE(entries.ok());
  ASSERT_EQ(entries->size(), 3U);
  EXPECT_EQ((*entries)[0], "one");
  EXPECT_EQ((*entries)[1], "");
  EXPECT_EQ((*entries)[2].size(), 65'535U);
}

TEST(TileTest, BundlesThatAreNone) {
  std::string bundle;
  for (const char* entry : {"one", "two", "three"}) AppendToBundle(entry, &bundle);
  size_t whole = 0;
  for (size_t size = 0; size <= bundle.size(); ++size) {
    whole += DecodeBundle(std::string_view(bundle).substr(0, size)).ok() ? 1 : 0;
  }
  EXPECT_EQ(whole, 3U) << "only where an entry ends";
  std::string many;
  for (size_t i = 0; i < kTileWidth; ++i) AppendToBundle("x", &many);
  EXPECT_TRUE(DecodeBundle(many).ok());
  AppendToBundle("x", &many);
  EXPECT_FALSE(DecodeBundle(many).ok());
}

}  // namespace
}  // namespace ladon::ledger
