// What the security log keeps about itself in the meta family: its mark, its first record, where
// new logs began. Formats: log.h. Threading: pure functions.
#ifndef LADON_SERVER_AUDIT_META_H_
#define LADON_SERVER_AUDIT_META_H_

#include <cstdint>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "ledger/proof/merkle.h"
#include "server/audit/log.h"
#include "storage/overlay.h"
#include "storage/store.h"

namespace ladon::audit {

// Ends what is told of damage.
inline constexpr std::string_view kAdvice =
    ": the store is damaged; restore it from the last backup";

// What the log is after some record.
struct Mark {
  ledger::MerkleTree tree;
  uint64_t last_at_ns = 0;
};

void PutMark(const Mark& mark, storage::Overlay* overlay);
void PutFirst(uint64_t first, storage::Overlay* overlay);
void PutOrigins(const std::vector<Log::Origin>& origins, storage::Overlay* overlay);

// What was put last; nothing at all: an empty mark, 0, none. DataLoss: damaged.
[[nodiscard]] absl::StatusOr<Mark> ReadMark(const storage::Store& store);
[[nodiscard]] absl::StatusOr<uint64_t> ReadFirst(const storage::Store& store);
[[nodiscard]] absl::StatusOr<std::vector<Log::Origin>> ReadOrigins(const storage::Store& store);

}  // namespace ladon::audit

#endif  // LADON_SERVER_AUDIT_META_H_
