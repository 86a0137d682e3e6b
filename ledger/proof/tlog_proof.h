// Proofs that travel: that an entry is in a log, to be checked without asking anybody.
//
// Source: C2SP tlog-proof. Text: a magic line, "index <n>", the audit path in base64 with the
// leaf's sibling first, an empty line, the signed checkpoint as it was published. Ours never hold
// the optional line "extra", which nothing would authenticate.
// Threading: pure functions.
#ifndef LADON_LEDGER_PROOF_TLOG_PROOF_H_
#define LADON_LEDGER_PROOF_TLOG_PROOF_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "ledger/proof/checkpoint.h"
#include "ledger/proof/ids.h"

namespace ladon::ledger {

inline constexpr size_t kProofHashesMax = 63;  // A path in a tree of 2^63 leaves.

struct TlogProof {
  uint64_t index = 0;
  std::vector<Digest> path;
  std::string checkpoint;  // The signed note, verbatim.
};

[[nodiscard]] std::string FormatTlogProof(const TlogProof& proof);

// InvalidArgument: not such a proof, or one with "extra".
[[nodiscard]] absl::StatusOr<TlogProof> ParseTlogProof(std::string_view text);

// The checkpoint whose tree has `leaf` at the index told. InvalidArgument: not a proof.
// Unauthenticated: the checkpoint is not signed by one of `keys`, or the leaf is not in its tree.
struct ProvedEntry {
  uint64_t index = 0;
  Checkpoint checkpoint;
};
[[nodiscard]] absl::StatusOr<ProvedEntry> VerifyTlogProof(std::string_view text,
                                                          std::string_view leaf,
                                                          std::span<const VerifierKey> keys);

}  // namespace ladon::ledger

#endif  // LADON_LEDGER_PROOF_TLOG_PROOF_H_
