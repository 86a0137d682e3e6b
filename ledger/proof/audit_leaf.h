// Audit leaf version 1: one record of the security log, the leaf of the second Merkle tree.
//
// Who did what, when, from where, on which object, with what result: the fields that FSTEC's
// methodical document of 11.02.2014 asks for under RSB.2, and no others. No name, card number,
// template, score or sum is in it; people and things are random ids.
//
// Canonical: one value has exactly one encoding, integers are big endian, texts are counted;
// DecodeAuditLeaf(EncodeAuditLeaf(x)) == x and any other byte string is refused. The layout is
// written out, with a worked example, in ledger/proof/README.md; the test asserts it.
// Threading: pure functions.
#ifndef LADON_LEDGER_PROOF_AUDIT_LEAF_H_
#define LADON_LEDGER_PROOF_AUDIT_LEAF_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace ladon::ledger {

inline constexpr uint16_t kAuditLeafVersion = 1;
inline constexpr size_t kAuditPeerBytesMax = 64;
inline constexpr size_t kAuditSoftwareBytesMax = 32;
// `journal_index` of a record that concerns no journal entry.
inline constexpr uint64_t kNoJournalIndex = ~uint64_t{0};

enum class AuditOutcome : uint16_t {
  kSuccess = 0,
  kRefused = 1,  // Understood and denied: no right, no funds, no consent.
  kFailed = 2,   // Could not be done: a fault on our side or on the wire.
};

struct AuditLeaf {
  uint64_t index = 0;  // Position in the log, from 0.
  uint64_t at_ns = 0;  // Since 1970-01-01 UTC.
  uint16_t event = 0;  // Number of the call or of the kind of event.
  AuditOutcome outcome = AuditOutcome::kSuccess;
  uint16_t reason_code = 0;
  uint8_t role = 0;
  std::array<uint8_t, 16> actor{};  // The terminal, desk or officer; zero = unknown.
  std::array<uint8_t, 16> school{};
  std::array<uint8_t, 16> object{};              // The subject or account; zero = none.
  std::array<uint8_t, 32> request{};             // The operation key; zero = none.
  std::array<uint8_t, 20> certificate_serial{};  // Aligned to the right (RFC 5280: 20 octets).
  std::string peer;  // The network address as text: printable ASCII, <= kAuditPeerBytesMax.
  uint32_t process_id = 0;
  uint64_t journal_index = kNoJournalIndex;
  std::string software_version;  // Printable ASCII, <= kAuditSoftwareBytesMax.

  friend bool operator==(const AuditLeaf&, const AuditLeaf&) = default;
};

// InvalidArgument, naming the field: an unknown outcome, a text too long or not printable ASCII.
[[nodiscard]] absl::StatusOr<std::string> EncodeAuditLeaf(const AuditLeaf& leaf);
// InvalidArgument, naming the field: as above, or truncated, trailing bytes, unknown version.
[[nodiscard]] absl::StatusOr<AuditLeaf> DecodeAuditLeaf(std::string_view bytes);

}  // namespace ladon::ledger

#endif  // LADON_LEDGER_PROOF_AUDIT_LEAF_H_
