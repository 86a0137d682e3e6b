// Proofs over the Merkle tree of RFC 6962: that an entry is in it, and that it only grew.
//
// Source: RFC 6962 sections 2.1.1 and 2.1.2; verification as in RFC 9162 sections 2.1.3.2 and
// 2.1.4.2, with the strictness of transparency-dev/merkle: no proof from an empty tree.
// Threading: pure functions.
#ifndef LADON_LEDGER_PROOF_MERKLE_PROOF_H_
#define LADON_LEDGER_PROOF_MERKLE_PROOF_H_

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "ledger/proof/ids.h"

namespace ladon::ledger {

// The root of the complete subtree of 2^level leaves that begins at leaf index << level.
using ReadNode = std::function<absl::StatusOr<Digest>(unsigned level, uint64_t index)>;

// The root of the first `size` leaves. Errors: of `read`.
[[nodiscard]] absl::StatusOr<Digest> RootOf(uint64_t size, const ReadNode& read);

// The audit path of leaf `index` in the tree of `size` leaves, the sibling of the leaf first.
// InvalidArgument: no such leaf. Others: of `read`, which is asked O(log n) times.
[[nodiscard]] absl::StatusOr<std::vector<Digest>> InclusionProof(uint64_t index, uint64_t size,
                                                                 const ReadNode& read);

// What shows that the tree of `size` leaves begins with that of `old_size`.
// InvalidArgument: old_size is 0 or beyond size. Others: of `read`.
[[nodiscard]] absl::StatusOr<std::vector<Digest>> ConsistencyProof(uint64_t old_size, uint64_t size,
                                                                   const ReadNode& read);

// InvalidArgument: the proof has another length than (index, size) asks for, or there is no such
// leaf. Unauthenticated: it leads to another root.
[[nodiscard]] absl::Status VerifyInclusion(uint64_t index, uint64_t size, const Digest& leaf_hash,
                                           std::span<const Digest> proof, const Digest& root);

// InvalidArgument: sizes out of order or 0, or a proof of another length. Unauthenticated: it leads
// to another root, new or old.
[[nodiscard]] absl::Status VerifyConsistency(uint64_t old_size, uint64_t size,
                                             const Digest& old_root, const Digest& root,
                                             std::span<const Digest> proof);

}  // namespace ladon::ledger

#endif  // LADON_LEDGER_PROOF_MERKLE_PROOF_H_
