// Goal: a proof that travels says one thing, and only as it was made. Method: proofs of a small log
// of our own, each byte of one changed, removed and doubled; forms that the specification knows and
// we refuse.
#include "ledger/proof/tlog_proof.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "ledger/proof/merkle.h"
#include "ledger/proof/merkle_proof.h"

namespace ladon::ledger {
namespace {

class TlogProofTest : public ::testing::Test {
 protected:
  TlogProofTest()
      : key_(*SigningKey::FromSeed("ladon.example/test", std::array<uint8_t, kEd25519Bytes>{5})) {
    for (size_t i = 0; i < 5; ++i) {
      leaves_.push_back(absl::StrCat("entry-", i));
      tree_.Append(leaves_.back());
    }
  }

  // Of five leaves: subtrees by hand.
  std::string Proof(uint64_t index) {
    const ReadNode read = [this](unsigned level, uint64_t at) -> absl::StatusOr<Digest> {
      MerkleTree part;
      for (uint64_t i = at << level; i < (at + 1) << level; ++i) part.Append(leaves_[i]);
      return part.Root();
    };
    const SigningKey* const keys[] = {&key_};
    const std::string text = FormatCheckpoint(
        {.origin = key_.verifier().name, .size = leaves_.size(), .root = tree_.Root()});
    return FormatTlogProof({.index = index,
                            .path = *InclusionProof(index, leaves_.size(), read),
                            .checkpoint = *SignNote(text, keys)});
  }

  absl::StatusOr<ProvedEntry> Verify(const std::string& proof, std::string_view leaf) {
    const VerifierKey keys[] = {key_.verifier()};
    return VerifyTlogProof(proof, leaf, keys);
  }

  SigningKey key_;
  std::vector<std::string> leaves_;
  MerkleTree tree_;
};

TEST_F(TlogProofTest, EveryEntry) {
  for (uint64_t index = 0; index < leaves_.size(); ++index) {
    const auto proved = Verify(Proof(index), leaves_[index]);
    ASSERT_TRUE(proved.ok()) << proved.status();
    EXPECT_EQ(proved->index, index);
    EXPECT_EQ(proved->checkpoint.size, 5U);
    EXPECT_EQ(Verify(Proof(index), "another entry").status().code(),
              absl::StatusCode::kUnauthenticated);
  }
}

TEST_F(TlogProofTest, FormOfTheSpecification) {
  const std::string proof = Proof(4);
  EXPECT_TRUE(proof.starts_with("c2sp.org/tlog-proof@v1\nindex 4\n")) << proof;
  EXPECT_NE(proof.find("=\n\nladon.example/test\n5\n"), std::string::npos) << proof;
}

TEST_F(TlogProofTest, NoByteCanBeChangedRemovedOrDoubled) {
  const std::string proof = Proof(2);
  for (size_t i = 0; i < proof.size(); ++i) {
    for (const int flip : {1, 0x20, 0x80}) {
      std::string changed = proof;
      changed[i] = static_cast<char>(changed[i] ^ flip);
      EXPECT_FALSE(Verify(changed, leaves_[2]).ok()) << i;
    }
    std::string removed = proof;
    removed.erase(i, 1);
    EXPECT_FALSE(Verify(removed, leaves_[2]).ok()) << i;
    std::string doubled = proof;
    doubled.insert(i, 1, proof[i]);
    EXPECT_FALSE(Verify(doubled, leaves_[2]).ok()) << i;
    EXPECT_FALSE(Verify(proof.substr(0, i), leaves_[2]).ok()) << i;
  }
  EXPECT_FALSE(Verify(proof + "\n", leaves_[2]).ok());
}

TEST_F(TlogProofTest, RefusesWhatNothingAuthenticates) {
  std::string proof = Proof(0);
  proof.insert(proof.find("index"), "extra YQ==\n");
  EXPECT_EQ(Verify(proof, leaves_[0]).status().code(), absl::StatusCode::kInvalidArgument);
}

TEST_F(TlogProofTest, RefusesAPathLongerThanAnyTree) {
  std::string proof = "c2sp.org/tlog-proof@v1\nindex 0\n";
  for (size_t i = 0; i <= kProofHashesMax; ++i) {
    proof += "CQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQk=\n";
  }
  EXPECT_EQ(ParseTlogProof(proof + "\nx").status().code(), absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace ladon::ledger
