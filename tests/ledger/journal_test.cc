// Goal: a block comes back as it went, an entry is found in the middle of it, and no damaged byte
// passes unseen by decoder, seal or root. Method: blocks of a few entries, every byte flipped.
#include "ledger/journal.h"

#include "tests/testing/ledger_testing.h"

namespace ladon::ledger {
namespace {

using ::ladon::testing::IdOf;
using ::ladon::testing::IsOk;
using ::ladon::testing::OperationOf;
using ::ladon::testing::StatusIs;
using ::ladon::testing::TempDir;
using ::ladon::testing::TestSecret;

Entry EntryAt(uint64_t index) {
  Entry entry;
  entry.leaf.kind = EntryKind::kTransaction;
  entry.leaf.index = index;
  entry.leaf.booked_at_ns = 1'000 + index;
  entry.leaf.operation = OperationOf(index);
  entry.leaf.transaction = IdOf<TransactionId>(index);
  entry.openings = {Posting{IdOf<AccountId>(1), -5, index + 1, -5},
                    Posting{IdOf<AccountId>(2), 5, 1, 5}, Context{}};
  entry.previous = {index + 40, index + 50};
  ByteWriter bytes;
  SealEntry(SaltSource(TestSecret()), &entry, &bytes);
  return entry;
}

void AddTo(BlockWriter* writer, const Entry& entry, const std::string& leaf) {
  ByteWriter openings;
  for (const Opening& opening : entry.openings) AppendOpening(opening, &openings);
  writer->Add(leaf, openings.view(), entry.previous);
}

std::string BlockOf(uint64_t first, uint64_t count) {
  BlockWriter writer(first);
  MerkleTree tree;
  for (uint64_t index = first; index < first + count; ++index) {
    const std::string leaf = EncodeLeaf(EntryAt(index).leaf).value();
    tree.Append(leaf);
    AddTo(&writer, EntryAt(index), leaf);
  }
  return writer.Finish(tree.Root(), 999 + first + count);
}

// OK when the block, its seals and its root (as of a tree that begins with it) all verify.
absl::Status Verify(std::string_view key, std::string_view value) {
  absl::StatusOr<BlockReader> block = BlockReader::Open(key, value);
  if (!block.ok()) {
    return block.status();
  }
  MerkleTree tree;
  uint64_t last_booked_at_ns = 0;
  for (uint32_t i = 0; i < block->count(); ++i) {
    std::string_view leaf;
    const absl::StatusOr<Entry> entry = block->Next(&leaf);
    if (!entry.ok()) {
      return entry.status();
    }
    if (absl::Status sealed = CheckSeal(SaltSource(TestSecret()), *entry); !sealed.ok()) {
      return sealed;
    }
    // Not under the root: a replay compares it with what it knows.
    if (entry->previous != EntryAt(entry->leaf.index).previous) {
      return absl::DataLossError("previous");
    }
    tree.Append(leaf);
    last_booked_at_ns = entry->leaf.booked_at_ns;
  }
  if (absl::Status finished = block->Finish(); !finished.ok()) {
    return finished;
  }
  return block->root() == tree.Root() && block->last_booked_at_ns() == last_booked_at_ns
             ? absl::OkStatus()
             : absl::DataLossError("trailer");
}

TEST(JournalTest, BlockComesBack) {
  const std::string value = BlockOf(7, 3);
  ASSERT_THAT(Verify(JournalKey(7), value), IsOk());
  ASSERT_OK_AND_ASSIGN(BlockReader block, BlockReader::Open(JournalKey(7), value));
  EXPECT_EQ(block.first_index(), 7u);
  EXPECT_EQ(block.count(), 3u);
  EXPECT_THAT(block.Skip(), IsOk());
  ASSERT_OK_AND_ASSIGN(const Entry entry, block.Next());
  EXPECT_EQ(entry.leaf, EntryAt(8).leaf);
  EXPECT_EQ(entry.openings, EntryAt(8).openings);
}

TEST(JournalTest, EveryFlippedBitAndEveryTruncationIsNoticed) {
  const std::string value = BlockOf(7, 2);
  for (size_t bit = 0; bit < 8 * value.size(); ++bit) {
    std::string flipped = value;
    flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << bit % 8));
    EXPECT_THAT(Verify(JournalKey(7), flipped), StatusIs(absl::StatusCode::kDataLoss))
        << "bit " << bit;
  }
  for (size_t size = 0; size < value.size(); ++size) {
    EXPECT_THAT(Verify(JournalKey(7), value.substr(0, size)),
                StatusIs(absl::StatusCode::kDataLoss));
  }
  EXPECT_THAT(Verify(JournalKey(8), value), StatusIs(absl::StatusCode::kDataLoss));
  EXPECT_THAT(Verify("short", value), StatusIs(absl::StatusCode::kDataLoss));
}

TEST(JournalTest, FullBlockAndOneLargestEntryStillFitAValue) {
  // The largest opening, as often as an entry may have openings.
  AccountTerms terms;
  Entitlements entitlements;
  for (uint16_t i = 0; i < kLimitsMax; ++i) terms.limits.emplace_back(i, i);
  entitlements.list.resize(kEntitlementsMax);
  const size_t opening_bytes =
      std::max(EncodeOpening(terms).size(), EncodeOpening(entitlements).size());
  const size_t entry_bytes = kLeafBytesMax + kCommitmentsMax * (opening_bytes + 8) + 6;
  EXPECT_LE(kBlockBytesTarget + entry_bytes + 64, kBlockBytesMax);
  BlockWriter writer(0);
  const Entry entry = EntryAt(0);
  const std::string leaf = EncodeLeaf(entry.leaf).value();
  while (!writer.full()) {
    AddTo(&writer, entry, leaf);
  }
  EXPECT_LE(writer.Finish(Digest{}, 0).size(), kBlockBytesMax);
}

// The first format, as older stores have it.
TEST(JournalTest, OlderBlocksAreRead) {
  Entry entry = EntryAt(7);
  entry.leaf.version = 1;
  ByteWriter bytes;
  SealEntry(SaltSource(TestSecret()), &entry, &bytes);
  const std::string leaf = EncodeLeaf(entry.leaf).value();
  ByteWriter block;
  block.Raw("LJB1");
  block.U64(7);
  block.U32(2);
  for (const uint64_t index : {7, 8}) {
    Entry same = entry;
    same.leaf.index = index;
    const std::string its_leaf = EncodeLeaf(same.leaf).value();
    block.U32(static_cast<uint32_t>(its_leaf.size()));
    block.Raw(its_leaf);
    block.U16(3);
    for (const Opening& opening : entry.openings) {
      block.U8(OpeningKind(opening));
      block.U32(static_cast<uint32_t>(EncodeOpening(opening).size()));
      block.Raw(EncodeOpening(opening));
    }
  }
  block.Raw(Digest{}.bytes);
  block.U64(1'007);
  ASSERT_OK_AND_ASSIGN(BlockReader reader, BlockReader::Open(JournalKey(7), block.view()));
  std::string_view read_leaf;
  ASSERT_OK_AND_ASSIGN(const Entry first, reader.Next(&read_leaf));
  EXPECT_EQ(read_leaf, leaf);
  EXPECT_EQ(first.leaf, entry.leaf);
  EXPECT_EQ(first.openings, entry.openings);
  EXPECT_TRUE(first.previous.empty());
  EXPECT_THAT(CheckSeal(SaltSource(TestSecret()), first), IsOk());
  EXPECT_THAT(reader.Skip(), IsOk());
  EXPECT_THAT(reader.Finish(), IsOk());
}

TEST(JournalTest, FindsAnEntryInTheMiddleOfABlock) {
  const TempDir dir;
  storage::RocksStoreOptions options;
  options.path = dir.Sub("store");
  options.create_if_missing = true;
  options.new_store_id.fill(1);
  ASSERT_OK_AND_ASSIGN(const auto store, storage::OpenRocksStore(options));
  EXPECT_THAT(ReadJournalEntry(*store, SaltSource(TestSecret()), 0),
              StatusIs(absl::StatusCode::kNotFound));
  storage::Batch batch;
  batch.Put(storage::Family::kJournal, JournalKey(0), BlockOf(0, 5));
  batch.Put(storage::Family::kJournal, JournalKey(5), BlockOf(5, 300));
  batch.Put(storage::Family::kJournal, JournalKey(305), BlockOf(305, 1));
  ASSERT_THAT(store->Write(batch), IsOk());
  for (const uint64_t index : {0, 4, 5, 255, 256, 304, 305}) {
    ASSERT_OK_AND_ASSIGN(const Entry entry,
                         ReadJournalEntry(*store, SaltSource(TestSecret()), index));
    EXPECT_EQ(entry.leaf, EntryAt(index).leaf);
  }
  EXPECT_THAT(ReadJournalEntry(*store, SaltSource(TestSecret()), 306),
              StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(ReadJournalEntry(*store, SaltSource(std::array<uint8_t, 32>{}), 3),
              StatusIs(absl::StatusCode::kDataLoss));
}

}  // namespace
}  // namespace ladon::ledger
