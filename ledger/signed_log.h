// A log that only grows, as its signer looks at it: the journal, and the security log beside it.
// Threading: any thread.
#ifndef LADON_LEDGER_SIGNED_LOG_H_
#define LADON_LEDGER_SIGNED_LOG_H_

#include <cstdint>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "ledger/proof/ids.h"

namespace ladon::ledger {

// What messages call a log, and what it holds.
struct LogWords {
  std::string_view log;      // "ledger"
  std::string_view entries;  // "entries"
};

class SignedLog {
 public:
  virtual ~SignedLog() = default;

  [[nodiscard]] virtual LogWords words() const = 0;
  // How many entries are durable.
  [[nodiscard]] virtual uint64_t Size() const = 0;
  // The RFC 6962 root of the first `size` entries, at most as many as Size() has told.
  // InvalidArgument: not so. DataLoss: the stored tree is damaged.
  [[nodiscard]] virtual absl::StatusOr<Digest> RootAt(uint64_t size) const = 0;

  // Where new logs began in this one, after roll-backs: their first entries, oldest first.
  [[nodiscard]] virtual absl::StatusOr<std::vector<uint64_t>> NewOrigins() const = 0;
  // SHA-256 of the signed note that the new log at entry `origin` names as the one before it.
  [[nodiscard]] virtual absl::StatusOr<Digest> CheckpointBefore(uint64_t origin) const = 0;
  // Begins a new log: what comes from here on is not that of `old_checkpoint` (SHA-256 of a signed
  // note). Its first entry. Waits until it is durable. InvalidArgument: a zero digest. Unavailable:
  // nothing can be made durable any more.
  [[nodiscard]] virtual absl::StatusOr<uint64_t> BookNewOrigin(const Digest& old_checkpoint) = 0;
};

}  // namespace ladon::ledger

#endif  // LADON_LEDGER_SIGNED_LOG_H_
