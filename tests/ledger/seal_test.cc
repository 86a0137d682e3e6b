// Goal: openings that are not those of the leaf are noticed, and transfers read back as booked.
// Method: a sealed entry, broken in every opening; shapes that no transaction has.
#include "ledger/seal.h"

#include "tests/testing/status_testing.h"

namespace ladon::ledger {
namespace {

using ::ladon::testing::IsOk;
using ::ladon::testing::StatusIs;

const SaltSource& Salts() {
  static const SaltSource salts(std::array<uint8_t, 32>{1, 2, 3});
  return salts;
}

// Seals, and tells the bytes of the openings.
std::string Seal(Entry* entry) {
  ByteWriter bytes;
  SealEntry(Salts(), entry, &bytes);
  return bytes.Take();
}

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
  const std::string bytes = Seal(&entry);
  EXPECT_TRUE(bytes.starts_with(EncodeOpening(entry.openings[0])));
  ASSERT_EQ(entry.leaf.commitments.size(), 6u);
  EXPECT_THAT(CheckSeal(Salts(), entry), IsOk());
  ASSERT_OK_AND_ASSIGN(const auto transfers, BookedTransfers(entry));
  ASSERT_EQ(transfers.size(), 2u);
  EXPECT_EQ(transfers[0].credit, PostingOf(2, 10));
  EXPECT_FALSE(transfers[0].line.has_value());
  EXPECT_EQ(transfers[1].debit, PostingOf(1, -20));
  EXPECT_TRUE(transfers[1].line.has_value());
}

TEST(SealTest, NoticesEveryChange) {
  Entry sealed = TwoTransfers();
  Seal(&sealed);
  Entry entry = sealed;
  std::get<Posting>(entry.openings[3]).amount_kopecks += 1;
  EXPECT_THAT(CheckSeal(Salts(), entry), StatusIs(absl::StatusCode::kDataLoss));
  entry = sealed;
  std::swap(entry.openings[0], entry.openings[2]);
  EXPECT_THAT(CheckSeal(Salts(), entry), StatusIs(absl::StatusCode::kDataLoss));
  entry = sealed;
  entry.openings.pop_back();
  EXPECT_THAT(CheckSeal(Salts(), entry), StatusIs(absl::StatusCode::kDataLoss));
  entry = sealed;
  entry.leaf.index += 1;
  EXPECT_THAT(CheckSeal(Salts(), entry), StatusIs(absl::StatusCode::kDataLoss));
  entry = sealed;
  entry.leaf.commitments[5].digest.bytes[0] ^= 1;
  EXPECT_THAT(CheckSeal(Salts(), entry), StatusIs(absl::StatusCode::kDataLoss));
  entry = sealed;
  entry.leaf.commitments[5].kind = 1;
  EXPECT_THAT(CheckSeal(Salts(), entry), StatusIs(absl::StatusCode::kDataLoss));
  entry = sealed;
  entry.leaf.version = 1;  // Its salts are others.
  EXPECT_THAT(CheckSeal(Salts(), entry), StatusIs(absl::StatusCode::kDataLoss));
  EXPECT_THAT(CheckSeal(SaltSource(std::array<uint8_t, 32>{9}), sealed),
              StatusIs(absl::StatusCode::kDataLoss));
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
      {PostingOf(1, -10), PostingOf(2, 10), EntitlementUse{}, LineDetail{}, Context{}},
      {Reservation{}, Reservation{}, PostingOf(1, -10), PostingOf(2, 10), Context{}},
      {PostingOf(1, -10), PostingOf(2, 10), ClosingHead{}, Context{}},
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

Reservation ReservationOf(uint8_t account, bool credit, int64_t amount_kopecks) {
  Reservation reservation;
  reservation.account.bytes.fill(account);
  reservation.credit = credit;
  reservation.amount_kopecks = amount_kopecks;
  reservation.sequence = 1;
  return reservation;
}

TEST(SealTest, PartsOfALineShareItsOrdinal) {
  Entry entry = TwoTransfers();
  entry.openings = {PostingOf(1, -10), PostingOf(2, 10), LineDetail{},     PostingOf(9, -30),
                    PostingOf(2, 30),  LineDetail{},     EntitlementUse{}, PostingOf(9, -7),
                    PostingOf(2, 7),   LineDetail{1},    EntitlementUse{}, Context{}};
  ASSERT_OK_AND_ASSIGN(const auto transfers, BookedTransfers(entry));
  ASSERT_EQ(transfers.size(), 3u);
  EXPECT_EQ(transfers[0].ordinal, 0);
  EXPECT_EQ(transfers[1].ordinal, 0);  // The budget's part of the same line.
  EXPECT_TRUE(transfers[1].use.has_value());
  EXPECT_EQ(transfers[2].ordinal, 1);  // A line that the budget paid alone.
}

TEST(SealTest, HoldsReserveAndTheirEndsRelease) {
  Entry entry = TwoTransfers();
  const auto reserved = {ReservationOf(1, false, 10), ReservationOf(2, true, 10)};
  entry.leaf.kind = EntryKind::kHold;
  entry.openings = {ReservationOf(1, false, 10), ReservationOf(2, true, 10), Context{}};
  ASSERT_OK_AND_ASSIGN(const auto held, BookedTransfers(entry));
  EXPECT_EQ(held.at(0).debit_reserved, *reserved.begin());
  EXPECT_EQ(held.at(0).debit.amount_kopecks, 0);
  entry.leaf.kind = EntryKind::kCapture;
  EXPECT_THAT(BookedTransfers(entry), StatusIs(absl::StatusCode::kDataLoss)) << "reserves";
  entry.openings = {ReservationOf(1, false, -10), ReservationOf(2, true, -10), PostingOf(1, -4),
                    PostingOf(2, 4), Context{}};
  ASSERT_OK_AND_ASSIGN(const auto captured, BookedTransfers(entry));
  EXPECT_EQ(captured.at(0).credit.amount_kopecks, 4);
  entry.leaf.kind = EntryKind::kVoid;
  EXPECT_THAT(BookedTransfers(entry), StatusIs(absl::StatusCode::kDataLoss)) << "moves money";
  entry.leaf.kind = EntryKind::kExpiry;
  entry.openings = {ReservationOf(1, false, -10), ReservationOf(2, true, -10)};
  EXPECT_THAT(BookedTransfers(entry), IsOk());
  entry.openings = {ReservationOf(1, false, -10), ReservationOf(2, false, -10)};
  EXPECT_THAT(BookedTransfers(entry), StatusIs(absl::StatusCode::kDataLoss)) << "one side twice";
  entry.openings = {ReservationOf(1, false, -10), ReservationOf(2, true, -11)};
  EXPECT_THAT(BookedTransfers(entry), StatusIs(absl::StatusCode::kDataLoss)) << "not the same";
}

}  // namespace
}  // namespace ladon::ledger
