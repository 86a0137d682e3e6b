// A Merkle tree of which some leaves are shown and everything between them is folded: one proof for
// any number of leaves, read once from front to back.
//
// What lies between two shown leaves is covered by the fewest complete subtrees, each the largest
// that begins where the one before it ended; only their roots are told. So a shown set has exactly
// one folding, and its root is that of RFC 6962 section 2.1 over all leaves.
// Threading: one thread an object.
#ifndef LADON_LEDGER_PROOF_FOLD_H_
#define LADON_LEDGER_PROOF_FOLD_H_

#include <cstdint>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "ledger/proof/ids.h"
#include "ledger/proof/merkle.h"

namespace ladon::ledger {

// The height of the largest complete subtree that begins at leaf `first` and ends at or before
// leaf `end`; first < end.
[[nodiscard]] unsigned FoldHeight(uint64_t first, uint64_t end);

// Puts the tree of `size` leaves together again.
class FoldedTree {
 public:
  explicit FoldedTree(uint64_t size) : size_(size) {}

  // The next 2^height leaves, whose subtree has this root. InvalidArgument: there are not as many
  // left, or such a subtree does not begin here.
  [[nodiscard]] absl::Status Fold(unsigned height, const Digest& root);
  // The next leaf. InvalidArgument: all leaves were told, or what was folded before it is not the
  // fewest subtrees.
  [[nodiscard]] absl::Status Show(const Digest& leaf_hash);
  // InvalidArgument as Show(). The tree must be whole.
  [[nodiscard]] absl::Status Finish();

  [[nodiscard]] uint64_t position() const { return tree_.size(); }  // Leaves told so far.
  [[nodiscard]] bool whole() const { return tree_.size() == size_; }
  [[nodiscard]] Digest Root() const { return tree_.Root(); }

 private:
  absl::Status CheckFewest();

  const uint64_t size_;
  MerkleTree tree_;
  std::vector<std::pair<uint64_t, unsigned>> folds_;  // Since the last shown leaf: first, height.
};

}  // namespace ladon::ledger

#endif  // LADON_LEDGER_PROOF_FOLD_H_
