// Goal: every root the security log ever had can be told again, at once and after a restart.
// Method: a tree beside a naive one, asked at every size, before its tiles are durable and after;
// tiles that are taken away or changed.
#include "server/audit/record_tree.h"

#include <map>
#include <optional>

#include "ledger/proof/merkle_proof.h"
#include "storage/rocks_store.h"
#include "tests/testing/status_testing.h"
#include "tests/testing/temp_dir.h"

namespace ladon::audit {
namespace {

using ::ladon::testing::IsOk;
using ::ladon::testing::StatusIs;
using ledger::kTileWidth;

class RecordTreeTest : public ::testing::Test {
 protected:
  RecordTreeTest() {
    storage::RocksStoreOptions options{.path = dir_.Sub("store"), .create_if_missing = true};
    options.new_store_id.fill(0x22);
    store_ = *storage::OpenRocksStore(options);
    tree_.emplace(store_.get());
  }
  // Appends records up to `size`; what they complete is written when `write` says so.
  void Grow(uint64_t size, bool write) {
    for (uint64_t i = tree_->Head().first; i < size; ++i) {
      const std::string leaf = "record " + std::to_string(i);
      naive_.Append(leaf);
      roots_[naive_.size()] = naive_.Root();
      for (const ledger::FullTile& tile : tree_->Append(leaf)) {
        unwritten_.Put(storage::Family::kTree, RecordTileKey(tile.level, tile.number),
                       ledger::EncodeTile(tile.hashes));
      }
    }
    if (write) Write();
  }
  void Write() {
    ASSERT_THAT(store_->Write(unwritten_), IsOk());
    unwritten_ = {};
    tree_->SetDurable(tree_->Head().first);
  }
  void ExpectAllRoots(uint64_t step = 1) {
    for (uint64_t size = 1; size <= naive_.size(); size += step) {
      ASSERT_OK_AND_ASSIGN(const ledger::Digest root, tree_->RootAt(size));
      ASSERT_EQ(root, roots_[size]) << size;
    }
  }

  const testing::TempDir dir_;
  std::unique_ptr<storage::Store> store_;
  std::optional<RecordTree> tree_;
  ledger::MerkleTree naive_;
  std::map<uint64_t, ledger::Digest> roots_;
  storage::Batch unwritten_;
};

TEST_F(RecordTreeTest, TellsTheRootOfEverySizeBeforeAndAfterItsTilesAreDurable) {
  EXPECT_EQ(*tree_->RootAt(0), ledger::MerkleTree().Root());
  Grow(2 * kTileWidth + 3, false);
  ExpectAllRoots();
  Write();
  ExpectAllRoots();
  EXPECT_EQ(tree_->Head(), std::pair(naive_.size(), naive_.Root()));
  EXPECT_EQ(tree_->Peaks().peaks(), naive_.peaks());
}

TEST_F(RecordTreeTest, GoesOnFromItsTiles) {
  Grow(kTileWidth * kTileWidth + 5 * kTileWidth, true);  // A full tile of the level above too.
  tree_.emplace(store_.get());
  ASSERT_THAT(tree_->Restore(naive_.size()), IsOk());
  EXPECT_EQ(tree_->Head(), std::pair(naive_.size(), naive_.Root()));
  Grow(naive_.size() + kTileWidth + 1, true);
  ExpectAllRoots(97);
  ExpectAllRoots(kTileWidth);
}

TEST_F(RecordTreeTest, ProvesThatItOnlyGrew) {
  Grow(700, true);
  for (const uint64_t old_size : {1, 255, 256, 257, 511, 699}) {
    ASSERT_OK_AND_ASSIGN(const auto proof,
                         ledger::ConsistencyProof(old_size, 700, tree_->Nodes(700)));
    EXPECT_THAT(ledger::VerifyConsistency(old_size, 700, roots_[old_size], roots_[700], proof),
                IsOk());
  }
}

TEST_F(RecordTreeTest, AMissingOrCutTileIsTold) {
  Grow(3 * kTileWidth, true);
  storage::Batch batch;
  batch.Put(storage::Family::kTree, RecordTileKey(0, 1), "short");
  batch.Delete(storage::Family::kTree, RecordTileKey(0, 2));
  ASSERT_THAT(store_->Write(batch), IsOk());
  EXPECT_THAT(tree_->RootAt(kTileWidth), IsOk());
  EXPECT_THAT(tree_->RootAt(2 * kTileWidth - 1), StatusIs(absl::StatusCode::kDataLoss));
  EXPECT_THAT(tree_->RootAt(3 * kTileWidth - 1), StatusIs(absl::StatusCode::kNotFound));
  RecordTree again(store_.get());
  EXPECT_THAT(again.Restore(kTileWidth), IsOk());
  EXPECT_THAT(again.Restore(2 * kTileWidth), StatusIs(absl::StatusCode::kDataLoss));
  batch = {};
  batch.Delete(storage::Family::kTree, RecordTileKey(0, 1));
  ASSERT_THAT(store_->Write(batch), IsOk());
  EXPECT_THAT(again.Restore(2 * kTileWidth), StatusIs(absl::StatusCode::kNotFound));
}

}  // namespace
}  // namespace ladon::audit
