// Goal: the rows of a closing and their root are what ledger/proof/README.md says, to the bit, and
// a row that is not one is refused.
#include "ledger/proof/closing.h"

#include <algorithm>
#include <random>

#include "ledger/proof/extract.h"
#include "ledger/proof/extract_accounts.h"
#include "ledger/proof/merkle.h"
#include "tests/ledger/proof/golden.h"
#include "tests/testing/status_testing.h"

namespace ladon::ledger {
namespace {

using ::ladon::testing::GoldenBytes;
using ::ladon::testing::IsOk;
using ::ladon::testing::StatusIs;

template <class Id>
Id Filled(uint8_t byte) {
  Id id;
  id.bytes.fill(byte);
  return id;
}

SaltSource ExampleSalts() {
  std::array<uint8_t, 32> secret;
  for (size_t i = 0; i < secret.size(); ++i) secret[i] = static_cast<uint8_t>(i);
  return SaltSource(secret);
}

ClosingRow ExampleRow() {
  return {.school = Filled<SchoolId>(0x33),
          .account = Filled<AccountId>(0x11),
          .code = AccountCode::kWallet,
          .sequence = 7,
          .balance_kopecks = 35'000,
          .debits_pending_kopecks = 2'500,
          .credits_pending_kopecks = 0};
}

std::string Bytes(const ClosingRow& row) {
  ByteWriter out;
  AppendRow(row, &out);
  return out.Take();
}

TEST(ClosingTest, ARowIsTheReadmesExample) {
  const std::string bytes = Bytes(ExampleRow());
  EXPECT_EQ(bytes, GoldenBytes("closing row"));
  EXPECT_EQ(bytes.size(), kClosingRowBytes);
  ByteReader in(bytes);
  ClosingRow row;
  ASSERT_THAT(ReadRow(&in, &row), IsOk());
  EXPECT_EQ(row, ExampleRow());
  const Digest hash = HashRow(ExampleSalts().KeyOfClosing(42), 5, ExampleRow());
  EXPECT_EQ(std::string(hash.bytes.begin(), hash.bytes.end()), GoldenBytes("closing row hash"));
}

TEST(ClosingTest, EveryFieldIsCommittedTo) {
  const ClosingKey key = ExampleSalts().KeyOfClosing(42);
  const Digest hash = HashRow(key, 5, ExampleRow());
  EXPECT_NE(HashRow(key, 6, ExampleRow()), hash);
  EXPECT_NE(HashRow(ExampleSalts().KeyOfClosing(43), 5, ExampleRow()), hash);
  const std::string bytes = Bytes(ExampleRow());
  for (size_t i = 0; i < bytes.size(); ++i) {
    std::string other = bytes;
    other[i] = static_cast<char>(other[i] ^ 1);
    ByteReader in(other);
    ClosingRow row;
    if (!ReadRow(&in, &row).ok()) continue;
    EXPECT_NE(HashRow(key, 5, row), hash) << "byte " << i;
  }
}

TEST(ClosingTest, RefusesWhatIsNoRow) {
  ClosingRow row;
  for (size_t size = 0; size < kClosingRowBytes; ++size) {
    const std::string cut = Bytes(ExampleRow()).substr(0, size);
    ByteReader in(cut);
    EXPECT_THAT(ReadRow(&in, &row), StatusIs(absl::StatusCode::kInvalidArgument));
  }
  for (const unsigned code : {0U, 8U, 0xffffU}) {
    std::string bytes = Bytes(ExampleRow());
    bytes[32] = static_cast<char>(code >> 8);
    bytes[33] = static_cast<char>(code);
    ByteReader in(bytes);
    EXPECT_THAT(ReadRow(&in, &row), StatusIs(absl::StatusCode::kInvalidArgument));
  }
  ClosingRow unused = ExampleRow();
  unused.sequence = 0;
  const std::string bytes = Bytes(unused);
  ByteReader in(bytes);
  EXPECT_THAT(ReadRow(&in, &row), StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST(ClosingTest, SchoolsComeBeforeAccounts) {
  ClosingRow a = ExampleRow();
  ClosingRow b = ExampleRow();
  EXPECT_FALSE(RowBefore(a, b));
  b.account = Filled<AccountId>(0x12);
  EXPECT_TRUE(RowBefore(a, b));
  a.school = Filled<SchoolId>(0x34);
  EXPECT_TRUE(RowBefore(b, a));
}

TEST(ClosingTest, TheRootIsThatOfTheTree) {
  const ClosingKey key = ExampleSalts().KeyOfClosing(9);
  std::vector<ClosingRow> rows;
  MerkleTree tree;
  for (uint8_t i = 1; i <= 11; ++i) {
    ClosingRow row = ExampleRow();
    row.account = Filled<AccountId>(i);
    tree.AppendHash(HashRow(key, rows.size(), row));
    rows.push_back(row);
    const ClosingHead head = HeadOf(key, rows, 2026'09'01, 9);
    EXPECT_EQ(head.root, tree.Root());
    EXPECT_EQ(head.account_count, rows.size());
    EXPECT_EQ(head.tree_size, 9);
    EXPECT_EQ(head.service_date, 2026'09'01);
  }
  EXPECT_EQ(HeadOf(key, {}, 2026'09'01, 9).root, Sha256(""));
}

// Money through an account that nobody opened would stand in no closing.
TEST(ExtractAccountsTest, AnAccountThatWasNeverOpenedIsNamed) {
  OpenedEntry entry;
  entry.leaf.kind = EntryKind::kTransaction;
  entry.openings = {{.ordinal = 0,
                     .opening = Posting{.account = Filled<AccountId>(0x77),
                                        .amount_kopecks = 5,
                                        .sequence = 1,
                                        .balance_kopecks = 5}}};
  std::vector<std::string> defects;
  const auto collect = [&](const AccountId&, std::string what) {
    defects.push_back(std::move(what));
  };
  ExtractAccounts whole(/*complete=*/true);
  whole.Take(entry, collect);
  EXPECT_EQ(defects, std::vector<std::string>{"used and never opened"});
  // In a piece of a journal it was opened before.
  ExtractAccounts piece(/*complete=*/false);
  defects.clear();
  piece.Take(entry, collect);
  EXPECT_TRUE(defects.empty());
}

TEST(ExtractFormatTest, TheHeadIsTheReadmesExample) {
  const ExtractHead head = {.scope = ExtractScope::kAccount,
                            .subject = Filled<AccountId>(0x11).bytes,
                            .first = 0,
                            .last = 42,
                            .checkpoint = ""};
  ByteWriter out;
  AppendExtractHead(head, &out);
  const std::string bytes = out.Take();
  EXPECT_EQ(bytes, GoldenBytes("extract head"));
  ByteReader in(bytes);
  ExtractHead read;
  ASSERT_THAT(ReadExtractHead(&in, &read), IsOk());
  EXPECT_EQ(read, head);
}

// A random set of leaves is shown; what is folded between them gives the same root, and no other
// folding is taken.
TEST(FoldTest, GivesTheRootOfTheWholeTree) {
  std::mt19937_64 random(1);
  for (int round = 0; round < 300; ++round) {
    const uint64_t size = 1 + random() % 300;
    std::vector<Digest> leaves;
    MerkleTree whole;
    for (uint64_t i = 0; i < size; ++i) {
      leaves.push_back(Sha256(std::to_string(random())));
      whole.AppendHash(leaves.back());
    }
    auto root_of = [&](uint64_t first, unsigned height) {
      MerkleTree part;
      for (uint64_t i = first; i < first + (uint64_t{1} << height); ++i) part.AppendHash(leaves[i]);
      return part.Root();
    };
    std::vector<bool> shown(size);
    for (uint64_t i = 0; i < size; ++i) shown[i] = random() % (1 + round % 50) == 0;
    bool could_be_finer = false;
    FoldedTree again(size);
    FoldedTree halves(size);  // Every fold of more than one leaf as two halves.
    absl::Status halves_status;
    for (uint64_t i = 0; i < size;) {
      if (shown[i]) {
        ASSERT_THAT(again.Show(leaves[i]), IsOk());
        halves_status.Update(halves.Show(leaves[i]));
        ++i;
        continue;
      }
      uint64_t end = i;
      while (end < size && !shown[end]) ++end;
      const unsigned height = FoldHeight(i, end);
      ASSERT_THAT(again.Fold(height, root_of(i, height)), IsOk());
      if (height > 0) {
        could_be_finer = true;
        const uint64_t half = uint64_t{1} << (height - 1);
        halves_status.Update(halves.Fold(height - 1, root_of(i, height - 1)));
        halves_status.Update(halves.Fold(height - 1, root_of(i + half, height - 1)));
      } else {
        halves_status.Update(halves.Fold(0, leaves[i]));
      }
      i += uint64_t{1} << height;
    }
    ASSERT_THAT(again.Finish(), IsOk());
    EXPECT_EQ(again.Root(), whole.Root());
    halves_status.Update(halves.Finish());
    EXPECT_EQ(halves_status.ok(), !could_be_finer);
  }
}

TEST(FoldTest, RefusesWhatDoesNotFit) {
  const Digest hash;
  FoldedTree tree(5);
  EXPECT_THAT(tree.Finish(), StatusIs(absl::StatusCode::kInvalidArgument));  // Cut off.
  EXPECT_THAT(tree.Fold(3, hash), StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(tree.Fold(63, hash), StatusIs(absl::StatusCode::kInvalidArgument));
  ASSERT_THAT(tree.Show(hash), IsOk());
  EXPECT_THAT(tree.Fold(1, hash), StatusIs(absl::StatusCode::kInvalidArgument));  // Not aligned.
  ASSERT_THAT(tree.Fold(0, hash), IsOk());
  ASSERT_THAT(tree.Fold(1, hash), IsOk());
  EXPECT_THAT(tree.Fold(1, hash), StatusIs(absl::StatusCode::kInvalidArgument));  // Beyond the end.
  ASSERT_THAT(tree.Show(hash), IsOk());
  EXPECT_THAT(tree.Show(hash), StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(tree.Fold(0, hash), StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(tree.Finish(), IsOk());
}

}  // namespace
}  // namespace ladon::ledger
