// An entry as a reader is shown it: the leaf, and some of its commitments opened.
//
// The leaf is what the tree holds; an opening is true if it hashes, with its salt, to what the leaf
// commits to. Bytes: leaf length (u16), leaf, opening count (u16), for each opening its ordinal
// (u16), salt (32 bytes), length (u16), opening; by ascending ordinal. Canonical.
// Threading: pure functions.
#ifndef LADON_LEDGER_PROOF_OPENED_ENTRY_H_
#define LADON_LEDGER_PROOF_OPENED_ENTRY_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "ledger/proof/bytes.h"
#include "ledger/proof/entry.h"
#include "ledger/proof/salt.h"

namespace ladon::ledger {

// One commitment of a leaf, opened.
struct OpenedCommitment {
  uint16_t ordinal = 0;  // Of the leaf's commitments, from 0.
  Salt salt{};
  Opening opening;
};

struct OpenedEntry {
  std::string leaf_bytes;  // As the tree has them.
  Leaf leaf;
  std::vector<OpenedCommitment> openings;  // By ascending ordinal.
};

// `leaf` is EncodeLeaf() of the leaf that `openings`, by ascending ordinal, belong to.
void AppendOpenedEntry(std::string_view leaf, std::span<const OpenedCommitment> openings,
                       ByteWriter* out);

// From the front of `in`, which then stands behind it. InvalidArgument: not of the form told above,
// to the byte. Unauthenticated: an opening is not what the leaf commits to; the message names it.
// `entry` keeps its memory.
[[nodiscard]] absl::Status ReadOpenedEntry(ByteReader* in, OpenedEntry* entry);

// Behind the transfer whose first commitment is `at`: reservations, postings, line, use of an
// entitlement. At anything else: one behind it. `kinds` are those of all commitments.
[[nodiscard]] size_t EndOfTransfer(std::span<const uint8_t> kinds, size_t at);

// Which commitments of an entry, by ordinal, a reader may see to whom the `own` ones (as many as
// `kinds`) belong: those, the lines of their transfers, and where it happened. Empty: none is own.
[[nodiscard]] std::vector<uint16_t> VisibleOpenings(std::span<const uint8_t> kinds,
                                                    const std::vector<bool>& own);

}  // namespace ladon::ledger

#endif  // LADON_LEDGER_PROOF_OPENED_ENTRY_H_
