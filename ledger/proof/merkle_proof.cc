#include "ledger/proof/merkle_proof.h"

#include <bit>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "ledger/proof/merkle.h"

namespace ladon::ledger {
namespace {

// Leaves begin .. end - 1 of a tree; begin is a multiple of the largest power of two below the
// length, as in every range that the RFC's recursion comes to.
struct Range {
  uint64_t begin;
  uint64_t end;
  [[nodiscard]] uint64_t size() const { return end - begin; }
  // Where the RFC splits it: the largest power of two below its size.
  [[nodiscard]] uint64_t middle() const { return begin + std::bit_floor(size() - 1); }
};

// The root of a range, from its complete subtrees.
absl::StatusOr<Digest> HashRange(const Range& range, const ReadNode& read) {
  std::optional<Digest> right;
  // From the smallest subtree on: each is the left neighbour of what has been put together.
  uint64_t end = range.end;
  while (end > range.begin) {
    const unsigned level = static_cast<unsigned>(std::countr_zero(end - range.begin));
    const uint64_t width = uint64_t{1} << level;
    const absl::StatusOr<Digest> left = read(level, (end - width) >> level);
    if (!left.ok()) return left.status();
    right = right.has_value() ? HashNode(*left, *right) : *left;
    end -= width;
  }
  return *right;
}

absl::Status AppendRange(const Range& range, const ReadNode& read, std::vector<Digest>* proof) {
  absl::StatusOr<Digest> hash = HashRange(range, read);
  if (!hash.ok()) return hash.status();
  proof->push_back(*hash);
  return absl::OkStatus();
}

// SUBPROOF(m, D[n], b) of RFC 6962 section 2.1.2, its hashes in the RFC's order.
absl::Status Subproof(uint64_t old_end, const Range& range, bool whole_is_known,
                      const ReadNode& read, std::vector<Digest>* proof) {
  if (old_end == range.end) {
    return whole_is_known ? absl::OkStatus() : AppendRange(range, read, proof);
  }
  const uint64_t middle = range.middle();
  if (old_end <= middle) {
    if (absl::Status s = Subproof(old_end, {range.begin, middle}, whole_is_known, read, proof);
        !s.ok()) {
      return s;
    }
    return AppendRange({middle, range.end}, read, proof);
  }
  if (absl::Status s = Subproof(old_end, {middle, range.end}, false, read, proof); !s.ok()) {
    return s;
  }
  return AppendRange({range.begin, middle}, read, proof);
}

absl::Status WrongLength(size_t hashes) {
  return absl::InvalidArgumentError(
      absl::StrCat("merkle proof: ", hashes, " hashes are not what these sizes need"));
}

}  // namespace

absl::StatusOr<Digest> RootOf(uint64_t size, const ReadNode& read) {
  if (size == 0) return Sha256("");
  return HashRange({0, size}, read);
}

absl::StatusOr<std::vector<Digest>> InclusionProof(uint64_t index, uint64_t size,
                                                   const ReadNode& read) {
  if (index >= size) {
    return absl::InvalidArgumentError(
        absl::StrCat("merkle proof: no entry ", index, " in a tree of ", size));
  }
  // From the root down to the leaf; the proof goes the other way.
  std::vector<Range> siblings;
  for (Range range = {0, size}; range.size() > 1;) {
    const uint64_t middle = range.middle();
    const bool left = index < middle;
    siblings.push_back(left ? Range{middle, range.end} : Range{range.begin, middle});
    range = left ? Range{range.begin, middle} : Range{middle, range.end};
  }
  std::vector<Digest> proof;
  for (size_t i = siblings.size(); i-- > 0;) {
    if (absl::Status s = AppendRange(siblings[i], read, &proof); !s.ok()) return s;
  }
  return proof;
}

absl::StatusOr<std::vector<Digest>> ConsistencyProof(uint64_t old_size, uint64_t size,
                                                     const ReadNode& read) {
  if (old_size == 0 || old_size > size) {
    return absl::InvalidArgumentError(
        absl::StrCat("merkle proof: none from ", old_size, " to ", size, " entries"));
  }
  std::vector<Digest> proof;
  if (absl::Status s = Subproof(old_size, {0, size}, true, read, &proof); !s.ok()) return s;
  return proof;
}

absl::Status VerifyInclusion(uint64_t index, uint64_t size, const Digest& leaf_hash,
                             std::span<const Digest> proof, const Digest& root) {
  if (index >= size) {
    return absl::InvalidArgumentError(
        absl::StrCat("merkle proof: no entry ", index, " in a tree of ", size));
  }
  Digest hash = leaf_hash;
  uint64_t place = index;
  uint64_t last = size - 1;
  for (const Digest& sibling : proof) {
    if (last == 0) return WrongLength(proof.size());
    if ((place & 1) != 0 || place == last) {
      hash = HashNode(sibling, hash);
      // A last subtree that is not full has no sibling until it is a right one.
      while ((place & 1) == 0 && place != 0) {
        place >>= 1;
        last >>= 1;
      }
    } else {
      hash = HashNode(hash, sibling);
    }
    place >>= 1;
    last >>= 1;
  }
  if (last != 0) return WrongLength(proof.size());
  if (hash != root) {
    return absl::UnauthenticatedError(
        absl::StrCat("merkle proof: entry ", index, " is not in the tree of this root"));
  }
  return absl::OkStatus();
}

absl::Status VerifyConsistency(uint64_t old_size, uint64_t size, const Digest& old_root,
                               const Digest& root, std::span<const Digest> proof) {
  if (old_size == 0 || old_size > size) {
    return absl::InvalidArgumentError(
        absl::StrCat("merkle proof: none from ", old_size, " to ", size, " entries"));
  }
  const absl::Status differs = absl::UnauthenticatedError(absl::StrCat(
      "merkle proof: the tree of ", size, " entries does not begin with that of ", old_size));
  if (old_size == size) {
    if (!proof.empty()) return WrongLength(proof.size());
    return old_root == root ? absl::OkStatus() : differs;
  }
  uint64_t place = old_size - 1;
  uint64_t last = size - 1;
  while ((place & 1) != 0) {
    place >>= 1;
    last >>= 1;
  }
  // A complete old tree is a node of the new one and stands for itself.
  const bool complete = place == 0;
  if (proof.empty() && !complete) return WrongLength(proof.size());
  Digest before = complete ? old_root : proof.front();
  Digest now = before;
  for (const Digest& sibling : proof.subspan(complete ? 0 : 1)) {
    if (last == 0) return WrongLength(proof.size());
    if ((place & 1) != 0 || place == last) {
      before = HashNode(sibling, before);
      now = HashNode(sibling, now);
      while ((place & 1) == 0 && place != 0) {
        place >>= 1;
        last >>= 1;
      }
    } else {
      now = HashNode(now, sibling);
    }
    place >>= 1;
    last >>= 1;
  }
  if (last != 0) return WrongLength(proof.size());
  return before == old_root && now == root ? absl::OkStatus() : differs;
}

}  // namespace ladon::ledger
