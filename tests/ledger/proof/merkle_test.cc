// Goal: the tree is RFC 6962's. Method: the leaves and roots of the Certificate Transparency
// reference, and for every size up to 300 the recursive definition written out naively.
#include "ledger/proof/merkle.h"

#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "gtest/gtest.h"

namespace ladon::ledger {
namespace {

std::string Hex(const Digest& digest) {
  return absl::BytesToHexString(std::string(digest.bytes.begin(), digest.bytes.end()));
}

// Section 2.1 as it stands: split at the largest power of two below n.
Digest NaiveRoot(const std::vector<std::string>& leaves, size_t from, size_t to) {
  if (to == from) {
    return Sha256("");
  }
  if (to - from == 1) {
    return HashLeaf(leaves[from]);
  }
  size_t split = 1;
  while (2 * split < to - from) {
    split *= 2;
  }
  return HashNode(NaiveRoot(leaves, from, from + split), NaiveRoot(leaves, from + split, to));
}

TEST(MerkleTest, HashesAsTheStandardSays) {
  EXPECT_EQ(Hex(Sha256("")), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(Hex(Sha256("abc")), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(HashLeaf("x"), Sha256(std::string("\0x", 2)));
  const Digest left = Sha256("l");
  const Digest right = Sha256("r");
  const std::string both = "\x01" + std::string(left.bytes.begin(), left.bytes.end()) +
                           std::string(right.bytes.begin(), right.bytes.end());
  EXPECT_EQ(HashNode(left, right), Sha256(both));
}

TEST(MerkleTest, ReferenceLeavesGiveTheReferenceRoot) {
  MerkleTree tree;
  EXPECT_EQ(tree.Root(), Sha256(""));
  for (const char* leaf : {"", "00", "10", "2021", "3031", "40414243", "5051525354555657",
                           "606162636465666768696a6b6c6d6e6f"}) {
    tree.Append(absl::HexStringToBytes(leaf));
    if (tree.size() == 1) {
      EXPECT_EQ(Hex(tree.Root()),
                "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d");
    }
  }
  EXPECT_EQ(Hex(tree.Root()), "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328");
}

TEST(MerkleTest, EqualsTheDefinitionAtEverySize) {
  std::vector<std::string> leaves;
  MerkleTree tree;
  for (int i = 0; i < 300; ++i) {
    leaves.push_back("leaf " + std::to_string(i));
    tree.Append(leaves.back());
    ASSERT_EQ(tree.size(), leaves.size());
    ASSERT_EQ(tree.Root(), NaiveRoot(leaves, 0, leaves.size())) << leaves.size();
  }
}

}  // namespace
}  // namespace ladon::ledger
