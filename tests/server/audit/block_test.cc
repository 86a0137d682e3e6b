// Goal: what a block keeps are the very leaves, in a fraction of their bytes; damage is told with
// its record. Method: leaves of every shape, many callers and one; every bit of a block flipped,
// every cut; a value of a store of before.
#include "server/audit/block.h"

#include <array>

#include "tests/testing/status_testing.h"

namespace ladon::audit {
namespace {

using ::ladon::testing::StatusIs;
using ledger::AuditLeaf;

// Leaf `index` of a till among `tills`.
AuditLeaf LeafOf(uint64_t index, uint64_t tills) {
  AuditLeaf leaf;
  leaf.index = index;
  leaf.at_ns = 1'788'250'500'000'000'000 + index;
  leaf.event = static_cast<uint16_t>(101 + index % 5);
  leaf.outcome = static_cast<ledger::AuditOutcome>(index % 3);
  leaf.reason_code = static_cast<uint16_t>(index % 90);
  leaf.role = 1;
  leaf.actor.fill(static_cast<uint8_t>(1 + index % tills));
  leaf.school.fill(9);
  leaf.certificate_serial[19] = static_cast<uint8_t>(index % tills);
  leaf.peer = "ipv4:192.0.2.7:" + std::to_string(40'000 + index % tills);
  leaf.process_id = 4'242;
  leaf.software_version = "0.1.0";
  if (index % 2 == 0) leaf.object.fill(static_cast<uint8_t>(index));
  if (index % 4 < 2) leaf.request.fill(7);
  if (index % 8 < 3) leaf.journal_index = index * 3;
  return leaf;
}

std::string BlockOf(const std::vector<AuditLeaf>& leaves) {
  BlockEncoder encoder;
  ledger::ByteWriter out;
  encoder.Begin(leaves.front().index, &out);
  for (const AuditLeaf& leaf : leaves) encoder.Add(leaf, &out);
  return out.Take();
}

std::vector<AuditLeaf> LeavesOf(uint64_t first, uint64_t count, uint64_t tills) {
  std::vector<AuditLeaf> leaves;
  for (uint64_t i = first; i < first + count; ++i) leaves.push_back(LeafOf(i, tills));
  return leaves;
}

TEST(BlockTest, GivesBackTheVeryLeaves) {
  for (const uint64_t tills : {1, 7, 200}) {
    for (const uint64_t count : {uint64_t{1}, uint64_t{2}, uint64_t{300}, uint64_t{4'096}}) {
      const std::vector<AuditLeaf> leaves = LeavesOf(77, count, tills);
      ASSERT_OK_AND_ASSIGN(const auto again, DecodeBlock(77, BlockOf(leaves)));
      EXPECT_EQ(again, leaves);
    }
  }
  AuditLeaf of_nobody;  // Not even a name of software.
  of_nobody.index = 3;
  ASSERT_OK_AND_ASSIGN(const auto again, DecodeBlock(3, BlockOf({of_nobody})));
  EXPECT_EQ(again, std::vector{of_nobody});
}

TEST(BlockTest, OneEncoderMakesOneBlockAfterTheOther) {
  BlockEncoder encoder;
  for (const uint64_t first : {uint64_t{0}, uint64_t{500}}) {
    ledger::ByteWriter out;
    encoder.Begin(first, &out);
    for (const AuditLeaf& leaf : LeavesOf(first, 20, 3)) encoder.Add(leaf, &out);
    EXPECT_EQ(out.view(), BlockOf(LeavesOf(first, 20, 3)));
  }
}

TEST(BlockTest, ACallerStandsThereOnce) {
  const std::vector<AuditLeaf> leaves = LeavesOf(0, 1'000, 100);
  size_t plain = 0;
  for (const AuditLeaf& leaf : leaves) plain += ledger::EncodeAuditLeaf(leaf)->size();
  EXPECT_LT(BlockOf(leaves).size(), plain / 3);
}

TEST(BlockTest, ReadsAValueOfAStoreOfBefore) {
  const AuditLeaf leaf = LeafOf(5, 1);
  const std::string value = *ledger::EncodeAuditLeaf(leaf);
  ASSERT_OK_AND_ASSIGN(const auto leaves, DecodeBlock(5, value));
  EXPECT_EQ(leaves, std::vector{leaf});
  EXPECT_THAT(DecodeBlock(6, value), StatusIs(absl::StatusCode::kDataLoss)) << "elsewhere";
  EXPECT_THAT(DecodeBlock(5, value.substr(1)), StatusIs(absl::StatusCode::kDataLoss));
}

TEST(BlockTest, DamageIsRefusedOrMakesOtherLeavesAndNothingWorse) {
  const std::vector<AuditLeaf> leaves = LeavesOf(40, 6, 2);
  const std::string whole = BlockOf(leaves);
  EXPECT_THAT(DecodeBlock(41, whole), StatusIs(absl::StatusCode::kDataLoss)) << "elsewhere";
  EXPECT_THAT(DecodeBlock(40, ""), StatusIs(absl::StatusCode::kDataLoss));
  size_t shorter = 0;
  for (size_t at = 0; at < whole.size(); ++at) {
    // A cut between two records leaves a block of fewer.
    if (const auto cut = DecodeBlock(40, whole.substr(0, at)); cut.ok()) {
      EXPECT_LT(cut->size(), leaves.size());
      ++shorter;
    }
    for (int bit = 0; bit < 8; ++bit) {
      std::string spoilt = whole;
      spoilt[at] = static_cast<char>(spoilt[at] ^ (1 << bit));
      const auto read = DecodeBlock(40, spoilt);
      if (read.ok()) {
        EXPECT_NE(*read, leaves) << at;
      } else {
        EXPECT_THAT(read, StatusIs(absl::StatusCode::kDataLoss));
      }
    }
  }
  EXPECT_EQ(shorter, leaves.size() - 1);
  EXPECT_THAT(DecodeBlock(40, whole + "x"), StatusIs(absl::StatusCode::kDataLoss));
}

TEST(BlockTest, MoreRecordsThanABlockHasAreRefused) {
  EXPECT_THAT(DecodeBlock(0, BlockOf(LeavesOf(0, kBlockRecordsMax + 1, 1))),
              StatusIs(absl::StatusCode::kDataLoss));
}

}  // namespace
}  // namespace ladon::audit
