#include "ledger/proof/fold.h"

#include <algorithm>
#include <bit>

#include "absl/strings/str_cat.h"

namespace ladon::ledger {
namespace {

absl::Status FoldError(uint64_t leaf, const char* what) {
  return absl::InvalidArgumentError(absl::StrCat("folded tree: at leaf ", leaf, ": ", what));
}

}  // namespace

unsigned FoldHeight(uint64_t first, uint64_t end) {
  const auto fits = static_cast<unsigned>(std::bit_width(end - first)) - 1;
  return first == 0 ? fits : std::min(fits, static_cast<unsigned>(std::countr_zero(first)));
}

absl::Status FoldedTree::Fold(unsigned height, const Digest& root) {
  const uint64_t first = tree_.size();
  if (first >= size_ || height > FoldHeight(first, size_)) {
    return FoldError(first, "no complete subtree of this size begins here");
  }
  folds_.emplace_back(first, height);
  tree_.AppendSubtree(height, root);
  return absl::OkStatus();
}

absl::Status FoldedTree::CheckFewest() {
  for (const auto& [first, height] : folds_) {
    if (height != FoldHeight(first, tree_.size())) {
      return FoldError(first, "not folded into the fewest subtrees");
    }
  }
  folds_.clear();
  return absl::OkStatus();
}

absl::Status FoldedTree::Show(const Digest& leaf_hash) {
  if (whole()) return FoldError(size_, "more leaves than the tree has");
  if (absl::Status fewest = CheckFewest(); !fewest.ok()) return fewest;
  tree_.AppendHash(leaf_hash);
  return absl::OkStatus();
}

absl::Status FoldedTree::Finish() {
  if (!whole()) return FoldError(position(), "cut off");
  return CheckFewest();
}

}  // namespace ladon::ledger
