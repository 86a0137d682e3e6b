// Goal: proofs that others make verify here, ours verify there, and nothing else does. Method: the
// leaves, roots and proofs of transparency-dev/merkle (proof/verify_test.go, testdata/) with each
// of its ways to spoil one; every index and pair of sizes of small trees, each proof spoiled at
// every place; the number of nodes read in a large tree.
#include "ledger/proof/merkle_proof.h"

#include <bit>
#include <random>
#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "ledger/proof/merkle.h"

namespace ladon::ledger {
namespace {

using Proof = std::vector<Digest>;

Digest FromHex(const std::string& hex) {
  const std::string bytes = absl::HexStringToBytes(hex);
  Digest digest;
  EXPECT_EQ(bytes.size(), digest.bytes.size());
  std::copy(bytes.begin(), bytes.end(), digest.bytes.begin());
  return digest;
}

const std::vector<std::string>& PublicLeaves() {
  static const auto* const leaves =
      new std::vector<std::string>{"",
                                   absl::HexStringToBytes("00"),
                                   absl::HexStringToBytes("10"),
                                   absl::HexStringToBytes("2021"),
                                   absl::HexStringToBytes("3031"),
                                   absl::HexStringToBytes("40414243"),
                                   absl::HexStringToBytes("5051525354555657"),
                                   absl::HexStringToBytes("606162636465666768696a6b6c6d6e6f")};
  return *leaves;
}

Digest PublicRoot(uint64_t size) {
  static const char* const kRoots[] = {
      "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
      "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
      "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
      "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
      "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
      "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
      "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
      "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"};
  return FromHex(kRoots[size - 1]);
}

struct PublicProof {
  uint64_t first;  // A leaf counted from 1, or the older size.
  uint64_t size;
  std::vector<const char*> hashes;
};

Proof Hashes(const PublicProof& vector) {
  Proof proof;
  for (const char* hex : vector.hashes) proof.push_back(FromHex(hex));
  return proof;
}

const PublicProof kInclusion[] = {
    {1, 1, {}},
    {1,
     8,
     {"96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
      "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
      "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4"}},
    {6,
     8,
     {"bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
      "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
      "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7"}},
    {3, 3, {"fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"}},
    {2,
     5,
     {"6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
      "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
      "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b"}}};

const PublicProof kConsistency[] = {
    {1,
     8,
     {"96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
      "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
      "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4"}},
    {6,
     8,
     {"0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
      "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
      "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7"}},
    {2,
     5,
     {"5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
      "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b"}},
    {6,
     7,
     {"0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
      "b08693ec2e721597130641e8211e7eedccb4c26413963eee6c1e2ed16ffb1a5f",
      "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7"}}};

// All nodes of a tree in memory, and how many were asked for.
class Tree {
 public:
  explicit Tree(const std::vector<std::string>& leaves) {
    std::vector<Digest> level;
    for (const std::string& leaf : leaves) level.push_back(HashLeaf(leaf));
    while (!level.empty()) {
      levels_.push_back(level);
      std::vector<Digest> next;
      for (size_t i = 0; i + 1 < level.size(); i += 2) {
        next.push_back(HashNode(level[i], level[i + 1]));
      }
      level = std::move(next);
    }
  }
  ReadNode Reader() {
    return [this](unsigned level, uint64_t index) -> absl::StatusOr<Digest> {
      ++reads_;
      return levels_.at(level).at(index);
    };
  }
  [[nodiscard]] size_t reads() const { return reads_; }

 private:
  std::vector<std::vector<Digest>> levels_;
  size_t reads_ = 0;
};

Digest EmptyRoot() {
  return Sha256("");
}
Digest SomeHash() {
  return FromHex("abacaba000000000000000000000000000000000000000000060061e00123456");
}

Proof With(const Proof& proof, size_t at, const Digest& hash) {
  Proof longer = proof;
  longer.insert(longer.begin() + static_cast<ptrdiff_t>(at), hash);
  return longer;
}

TEST(MerkleProofTest, PublicInclusionVectors) {
  for (const PublicProof& vector : kInclusion) {
    const uint64_t index = vector.first - 1;
    const uint64_t size = vector.size;
    const Digest root = PublicRoot(size);
    const Digest leaf = HashLeaf(PublicLeaves()[index]);
    const Proof proof = Hashes(vector);
    const std::string which = absl::StrCat(index, " of ", size);
    EXPECT_TRUE(VerifyInclusion(index, size, leaf, proof, root).ok()) << which;

    EXPECT_FALSE(VerifyInclusion(index - 1, size, leaf, proof, root).ok()) << which;
    EXPECT_FALSE(VerifyInclusion(index + 1, size, leaf, proof, root).ok()) << which;
    EXPECT_FALSE(VerifyInclusion(index ^ 2, size, leaf, proof, root).ok()) << which;
    EXPECT_FALSE(VerifyInclusion(index, size * 2, leaf, proof, root).ok()) << which;
    EXPECT_FALSE(VerifyInclusion(index, size / 2, leaf, proof, root).ok()) << which;
    EXPECT_FALSE(VerifyInclusion(index, size, SomeHash(), proof, root).ok()) << which;
    EXPECT_FALSE(VerifyInclusion(index, size, leaf, proof, EmptyRoot()).ok()) << which;
    EXPECT_FALSE(VerifyInclusion(index, size, leaf, proof, SomeHash()).ok()) << which;
    for (const Digest& extra : {root, Digest{}}) {
      EXPECT_FALSE(VerifyInclusion(index, size, leaf, With(proof, proof.size(), extra), root).ok());
      EXPECT_FALSE(VerifyInclusion(index, size, leaf, With(proof, 0, extra), root).ok());
    }
    for (size_t i = 0; i < proof.size(); ++i) {
      Proof changed = proof;
      changed[i].bytes[0] ^= 8;
      EXPECT_FALSE(VerifyInclusion(index, size, leaf, changed, root).ok()) << which;
    }
    if (proof.empty()) continue;
    EXPECT_FALSE(
        VerifyInclusion(index, size, leaf, std::span(proof).first(proof.size() - 1), root).ok());
    EXPECT_FALSE(VerifyInclusion(index, size, leaf, With(proof, 1, SomeHash()), root).ok());
  }
  for (const auto& [index, size] : {std::pair{0, 0}, {0, 1}, {1, 0}, {2, 1}}) {
    EXPECT_FALSE(VerifyInclusion(static_cast<uint64_t>(index), static_cast<uint64_t>(size),
                                 SomeHash(), {}, EmptyRoot())
                     .ok());
  }
}

TEST(MerkleProofTest, PublicConsistencyVectors) {
  for (const PublicProof& vector : kConsistency) {
    const uint64_t old = vector.first;
    const uint64_t size = vector.size;
    const Digest old_root = PublicRoot(old);
    const Digest root = PublicRoot(size);
    const Proof proof = Hashes(vector);
    const std::string which = absl::StrCat(old, " to ", size);
    EXPECT_TRUE(VerifyConsistency(old, size, old_root, root, proof).ok()) << which;

    EXPECT_FALSE(VerifyConsistency(old - 1, size, old_root, root, proof).ok()) << which;
    EXPECT_FALSE(VerifyConsistency(old + 1, size, old_root, root, proof).ok()) << which;
    EXPECT_FALSE(VerifyConsistency(old ^ 2, size, old_root, root, proof).ok()) << which;
    EXPECT_FALSE(VerifyConsistency(old, size * 2, old_root, root, proof).ok()) << which;
    EXPECT_FALSE(VerifyConsistency(old, size / 2, old_root, root, proof).ok()) << which;
    EXPECT_FALSE(VerifyConsistency(old, size, SomeHash(), root, proof).ok()) << which;
    EXPECT_FALSE(VerifyConsistency(old, size, old_root, SomeHash(), proof).ok()) << which;
    EXPECT_FALSE(VerifyConsistency(old, size, root, old_root, proof).ok()) << which;
    EXPECT_FALSE(VerifyConsistency(old, size, old_root, root, {}).ok()) << which;
    for (const Digest& extra : {old_root, root, proof[0], Digest{}}) {
      EXPECT_FALSE(VerifyConsistency(old, size, old_root, root, With(proof, 0, extra)).ok());
      EXPECT_FALSE(
          VerifyConsistency(old, size, old_root, root, With(proof, proof.size(), extra)).ok());
    }
    EXPECT_FALSE(
        VerifyConsistency(old, size, old_root, root, std::span(proof).first(proof.size() - 1))
            .ok());
    for (size_t i = 0; i < proof.size(); ++i) {
      Proof changed = proof;
      changed[i].bytes[0] ^= 16;
      EXPECT_FALSE(VerifyConsistency(old, size, old_root, root, changed).ok()) << which;
    }
  }
}

TEST(MerkleProofTest, ConsistencyOfOneSizeAndOfNone) {
  const Proof some = {EmptyRoot()};
  EXPECT_TRUE(VerifyConsistency(1, 1, SomeHash(), SomeHash(), {}).ok());
  EXPECT_FALSE(VerifyConsistency(1, 1, EmptyRoot(), SomeHash(), {}).ok());
  EXPECT_FALSE(VerifyConsistency(1, 1, EmptyRoot(), EmptyRoot(), some).ok());
  EXPECT_FALSE(VerifyConsistency(1, 0, SomeHash(), EmptyRoot(), {}).ok());
  EXPECT_FALSE(VerifyConsistency(2, 1, SomeHash(), EmptyRoot(), {}).ok());
  EXPECT_FALSE(VerifyConsistency(1, 2, SomeHash(), EmptyRoot(), {}).ok());
  // From nothing anything follows, so nothing is shown by it.
  EXPECT_FALSE(VerifyConsistency(0, 0, EmptyRoot(), EmptyRoot(), {}).ok());
  EXPECT_FALSE(VerifyConsistency(0, 1, EmptyRoot(), SomeHash(), {}).ok());
}

TEST(MerkleProofTest, MakesThePublicProofs) {
  Tree tree(PublicLeaves());
  for (const PublicProof& vector : kInclusion) {
    EXPECT_EQ(*InclusionProof(vector.first - 1, vector.size, tree.Reader()), Hashes(vector));
  }
  for (const PublicProof& vector : kConsistency) {
    EXPECT_EQ(*ConsistencyProof(vector.first, vector.size, tree.Reader()), Hashes(vector));
  }
  for (uint64_t size = 1; size <= 8; ++size) {
    EXPECT_EQ(*RootOf(size, tree.Reader()), PublicRoot(size));
  }
  EXPECT_EQ(*RootOf(0, tree.Reader()), EmptyRoot());
}

// One root for every size, as the appending tree tells it.
std::vector<Digest> Roots(const std::vector<std::string>& leaves) {
  MerkleTree tree;
  std::vector<Digest> roots = {tree.Root()};
  for (const std::string& leaf : leaves) {
    tree.Append(leaf);
    roots.push_back(tree.Root());
  }
  return roots;
}

std::vector<std::string> NumberedLeaves(size_t count) {
  std::vector<std::string> leaves;
  for (size_t i = 0; i < count; ++i) leaves.push_back(absl::StrCat("leaf ", i));
  return leaves;
}

TEST(MerkleProofTest, EveryProofOfSmallTrees) {
  constexpr size_t kLeaves = 70;
  const std::vector<std::string> leaves = NumberedLeaves(kLeaves);
  const std::vector<Digest> roots = Roots(leaves);
  Tree tree(leaves);
  for (uint64_t size = 1; size <= kLeaves; ++size) {
    for (uint64_t index = 0; index < size; ++index) {
      const auto proof = InclusionProof(index, size, tree.Reader());
      ASSERT_TRUE(proof.ok());
      ASSERT_TRUE(VerifyInclusion(index, size, HashLeaf(leaves[index]), *proof, roots[size]).ok());
      ASSERT_FALSE(
          VerifyInclusion((index + 1) % size, size, HashLeaf(leaves[index]), *proof, roots[size])
              .ok() &&
          size > 1);
    }
    for (uint64_t old = 1; old <= size; ++old) {
      const auto proof = ConsistencyProof(old, size, tree.Reader());
      ASSERT_TRUE(proof.ok());
      ASSERT_TRUE(VerifyConsistency(old, size, roots[old], roots[size], *proof).ok())
          << old << " to " << size;
      for (size_t i = 0; i < proof->size(); ++i) {
        Proof changed = *proof;
        changed[i].bytes[31] ^= 1;
        ASSERT_FALSE(VerifyConsistency(old, size, roots[old], roots[size], changed).ok());
      }
    }
  }
  EXPECT_FALSE(InclusionProof(kLeaves, kLeaves, tree.Reader()).ok());
  EXPECT_FALSE(ConsistencyProof(0, kLeaves, tree.Reader()).ok());
  EXPECT_FALSE(ConsistencyProof(kLeaves + 1, kLeaves, tree.Reader()).ok());
}

TEST(MerkleProofTest, ReadsLogarithmicallyManyNodes) {
  constexpr size_t kLeaves = 100'000;
  Tree tree(NumberedLeaves(kLeaves));
  std::mt19937 random(3);
  for (int i = 0; i < 200; ++i) {
    const size_t before = tree.reads();
    ASSERT_TRUE(InclusionProof(random() % kLeaves, kLeaves, tree.Reader()).ok());
    ASSERT_TRUE(ConsistencyProof(1 + random() % kLeaves, kLeaves, tree.Reader()).ok());
    EXPECT_LE(tree.reads() - before, 4 * std::bit_width(kLeaves));
  }
}

TEST(MerkleProofTest, TellsWhyANodeCannotBeRead) {
  const ReadNode none = [](unsigned, uint64_t) -> absl::StatusOr<Digest> {
    return absl::UnavailableError("gone");
  };
  EXPECT_EQ(InclusionProof(3, 10, none).status().code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(ConsistencyProof(3, 10, none).status().code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(RootOf(10, none).status().code(), absl::StatusCode::kUnavailable);
}

}  // namespace
}  // namespace ladon::ledger
