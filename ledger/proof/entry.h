// Entry version 2: the leaf of the journal's Merkle tree, and what opens its commitments. Version 1
// is read, and written by nobody.
//
// A leaf is what everybody may see: it names no account and no sum. For each thing it speaks of it
// holds SHA-256(salt || opening); the openings lie beside the leaf in the store and are given only
// to readers whose accounts they concern. Salts come from the ledger secret (salt.h), so that equal
// sums do not look equal and nothing can be guessed by trial.
//
// Canonical: one value has exactly one encoding, integers are big endian, lists are counted;
// DecodeLeaf(EncodeLeaf(x)) == x and any other byte string is refused. The layout is written out,
// with a worked example, in ledger/proof/README.md; tests/ledger/proof/entry_test.cc asserts it.
// Threading: pure functions. Source: RFC 6962 section 2.1 for what a leaf is.
#ifndef LADON_LEDGER_PROOF_ENTRY_H_
#define LADON_LEDGER_PROOF_ENTRY_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "ledger/proof/bytes.h"
#include "ledger/proof/ids.h"
#include "ledger/proof/opening.h"

namespace ladon::ledger {

inline constexpr uint16_t kEntryVersion = 2;     // What is written; 1 and up are read.
inline constexpr size_t kLeafBytesMax = 65'535;  // C2SP tlog-tiles: a length is 16 bits.
inline constexpr size_t kCommitmentsMax = 1'024;
enum class EntryKind : uint16_t {
  kOrigin = 1,  // First leaf of a log: names the store and, after a roll-back, the old checkpoint.
  kTransaction = 2,  // Transfers that were posted together.
  kRefusal = 3,      // A verdict against a request: its id is burnt, no transfer happened.
  kAccounts = 4,     // Accounts opened or changed.
  kOperation = 5,    // A request that changed something other than money (an enrolment, a card).
  kBurnt = 6,        // A request id made void by a Cancel that overtook it.
  // Since version 2:
  kHold = 7,           // Transfers reserved together, until captured, voided or expired.
  kCapture = 8,        // A hold posted, in whole or in part; the rest is released.
  kVoid = 9,           // A hold released by request.
  kExpiry = 10,        // A hold released because its time was over. No request made it.
  kSchoolLimits = 11,  // Limits that bind every account of a school.
  kClosing = 12,       // The end of a service day: all accounts under one root.
};

struct Commitment {
  uint8_t kind = 0;  // The opening's: 1 posting, 2 account terms, ... as in Opening.
  Digest digest;

  friend bool operator==(const Commitment&, const Commitment&) = default;
};

struct Leaf {
  uint16_t version = kEntryVersion;
  EntryKind kind = EntryKind::kOrigin;
  uint64_t index = 0;         // Position in the journal, from 0.
  uint64_t booked_at_ns = 0;  // Since 1970-01-01 UTC; strictly grows from entry to entry.
  Date service_date = 0;      // In the school's time zone, set by the server; 0 = none.
  Date effective_date = 0;    // The day the matter belongs to, when it is not the booking day.
  TransactionId transaction;  // Zero unless kind is kTransaction, kHold or kCapture.
  // The transaction that this one reverses, or the hold that it ends; zero = none.
  TransactionId related;
  OperationKey operation;  // Zero only for kOrigin, kExpiry and kClosing.
  Digest content;          // Keyed digest of what the caller sent.
  uint16_t result = 0;     // ResultCode of ledger/result.h.
  uint16_t reason = 0;     // Why a person did this (of a cancel, of a sale by list); 0 = none.
  Nonce nonce;             // Of the identification token that was used up; zero = none.
  // Basket digest, basis document, named old checkpoint, or (kOperation of a Cancel) the operation
  // key that it made void; zero = none.
  Digest document;
  uint64_t expires_at_ns = 0;  // Of a hold; 0 = no hold.
  std::vector<Commitment> commitments;

  friend bool operator==(const Leaf&, const Leaf&) = default;
};

// InvalidArgument: more than kCommitmentsMax commitments, an unknown kind, a date out of form.
[[nodiscard]] absl::StatusOr<std::string> EncodeLeaf(const Leaf& leaf);
// The same, added to `out`, which is as before when it fails.
[[nodiscard]] absl::Status AppendLeaf(const Leaf& leaf, ByteWriter* out);
// InvalidArgument, naming the field: truncated, trailing bytes, unknown version or kind.
[[nodiscard]] absl::StatusOr<Leaf> DecodeLeaf(std::string_view bytes);

}  // namespace ladon::ledger

#endif  // LADON_LEDGER_PROOF_ENTRY_H_
