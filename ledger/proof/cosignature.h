// Cosignatures: a witness says that it has seen a checkpoint, and that the log only grew.
//
// Source: C2SP tlog-cosignature (type 0x04) and tlog-witness. A witness signs the time and the
// checkpoint's text; what it is sent is "old <size>", a consistency proof from that size in base64
// lines, an empty line, and the checkpoint.
// Threading: pure functions.
#ifndef LADON_LEDGER_PROOF_COSIGNATURE_H_
#define LADON_LEDGER_PROOF_COSIGNATURE_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "ledger/proof/ids.h"
#include "ledger/proof/note.h"

namespace ladon::ledger {

// The body of an add-checkpoint request.
struct Growth {
  uint64_t old_size = 0;
  std::vector<Digest> proof;  // Empty when old_size is 0 or the tree did not grow.
  std::string checkpoint;     // The signed note, verbatim.
};

[[nodiscard]] std::string FormatGrowth(const Growth& growth);
// InvalidArgument: anything else, or more than 63 hashes.
[[nodiscard]] absl::StatusOr<Growth> ParseGrowth(std::string_view text);

// The signature line that a witness adds to a note of text `text`. `key` is of type kCosignature.
[[nodiscard]] std::string Cosign(const SigningKey& key, std::string_view text,
                                 uint64_t unix_seconds);

// When the witness signed. InvalidArgument: not of this form. Unauthenticated: false.
[[nodiscard]] absl::StatusOr<uint64_t> VerifyCosignature(const VerifierKey& key,
                                                         std::string_view text,
                                                         std::string_view signature);

}  // namespace ladon::ledger

#endif  // LADON_LEDGER_PROOF_COSIGNATURE_H_
