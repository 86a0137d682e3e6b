// The Merkle tree of RFC 6962 section 2.1, grown leaf by leaf.
//
// Keeps only the O(log n) roots of the complete subtrees (the frontier), enough to append and to
// tell the root. Invariant: peaks_.size() == popcount(size).
// Threading: one thread at a time. Hashing by OpenSSL, so that SHA-NI is used where present.
#ifndef LADON_LEDGER_PROOF_MERKLE_H_
#define LADON_LEDGER_PROOF_MERKLE_H_

#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

#include "ledger/proof/ids.h"

namespace ladon::ledger {

[[nodiscard]] Digest Sha256(std::string_view bytes);
[[nodiscard]] Digest Sha256(std::string_view first, std::string_view second);  // Of both joined.
[[nodiscard]] Digest HashLeaf(std::string_view leaf);                    // SHA-256(0x00 || leaf)
[[nodiscard]] Digest HashNode(const Digest& left, const Digest& right);  // SHA-256(0x01 || l || r)

class MerkleTree {
 public:
  MerkleTree() = default;
  // The tree of `size` leaves whose complete subtrees, largest first, have these roots.
  MerkleTree(uint64_t size, std::vector<Digest> peaks) : peaks_(std::move(peaks)), size_(size) {}

  void Append(std::string_view leaf) { AppendHash(HashLeaf(leaf)); }
  void AppendHash(const Digest& leaf_hash) {
    AppendHash(leaf_hash, [](unsigned, const Digest&) {});
  }
  // Tells `on_subtree(height, root)` of every complete subtree of 2^height leaves that this one
  // completes, the leaf itself (height 0) first.
  template <class OnSubtree>
  void AppendHash(const Digest& leaf_hash, OnSubtree&& on_subtree) {
    // As in a binary counter: every trailing one bit of the size is a full subtree of the same
    // height as the one carried, and both become one of twice the size.
    Digest carried = leaf_hash;
    unsigned height = 0;
    on_subtree(height, carried);
    for (uint64_t bits = size_; (bits & 1) != 0; bits >>= 1) {
      carried = HashNode(peaks_.back(), carried);
      peaks_.pop_back();
      on_subtree(++height, carried);
    }
    peaks_.push_back(carried);
    ++size_;
  }
  // Appends the 2^height leaves whose subtree has this root; size() must be a multiple of that.
  void AppendSubtree(unsigned height, const Digest& root) {
    Digest carried = root;
    for (uint64_t bits = size_ >> height; (bits & 1) != 0; bits >>= 1) {
      carried = HashNode(peaks_.back(), carried);
      peaks_.pop_back();
    }
    peaks_.push_back(carried);
    size_ += uint64_t{1} << height;
  }
  [[nodiscard]] uint64_t size() const { return size_; }
  // Roots of the complete subtrees, largest first: with size() all that the tree is.
  [[nodiscard]] const std::vector<Digest>& peaks() const { return peaks_; }
  // SHA-256("") when empty.
  [[nodiscard]] Digest Root() const;

 private:
  std::vector<Digest> peaks_;  // Largest subtree first.
  uint64_t size_ = 0;
};

}  // namespace ladon::ledger

#endif  // LADON_LEDGER_PROOF_MERKLE_H_
