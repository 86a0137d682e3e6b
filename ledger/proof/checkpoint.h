// Checkpoints: what a log stands for, as a signed note.
//
// Source: C2SP tlog-checkpoint. The text is three lines: the log's origin, the number of entries,
// and the RFC 6962 root in base64; lines after them are extensions, which ours never have.
// Threading: pure functions.
#ifndef LADON_LEDGER_PROOF_CHECKPOINT_H_
#define LADON_LEDGER_PROOF_CHECKPOINT_H_

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "ledger/proof/ids.h"
#include "ledger/proof/note.h"

namespace ladon::ledger {

struct Checkpoint {
  std::string origin;
  uint64_t size = 0;  // Entries.
  Digest root;

  friend bool operator==(const Checkpoint&, const Checkpoint&) = default;
};

// A number as the formats of C2SP write it: decimal digits without a leading zero. nullopt:
// anything else, or beyond 64 bits.
[[nodiscard]] std::optional<uint64_t> ParseDecimal(std::string_view digits);

[[nodiscard]] std::string FormatCheckpoint(const Checkpoint& checkpoint);

// The text of a note. InvalidArgument: not a checkpoint; extension lines are passed over.
[[nodiscard]] absl::StatusOr<Checkpoint> ParseCheckpoint(std::string_view text);

// A note whose text is a checkpoint signed by a key whose name is its origin.
// Errors: as OpenNote and ParseCheckpoint; Unauthenticated: no such key has signed.
struct OpenedCheckpoint {
  Checkpoint checkpoint;
  Note note;
};
[[nodiscard]] absl::StatusOr<OpenedCheckpoint> OpenCheckpoint(std::string_view note,
                                                              std::span<const VerifierKey> keys);

// One whose every signature is by one of `keys`, as files that carry their own checkpoint must have
// it: nothing vouches for a key that was not given. Also Unauthenticated: another has signed.
[[nodiscard]] absl::StatusOr<OpenedCheckpoint> OpenOwnCheckpoint(std::string_view note,
                                                                 std::span<const VerifierKey> keys);

}  // namespace ladon::ledger

#endif  // LADON_LEDGER_PROOF_CHECKPOINT_H_
