// Goal: a receipt proves one entry and opens what it opens; nothing in it can be another way.
// Method: a journal of three leaves with real openings; the worked example of the README byte for
// byte; each byte of both files changed, removed and doubled; openings of another entry.
#include "ledger/proof/receipt.h"

#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "ledger/proof/merkle.h"
#include "ledger/proof/merkle_proof.h"
#include "ledger/proof/tlog_proof.h"
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

class ReceiptTest : public ::testing::Test {
 protected:
  ReceiptTest() : key_(*SigningKey::FromSeed("ladon.example/test", Filled<Digest>(3).bytes)) {
    for (uint64_t i = 0; i < 3; ++i) {
      leaves_.push_back(*EncodeLeaf(LeafOf(i)));
      tree_.Append(leaves_.back());
    }
  }

  static std::vector<Opening> OpeningsOf(uint64_t index) {
    const auto amount = static_cast<int64_t>(100 + index);
    return {Posting{.account = Filled<AccountId>(1),
                    .amount_kopecks = -amount,
                    .sequence = index + 1,
                    .balance_kopecks = 5'000 - amount},
            Posting{.account = Filled<AccountId>(2),
                    .amount_kopecks = amount,
                    .sequence = index + 1,
                    .balance_kopecks = amount},
            Context{.school = Filled<SchoolId>(3), .actor = Filled<ActorId>(4), .means = 1}};
  }
  static Salt SaltOf(uint64_t index, uint16_t ordinal) {
    return SaltSource(Filled<Digest>(9).bytes).Derive(kEntryVersion, index, ordinal);
  }
  static Leaf LeafOf(uint64_t index) {
    Leaf leaf;
    leaf.kind = EntryKind::kTransaction;
    leaf.index = index;
    leaf.booked_at_ns = 1'790'000'000'000'000'000 + index;
    leaf.transaction = Filled<TransactionId>(5);
    leaf.operation = {.digest = Filled<Digest>(6)};
    const std::vector<Opening> openings = OpeningsOf(index);
    for (uint16_t i = 0; i < openings.size(); ++i) {
      leaf.commitments.push_back({.kind = OpeningKind(openings[i]),
                                  .digest = Commit(SaltOf(index, i), EncodeOpening(openings[i]))});
    }
    return leaf;
  }

  static OpenedCommitment Opened(uint64_t index, uint16_t ordinal) {
    return {
        .ordinal = ordinal, .salt = SaltOf(index, ordinal), .opening = OpeningsOf(index)[ordinal]};
  }
  std::string EntryOf(uint64_t index, const std::vector<uint16_t>& ordinals) {
    std::vector<OpenedCommitment> opened;
    for (const uint16_t ordinal : ordinals) opened.push_back(Opened(index, ordinal));
    return EncodeEntryFile(leaves_[index], opened);
  }

  std::string ProofOf(uint64_t index) {
    const ReadNode read = [this](unsigned level, uint64_t at) -> absl::StatusOr<Digest> {
      MerkleTree part;
      for (uint64_t i = at << level; i < (at + 1) << level; ++i) part.Append(leaves_[i]);
      return part.Root();
    };
    const SigningKey* const keys[] = {&key_};
    return FormatTlogProof(
        {.index = index,
         .path = *InclusionProof(index, leaves_.size(), read),
         .checkpoint = *SignNote(
             FormatCheckpoint(
                 {.origin = key_.verifier().name, .size = leaves_.size(), .root = tree_.Root()}),
             keys)});
  }

  absl::StatusOr<Receipt> Verify(const std::string& proof, const std::string& entry) {
    const VerifierKey keys[] = {key_.verifier()};
    return VerifyReceipt(proof, entry, keys);
  }

  SigningKey key_;
  std::vector<std::string> leaves_;
  MerkleTree tree_;
};

TEST_F(ReceiptTest, ProvesTheEntryAndWhatItOpens) {
  const auto receipt = Verify(ProofOf(1), EntryOf(1, {0, 2}));
  ASSERT_THAT(receipt, IsOk());
  EXPECT_EQ(receipt->checkpoint.size, 3U);
  EXPECT_EQ(receipt->entry.leaf, LeafOf(1));
  ASSERT_EQ(receipt->entry.openings.size(), 2U);
  EXPECT_EQ(std::get<Posting>(receipt->entry.openings[0].opening).amount_kopecks, -101);
  EXPECT_THAT(Verify(ProofOf(1), EntryOf(1, {})), IsOk()) << "a reader may see nothing of it";
}

TEST_F(ReceiptTest, TheOtherAccountIsNotInTheFile) {
  const std::string entry = EntryOf(1, {0});
  EXPECT_EQ(entry.find(std::string(16, '\2')), std::string::npos);
  EXPECT_NE(entry.find(std::string(16, '\1')), std::string::npos);
}

TEST_F(ReceiptTest, NoByteOfTheEntryCanBeChangedRemovedOrDoubled) {
  const std::string proof = ProofOf(2);
  const std::string entry = EntryOf(2, {0, 2});
  ASSERT_THAT(Verify(proof, entry), IsOk());
  for (size_t i = 0; i < entry.size(); ++i) {
    for (const int flip : {1, 0x80}) {
      std::string changed = entry;
      changed[i] = static_cast<char>(changed[i] ^ flip);
      EXPECT_FALSE(Verify(proof, changed).ok()) << i;
    }
    std::string removed = entry;
    removed.erase(i, 1);
    EXPECT_FALSE(Verify(proof, removed).ok()) << i;
    std::string doubled = entry;
    doubled.insert(i, 1, entry[i]);
    EXPECT_FALSE(Verify(proof, doubled).ok()) << i;
    EXPECT_THAT(Verify(proof, entry.substr(0, i)), StatusIs(absl::StatusCode::kInvalidArgument));
  }
  EXPECT_THAT(Verify(proof, entry + '\0'), StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST_F(ReceiptTest, FilesOfDifferentEntriesDoNotGoTogether) {
  EXPECT_THAT(Verify(ProofOf(0), EntryOf(1, {0})), StatusIs(absl::StatusCode::kUnauthenticated));
}

TEST_F(ReceiptTest, OpeningsMustBeTheLeafsOwnAndInOrder) {
  const std::vector<OpenedCommitment> of_another = {Opened(0, 0)};
  EXPECT_THAT(ParseEntryFile(EncodeEntryFile(leaves_[1], of_another)),
              StatusIs(absl::StatusCode::kUnauthenticated));
  std::vector<OpenedCommitment> swapped = {Opened(1, 1), Opened(1, 0)};
  EXPECT_THAT(ParseEntryFile(EncodeEntryFile(leaves_[1], swapped)),
              StatusIs(absl::StatusCode::kInvalidArgument));
  const std::vector<OpenedCommitment> twice = {Opened(1, 0), Opened(1, 0)};
  EXPECT_THAT(ParseEntryFile(EncodeEntryFile(leaves_[1], twice)),
              StatusIs(absl::StatusCode::kInvalidArgument));
  std::vector<OpenedCommitment> beyond = {Opened(1, 0)};
  beyond[0].ordinal = 3;
  EXPECT_THAT(ParseEntryFile(EncodeEntryFile(leaves_[1], beyond)),
              StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST_F(ReceiptTest, AnEntryThatTheTreeHasElsewhere) {
  // A log that puts the leaf of entry 0 at place 1 too.
  leaves_[1] = leaves_[0];
  tree_ = {};
  for (const std::string& leaf : leaves_) tree_.Append(leaf);
  EXPECT_THAT(Verify(ProofOf(0), EntryOf(0, {0})), IsOk());
  EXPECT_THAT(Verify(ProofOf(1), EntryOf(0, {0})), StatusIs(absl::StatusCode::kUnauthenticated));
}

TEST_F(ReceiptTest, TheExampleOfTheReadme) {
  const std::string leaf = GoldenBytes("leaf");
  Salt salt;
  const std::string salt_bytes = GoldenBytes("salt 0");
  ASSERT_EQ(salt_bytes.size(), salt.size());
  std::copy(salt_bytes.begin(), salt_bytes.end(), salt.begin());
  const auto opening = DecodeOpening(1, GoldenBytes("opening 0"));
  ASSERT_THAT(opening, IsOk());
  const OpenedCommitment opened[] = {{.ordinal = 0, .salt = salt, .opening = *opening}};
  const std::string file = EncodeEntryFile(leaf, opened);
  const std::string head = GoldenBytes("entry file head");
  const std::string tail = GoldenBytes("entry file tail");
  EXPECT_EQ(file, head + leaf + tail + salt_bytes + GoldenBytes("entry file opening length") +
                      GoldenBytes("opening 0"));
  EXPECT_THAT(ParseEntryFile(file), IsOk());
}

}  // namespace
}  // namespace ladon::ledger
