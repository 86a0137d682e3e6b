// Goal: openings that are not those of the leaf are noticed, and transfers read back as booked.
// Method: a sealed entry, broken in every opening; shapes that no transaction has.
#include "ledger/seal.h"

#include "tests/testing/status_testing.h"

namespace ladon::ledger {
namespace {

using ::ladon::testing::IsOk;
using ::ladon::testing::StatusIs;

constexpr std::array<uint8_t, 32> kSecret = {1, 2, 3};

Posting PostingOf(uint8_t account, int64_t amount_kopecks) {
  Posting posting;
  posting.account.bytes.fill(account);
  posting.amount_kopecks = amount_kopecks;
  posting.sequence = 1;
  return posting;
}

Entry TwoTransfers() {
  Entry entry;
  entry.leaf.kind = EntryKind::kTransaction;
  entry.leaf.index = 5;
  LineDetail line;
  line.ordinal = 1;
  entry.openings = {PostingOf(1, -10), PostingOf(2, 10), PostingOf(1, -20), PostingOf(3, 20), line,
                    Context{}};
  return entry;
}

TEST(SealTest, OpensWhatItSealed) {
  Entry entry = TwoTransfers();
  SealEntry(kSecret, &entry);
  ASSERT_EQ(entry.leaf.commitments.size(), 6u);
  EXPECT_THAT(CheckSeal(kSecret, entry), IsOk());
  ASSERT_OK_AND_ASSIGN(const auto transfers, BookedTransfers(entry));
  ASSERT_EQ(transfers.size(), 2u);
  EXPECT_EQ(transfers[0].credit, PostingOf(2, 10));
  EXPECT_FALSE(transfers[0].line.has_value());
  EXPECT_EQ(transfers[1].debit, PostingOf(1, -20));
  EXPECT_TRUE(transfers[1].line.has_value());
}

TEST(SealTest, NoticesEveryChange) {
  Entry sealed = TwoTransfers();
  SealEntry(kSecret, &sealed);
  Entry entry = sealed;
  std::get<Posting>(entry.openings[3]).amount_kopecks += 1;
  EXPECT_THAT(CheckSeal(kSecret, entry), StatusIs(absl::StatusCode::kDataLoss));
  entry = sealed;
  std::swap(entry.openings[0], entry.openings[2]);
  EXPECT_THAT(CheckSeal(kSecret, entry), StatusIs(absl::StatusCode::kDataLoss));
  entry = sealed;
  entry.openings.pop_back();
  EXPECT_THAT(CheckSeal(kSecret, entry), StatusIs(absl::StatusCode::kDataLoss));
  entry = sealed;
  entry.leaf.index += 1;
  EXPECT_THAT(CheckSeal(kSecret, entry), StatusIs(absl::StatusCode::kDataLoss));
  entry = sealed;
  entry.leaf.commitments[5].digest.bytes[0] ^= 1;
  EXPECT_THAT(CheckSeal(kSecret, entry), StatusIs(absl::StatusCode::kDataLoss));
  entry = sealed;
  entry.leaf.commitments[5].kind = 1;
  EXPECT_THAT(CheckSeal(kSecret, entry), StatusIs(absl::StatusCode::kDataLoss));
  EXPECT_THAT(CheckSeal(std::array<uint8_t, 32>{9}, sealed), StatusIs(absl::StatusCode::kDataLoss));
}

TEST(SealTest, RefusesShapesThatNoTransactionHas) {
  std::vector<std::vector<Opening>> shapes = {
      {},
      {Context{}},
      {PostingOf(1, -10), PostingOf(2, 10)},
      {PostingOf(1, -10), Context{}},
      {PostingOf(1, 10), PostingOf(2, -10), Context{}},
      {PostingOf(1, -10), PostingOf(2, 11), Context{}},
      {PostingOf(1, INT64_MIN), PostingOf(2, INT64_MIN), Context{}},
      {LineDetail{}, PostingOf(1, -10), PostingOf(2, 10), Context{}},
      {PostingOf(1, -10), PostingOf(2, 10), Context{}, Context{}},
      {PostingOf(1, -10), PostingOf(2, 10), LineDetail{}, LineDetail{}, Context{}},
      {PostingOf(1, -10), PostingOf(2, 10), LineDetail{.ordinal = 1, .item = {}}, Context{}},
  };
  for (size_t i = 0; i < shapes.size(); ++i) {
    Entry entry = TwoTransfers();
    entry.openings = shapes[i];
    EXPECT_THAT(BookedTransfers(entry), StatusIs(absl::StatusCode::kDataLoss)) << i;
  }
  Entry reversal = TwoTransfers();  // Its first transfer names no line.
  reversal.leaf.related.bytes.fill(1);
  EXPECT_THAT(BookedTransfers(reversal), StatusIs(absl::StatusCode::kDataLoss));
}

}  // namespace
}  // namespace ladon::ledger
