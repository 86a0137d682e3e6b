// The Merkle tree of RFC 6962 section 2.1, grown leaf by leaf.
//
// Keeps only the O(log n) roots of the complete subtrees (the frontier), enough to append and to
// tell the root. Invariant: peaks_.size() == popcount(size).
// Threading: one thread at a time. Hashing by OpenSSL, so that SHA-NI is used where present.
#ifndef LADON_LEDGER_PROOF_MERKLE_H_
#define LADON_LEDGER_PROOF_MERKLE_H_

#include <cstdint>
#include <string_view>
#include <vector>

#include "ledger/proof/ids.h"

namespace ladon::ledger {

[[nodiscard]] Digest Sha256(std::string_view bytes);
[[nodiscard]] Digest HashLeaf(std::string_view leaf);                    // SHA-256(0x00 || leaf)
[[nodiscard]] Digest HashNode(const Digest& left, const Digest& right);  // SHA-256(0x01 || l || r)

class MerkleTree {
 public:
  void Append(std::string_view leaf) { AppendHash(HashLeaf(leaf)); }
  void AppendHash(const Digest& leaf_hash);
  [[nodiscard]] uint64_t size() const { return size_; }
  // SHA-256("") when empty.
  [[nodiscard]] Digest Root() const;

 private:
  std::vector<Digest> peaks_;  // Largest subtree first.
  uint64_t size_ = 0;
};

}  // namespace ladon::ledger

#endif  // LADON_LEDGER_PROOF_MERKLE_H_
