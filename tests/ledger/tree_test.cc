// Goal: proofs of the stored tree are those of the journal, at every size, also while it grows and
// after any restart; a damaged tile is no proof. Method: a journal across several tiles; a second,
// independent tree in memory; tiles removed and changed in the store behind the ledger's back.
#include "ledger/tree.h"

#include <atomic>
#include <thread>

#include "absl/strings/match.h"
#include "ledger/journal.h"
#include "tests/testing/ledger_testing.h"

namespace ladon::ledger {
namespace {

using ::ladon::testing::IsOk;
using ::ladon::testing::Pay;
using ::ladon::testing::StatusIs;
using ::ladon::testing::SubmissionOf;
using ::ladon::testing::TestLedger;
using ::ladon::testing::TransferOf;
using storage::Family;

constexpr uint64_t kEntries = 2 * kTileWidth + 90;

class TreeTest : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_THAT(ledger_.Open(), IsOk());
    ledger_.OpenAccounts(1, 2);
    while (ledger_.sequencer().Head().first < kEntries) Post();
    // The roots of every size, from the leaves as they are stored.
    MerkleTree tree;
    roots_.push_back(tree.Root());
    for (uint64_t i = 0; i < kEntries; ++i) {
      const auto entry = ledger_.sequencer().ReadEntry(i);
      ASSERT_THAT(entry, IsOk());
      leaves_.push_back(HashLeaf(*EncodeLeaf(entry->leaf)));
      tree.AppendHash(leaves_.back());
      roots_.push_back(tree.Root());
    }
  }

  void Post() { ledger_.Do(SubmissionOf(next_operation_++, Pay({TransferOf(1, 2, 5)}))); }

  void ExpectProofs() {
    const Sequencer& ledger = ledger_.sequencer();
    for (uint64_t size = 1; size <= kEntries; size += size < 20 ? 1 : 23) {
      ASSERT_EQ(*ledger.RootAt(size), roots_[size]) << size;
      for (uint64_t index = 0; index < size; index += 1 + size / 7) {
        const auto proof = ledger.ProveInclusion(index, size);
        ASSERT_THAT(proof, IsOk());
        ASSERT_THAT(VerifyInclusion(index, size, leaves_[index], *proof, roots_[size]), IsOk());
      }
      for (uint64_t old = 1; old <= size; old += 1 + size / 5) {
        const auto proof = ledger.ProveConsistency(old, size);
        ASSERT_THAT(proof, IsOk());
        ASSERT_THAT(VerifyConsistency(old, size, roots_[old], roots_[size], *proof), IsOk());
      }
    }
  }

  TestLedger ledger_;
  uint64_t next_operation_ = 10;
  std::vector<Digest> leaves_;
  std::vector<Digest> roots_;
};

TEST_F(TreeTest, ProofsOfEverySizeAlsoAfterARestart) {
  EXPECT_EQ(ledger_.sequencer().Head().second, roots_[kEntries]);
  ExpectProofs();
  ledger_.Close();
  ASSERT_THAT(ledger_.Open(), IsOk());
  ExpectProofs();
}

TEST_F(TreeTest, RefusesWhatIsNotThere) {
  const Sequencer& ledger = ledger_.sequencer();
  EXPECT_THAT(ledger.RootAt(kEntries + 1), StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(ledger.ProveInclusion(5, 5), StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(ledger.ProveInclusion(0, kEntries + 1), StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(ledger.ProveConsistency(0, 5), StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(ledger.ProveConsistency(6, 5), StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(ledger.ReadTile(0, 3, kEntries), StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(ledger.ReadTile(1, 1, kEntries), StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(ledger.ReadTile(8, 0, kEntries), StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(ledger.ReadTile(0, 1, kTileWidth), StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST_F(TreeTest, TilesAreTheHashesOfTheLeaves) {
  const Sequencer& ledger = ledger_.sequencer();
  const auto part = [this](size_t from, size_t count) {
    return std::vector<Digest>(leaves_.begin() + static_cast<ptrdiff_t>(from),
                               leaves_.begin() + static_cast<ptrdiff_t>(from + count));
  };
  EXPECT_EQ(*ledger.ReadTile(0, 1, kEntries), part(kTileWidth, kTileWidth));
  EXPECT_EQ(*ledger.ReadTile(0, 2, kEntries), part(2 * kTileWidth, 90));
  EXPECT_EQ(*ledger.ReadTile(0, 0, 17), part(0, 17)) << "a partial tile of an earlier size";
  EXPECT_EQ(*ledger.ReadTile(1, 0, kEntries),
            (std::vector<Digest>{roots_[kTileWidth],
                                 RootInTile(part(kTileWidth, kTileWidth), 0, kTileHeight)}));
}

TEST_F(TreeTest, LeavesInOneGo) {
  const Sequencer& ledger = ledger_.sequencer();
  for (const auto& [first, count] : {std::pair<uint64_t, size_t>{0, 256},
                                     {3, 100},
                                     {255, 3},
                                     {kEntries - 1, 1},
                                     {kEntries, 0}}) {
    const auto leaves = ledger.ReadLeaves(first, count);
    ASSERT_THAT(leaves, IsOk());
    ASSERT_EQ(leaves->size(), count);
    for (size_t i = 0; i < count; ++i) EXPECT_EQ(HashLeaf((*leaves)[i]), leaves_[first + i]);
  }
  EXPECT_THAT(ledger.ReadLeaves(kEntries - 1, 2), StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(ledger.ReadLeaves(0, 257), StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST_F(TreeTest, AStoreOfAnOlderProgramGetsItsTiles) {
  ledger_.Close();
  ASSERT_THAT(ledger_.OpenStore(), IsOk());
  storage::Batch batch;
  for (uint64_t number = 0; number < 2; ++number) {
    ASSERT_TRUE(ledger_.store().Get(Family::kTree, TileKey(0, number))->has_value());
    batch.Delete(Family::kTree, TileKey(0, number));
  }
  ASSERT_THAT(ledger_.store().Write(batch), IsOk());
  ASSERT_THAT(ledger_.OpenSequencer(), IsOk());
  ExpectProofs();
  EXPECT_TRUE(ledger_.store().Get(Family::kTree, TileKey(0, 1))->has_value());
}

TEST_F(TreeTest, AChangedTileStopsTheStart) {
  ledger_.Close();
  ASSERT_THAT(ledger_.OpenStore(), IsOk());
  std::string tile = **ledger_.store().Get(Family::kTree, TileKey(0, 1));
  tile[700] = static_cast<char>(tile[700] ^ 1);
  storage::Batch batch;
  batch.Put(Family::kTree, TileKey(0, 1), tile);
  ASSERT_THAT(ledger_.store().Write(batch), IsOk());
  const absl::Status status = ledger_.OpenSequencer();
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kDataLoss));
  EXPECT_TRUE(absl::StrContains(status.message(), "tile 1 of level 0")) << status;
}

TEST_F(TreeTest, ATileLostWhileServingIsNoProof) {
  storage::Batch batch;
  batch.Delete(Family::kTree, TileKey(0, 0));
  ASSERT_THAT(ledger_.store().Write(batch), IsOk());
  EXPECT_THAT(ledger_.sequencer().ProveInclusion(3, kEntries),
              StatusIs(absl::StatusCode::kDataLoss));
  EXPECT_THAT(ledger_.sequencer().ProveInclusion(2 * kTileWidth + 3, kEntries), IsOk());
}

TEST_F(TreeTest, ProofsWhileItGrows) {
  std::atomic<bool> stop = false;
  std::thread reader([&] {
    while (!stop) {
      const auto [size, root] = ledger_.sequencer().Head();
      const auto inclusion = ledger_.sequencer().ProveInclusion(7, size);
      ASSERT_THAT(inclusion, IsOk());
      ASSERT_THAT(VerifyInclusion(7, size, leaves_[7], *inclusion, root), IsOk());
      const auto consistency = ledger_.sequencer().ProveConsistency(kEntries, size);
      ASSERT_THAT(consistency, IsOk());
      ASSERT_THAT(VerifyConsistency(kEntries, size, roots_[kEntries], root, *consistency), IsOk());
    }
  });
  for (size_t i = 0; i < 2 * kTileWidth; ++i) Post();
  stop = true;
  reader.join();
}

}  // namespace
}  // namespace ladon::ledger
