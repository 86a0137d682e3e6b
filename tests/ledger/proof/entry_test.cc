// Goal: one value has one encoding, the documented one. Method: the worked example of the README
// byte for byte; every truncation, every flipped field and trailing bytes; the limits.
#include "ledger/proof/entry.h"

#include <set>

#include "ledger/proof/merkle.h"
#include "ledger/proof/salt.h"
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

// Those that came with version 2.
std::vector<std::pair<std::string, Opening>> NewerOpenings() {
  return {{"reservation", Reservation{.account = Filled<AccountId>(0x11),
                                      .credit = false,
                                      .amount_kopecks = -15'000,
                                      .sequence = 8,
                                      .pending_kopecks = 2'500}},
          {"school limits",
           SchoolLimits{.school = Filled<SchoolId>(0x33),
                        .limits = {{kLimitPerPurchase, 50'000}, {kLimitCategoryBan | 7, 1}}}},
          {"entitlements", Entitlements{.account = Filled<AccountId>(0x11),
                                        .sequence = 9,
                                        .list = {{.budget = Filled<AccountId>(0x22),
                                                  .category = 3,
                                                  .cap_kopecks = 12'000,
                                                  .uses_per_day = 1,
                                                  .valid_from = 2026'09'01,
                                                  .valid_to = 2027'05'31,
                                                  .document = Filled<Digest>(0xbb)}}}},
          {"entitlement use", EntitlementUse{.account = Filled<AccountId>(0x11),
                                             .sequence = 10,
                                             .ordinal = 0,
                                             .amount_kopecks = 12'000,
                                             .uses = 1,
                                             .uses_today = 1}},
          {"closing", ClosingHead{.service_date = 2026'09'01,
                                  .tree_size = 42,
                                  .account_count = 3,
                                  .root = Filled<Digest>(0xcc)}}};
}

Leaf ExampleLeaf(uint16_t version = kEntryVersion) {
  Leaf leaf;
  leaf.version = version;
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
         .digest = Commit(
             SaltSource(ExampleSecret()).Derive(version, leaf.index, static_cast<uint16_t>(i)),
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

TEST(EntryTest, OlderLeafIsTheReadmesExample) {
  ASSERT_OK_AND_ASSIGN(const std::string bytes, EncodeLeaf(ExampleLeaf(1)));
  EXPECT_EQ(bytes, GoldenBytes("leaf v1"));
  EXPECT_EQ(Text(HashLeaf(bytes).bytes), GoldenBytes("leaf hash v1"));
  ASSERT_OK_AND_ASSIGN(const Leaf decoded, DecodeLeaf(bytes));
  EXPECT_EQ(decoded, ExampleLeaf(1));
}

TEST(EntryTest, SaltsAreTheReadmesExample) {
  const SaltSource salts(ExampleSecret());
  EXPECT_EQ(Text(salts.Derive(2, 42, 0)), GoldenBytes("salt 0"));
  EXPECT_EQ(Text(salts.Derive(2, 42, 1)), GoldenBytes("salt 1"));
  EXPECT_EQ(Text(salts.Derive(1, 42, 0)), GoldenBytes("salt 0 v1"));
  std::array<Salt, 3> together{};
  salts.Derive(2, 42, together);
  for (uint16_t i = 0; i < together.size(); ++i) EXPECT_EQ(together[i], salts.Derive(2, 42, i));
}

TEST(EntryTest, OpeningsAreTheReadmesExample) {
  std::vector<std::pair<std::string, Opening>> examples = {{"terms", ExampleTerms()}};
  for (const Opening& opening : ExampleOpenings()) {
    examples.emplace_back("opening " + std::to_string(examples.size() - 1), opening);
  }
  for (const auto& example : NewerOpenings()) examples.push_back(example);
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
  const SaltSource source(ExampleSecret());
  for (const uint16_t version : {uint16_t{1}, uint16_t{2}}) {
    const std::set<Salt> salts = {
        source.Derive(version, 1, 0), source.Derive(version, 0, 1), source.Derive(version, 1, 1),
        SaltSource(other).Derive(version, 1, 0), source.Derive(version, 256, 0)};
    EXPECT_EQ(salts.size(), 5u);
  }
}

TEST(EntryTest, RefusesEveryTruncationAndTrailingBytes) {
  for (const uint16_t version : {uint16_t{1}, uint16_t{2}}) {
    ASSERT_OK_AND_ASSIGN(const std::string leaf, EncodeLeaf(ExampleLeaf(version)));
    for (size_t size = 0; size < leaf.size(); ++size) {
      EXPECT_THAT(DecodeLeaf(leaf.substr(0, size)), StatusIs(absl::StatusCode::kInvalidArgument));
    }
    EXPECT_THAT(DecodeLeaf(leaf + '\0'), StatusIs(absl::StatusCode::kInvalidArgument));
  }
  std::vector<Opening> openings = ExampleOpenings();
  for (const auto& [name, opening] : NewerOpenings()) openings.push_back(opening);
  for (const Opening& opening : openings) {
    const std::string bytes = EncodeOpening(opening);
    for (size_t size = 0; size < bytes.size(); ++size) {
      EXPECT_THAT(DecodeOpening(OpeningKind(opening), bytes.substr(0, size)),
                  StatusIs(absl::StatusCode::kInvalidArgument));
    }
    EXPECT_THAT(DecodeOpening(OpeningKind(opening), bytes + '\0'),
                StatusIs(absl::StatusCode::kInvalidArgument));
  }
  EXPECT_THAT(DecodeOpening(0, ""), StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(DecodeOpening(10, std::string(200, '\1')),
              StatusIs(absl::StatusCode::kInvalidArgument));
}

// Canonical: whatever decodes encodes to the same bytes.
TEST(EntryTest, EveryFlippedBitIsAnotherValueOrRefused) {
  for (const uint16_t version : {uint16_t{1}, uint16_t{2}}) {
    ASSERT_OK_AND_ASSIGN(const std::string leaf, EncodeLeaf(ExampleLeaf(version)));
    for (size_t bit = 0; bit < 8 * leaf.size(); ++bit) {
      std::string flipped = leaf;
      flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << bit % 8));
      if (const absl::StatusOr<Leaf> decoded = DecodeLeaf(flipped); decoded.ok()) {
        EXPECT_NE(*decoded, ExampleLeaf(version));
        EXPECT_EQ(EncodeLeaf(*decoded).value(), flipped);
      }
    }
  }
}

TEST(EntryTest, RefusesFieldsOutOfForm) {
  Leaf leaf = ExampleLeaf();
  leaf.kind = static_cast<EntryKind>(13);
  EXPECT_THAT(EncodeLeaf(leaf), StatusIs(absl::StatusCode::kInvalidArgument));
  leaf = ExampleLeaf();
  leaf.effective_date = 2026'02'30;
  EXPECT_THAT(EncodeLeaf(leaf), StatusIs(absl::StatusCode::kInvalidArgument));
  leaf = ExampleLeaf(1);  // What version 1 did not have.
  leaf.kind = EntryKind::kHold;
  EXPECT_THAT(EncodeLeaf(leaf), StatusIs(absl::StatusCode::kInvalidArgument));
  leaf = ExampleLeaf(1);
  leaf.expires_at_ns = 1;
  EXPECT_THAT(EncodeLeaf(leaf), StatusIs(absl::StatusCode::kInvalidArgument));
  leaf = ExampleLeaf(1);
  leaf.commitments[0].kind = 5;
  EXPECT_THAT(EncodeLeaf(leaf), StatusIs(absl::StatusCode::kInvalidArgument));
  for (const uint16_t version : {uint16_t{0}, uint16_t{3}}) {
    EXPECT_THAT(EncodeLeaf(ExampleLeaf(version)), StatusIs(absl::StatusCode::kInvalidArgument));
  }
  for (const uint8_t kind : {uint8_t{0}, uint8_t{10}}) {
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
