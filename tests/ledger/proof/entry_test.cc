// Goal: one value has one encoding, the documented one. Method: the worked example of the README
// byte for byte; every truncation, every flipped field and trailing bytes; the limits.
#include "ledger/proof/entry.h"

#include <set>

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

std::array<uint8_t, 32> ExampleSecret() {
  std::array<uint8_t, 32> secret{};
  for (size_t i = 0; i < secret.size(); ++i) {
    secret[i] = static_cast<uint8_t>(i);
  }
  return secret;
}

std::vector<Opening> ExampleOpenings() {
  return {Posting{.account = Filled<AccountId>(0x11),
                  .amount_kopecks = -15'000,
                  .sequence = 7,
                  .balance_kopecks = 35'000},
          Posting{.account = Filled<AccountId>(0x22),
                  .amount_kopecks = 15'000,
                  .sequence = 1'204,
                  .balance_kopecks = 9'015'000},
          LineDetail{.ordinal = 0,
                     .item = Filled<ItemId>(0x55),
                     .category = 3,
                     .quantity = 2,
                     .unit_price_kopecks = 7'500,
                     .purse = 1},
          Context{.school = Filled<SchoolId>(0x33), .actor = Filled<ActorId>(0x44), .means = 1}};
}

AccountTerms ExampleTerms() {
  return {.account = Filled<AccountId>(0x11),
          .sequence = 1,
          .code = AccountCode::kWallet,
          .purse = 1,
          .flags = kAccountLimited,
          .school = Filled<SchoolId>(0x33),
          .overdraft_limit_kopecks = 10'000,
          .limits = {{1, 50'000}, {4, -1}}};
}

Leaf ExampleLeaf() {
  Leaf leaf;
  leaf.kind = EntryKind::kTransaction;
  leaf.index = 42;
  leaf.booked_at_ns = 1'788'250'500'000'000'000;
  leaf.service_date = 2026'09'01;
  leaf.transaction = Filled<TransactionId>(0x66);
  leaf.operation.digest = Filled<Digest>(0x77);
  leaf.content = Filled<Digest>(0x88);
  leaf.nonce = Filled<Nonce>(0x99);
  leaf.document = Filled<Digest>(0xaa);
  const std::vector<Opening> openings = ExampleOpenings();
  for (size_t i = 0; i < openings.size(); ++i) {
    leaf.commitments.push_back(
        {.kind = OpeningKind(openings[i]),
         .digest = Commit(DeriveSalt(ExampleSecret(), leaf.index, static_cast<uint16_t>(i)),
                          EncodeOpening(openings[i]))});
  }
  return leaf;
}

template <size_t N>
std::string Text(const std::array<uint8_t, N>& bytes) {
  return std::string(bytes.begin(), bytes.end());
}

TEST(EntryTest, LeafIsTheReadmesExample) {
  ASSERT_OK_AND_ASSIGN(const std::string bytes, EncodeLeaf(ExampleLeaf()));
  EXPECT_EQ(bytes, GoldenBytes("leaf"));
  EXPECT_EQ(Text(HashLeaf(bytes).bytes), GoldenBytes("leaf hash"));
  ASSERT_OK_AND_ASSIGN(const Leaf decoded, DecodeLeaf(bytes));
  EXPECT_EQ(decoded, ExampleLeaf());
}

TEST(EntryTest, OpeningsAreTheReadmesExample) {
  EXPECT_EQ(Text(DeriveSalt(ExampleSecret(), 42, 0)), GoldenBytes("salt 0"));
  std::vector<std::pair<std::string, Opening>> examples = {{"terms", ExampleTerms()}};
  for (const Opening& opening : ExampleOpenings()) {
    examples.emplace_back("opening " + std::to_string(examples.size() - 1), opening);
  }
  for (const auto& [name, opening] : examples) {
    const std::string bytes = EncodeOpening(opening);
    EXPECT_EQ(bytes, GoldenBytes(name)) << name;
    ASSERT_OK_AND_ASSIGN(const Opening decoded, DecodeOpening(OpeningKind(opening), bytes));
    EXPECT_EQ(decoded, opening) << name;
  }
}

TEST(EntryTest, SaltsDifferByIndexOrdinalAndSecret) {
  std::array<uint8_t, 32> other = ExampleSecret();
  other[31] ^= 1;
  const std::set<Salt> salts = {DeriveSalt(ExampleSecret(), 1, 0),
                                DeriveSalt(ExampleSecret(), 0, 1),
                                DeriveSalt(ExampleSecret(), 1, 1), DeriveSalt(other, 1, 0),
                                DeriveSalt(ExampleSecret(), 256, 0)};
  EXPECT_EQ(salts.size(), 5u);
}

TEST(EntryTest, RefusesEveryTruncationAndTrailingBytes) {
  ASSERT_OK_AND_ASSIGN(const std::string leaf, EncodeLeaf(ExampleLeaf()));
  for (size_t size = 0; size < leaf.size(); ++size) {
    EXPECT_THAT(DecodeLeaf(leaf.substr(0, size)), StatusIs(absl::StatusCode::kInvalidArgument));
  }
  EXPECT_THAT(DecodeLeaf(leaf + '\0'), StatusIs(absl::StatusCode::kInvalidArgument));
  for (const Opening& opening : ExampleOpenings()) {
    const std::string bytes = EncodeOpening(opening);
    for (size_t size = 0; size < bytes.size(); ++size) {
      EXPECT_THAT(DecodeOpening(OpeningKind(opening), bytes.substr(0, size)),
                  StatusIs(absl::StatusCode::kInvalidArgument));
    }
    EXPECT_THAT(DecodeOpening(OpeningKind(opening), bytes + '\0'),
                StatusIs(absl::StatusCode::kInvalidArgument));
  }
  EXPECT_THAT(DecodeOpening(0, ""), StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(DecodeOpening(5, ""), StatusIs(absl::StatusCode::kInvalidArgument));
}

// Canonical: whatever decodes encodes to the same bytes.
TEST(EntryTest, EveryFlippedBitIsAnotherValueOrRefused) {
  ASSERT_OK_AND_ASSIGN(const std::string leaf, EncodeLeaf(ExampleLeaf()));
  for (size_t bit = 0; bit < 8 * leaf.size(); ++bit) {
    std::string flipped = leaf;
    flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << bit % 8));
    if (const absl::StatusOr<Leaf> decoded = DecodeLeaf(flipped); decoded.ok()) {
      EXPECT_NE(*decoded, ExampleLeaf());
      EXPECT_EQ(EncodeLeaf(*decoded).value(), flipped);
    }
  }
}

TEST(EntryTest, RefusesFieldsOutOfForm) {
  Leaf leaf = ExampleLeaf();
  leaf.kind = static_cast<EntryKind>(7);
  EXPECT_THAT(EncodeLeaf(leaf), StatusIs(absl::StatusCode::kInvalidArgument));
  leaf = ExampleLeaf();
  leaf.effective_date = 2026'02'30;
  EXPECT_THAT(EncodeLeaf(leaf), StatusIs(absl::StatusCode::kInvalidArgument));
  for (const uint8_t kind : {uint8_t{0}, uint8_t{5}}) {
    leaf = ExampleLeaf();
    leaf.commitments[0].kind = kind;
    EXPECT_THAT(EncodeLeaf(leaf), StatusIs(absl::StatusCode::kInvalidArgument));
  }
}

TEST(EntryTest, LargestLeafFitsTheTileFormat) {
  Leaf leaf = ExampleLeaf();
  leaf.commitments.resize(kCommitmentsMax, leaf.commitments[0]);
  ASSERT_OK_AND_ASSIGN(const std::string bytes, EncodeLeaf(leaf));
  EXPECT_LE(bytes.size(), kLeafBytesMax);
  EXPECT_THAT(DecodeLeaf(bytes), IsOk());
  leaf.commitments.push_back(leaf.commitments[0]);
  EXPECT_THAT(EncodeLeaf(leaf), StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST(EntryTest, KnowsTheCalendar) {
  for (const Date good : {0u, 2024'02'29u, 2026'12'31u, 1'01'01u, 9999'12'31u}) {
    EXPECT_TRUE(IsDate(good)) << good;
  }
  for (const Date bad :
       {1u, 2026'02'29u, 2026'13'01u, 2026'00'10u, 2026'10'00u, 1'00'00'00'00u, 12'31u, ~0u}) {
    EXPECT_FALSE(IsDate(bad)) << bad;
  }
}

TEST(EntryTest, ChecksTerms) {
  EXPECT_THAT(CheckTerms(ExampleTerms()), IsOk());
  std::vector<AccountTerms> bad(7, ExampleTerms());
  bad[0].account = {};
  bad[1].code = static_cast<AccountCode>(0);
  bad[2].code = static_cast<AccountCode>(8);
  bad[3].flags = kAccountFlagsAll + 1;
  bad[4].overdraft_limit_kopecks = -1;
  bad[5].limits = {{2, 1}, {2, 1}};
  bad[6].limits.clear();
  for (uint16_t i = 0; i <= kLimitsMax; ++i) {
    bad[6].limits.emplace_back(i, 1);
  }
  for (const AccountTerms& terms : bad) {
    EXPECT_THAT(CheckTerms(terms), StatusIs(absl::StatusCode::kInvalidArgument));
  }
  bad[6].limits.pop_back();
  EXPECT_THAT(CheckTerms(bad[6]), IsOk());
  EXPECT_THAT(DecodeOpening(2, EncodeOpening(bad[6])), IsOk());
}

TEST(EntryTest, RefusesAPostingOfNothing) {
  auto posting = std::get<Posting>(ExampleOpenings()[0]);
  posting.amount_kopecks = 0;
  EXPECT_THAT(DecodeOpening(1, EncodeOpening(posting)),
              StatusIs(absl::StatusCode::kInvalidArgument));
}

}  // namespace
}  // namespace ladon::ledger
