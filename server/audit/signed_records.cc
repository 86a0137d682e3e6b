#include "server/audit/signed_records.h"

#include <string>

#include "server/audit/process_event.h"
#include "server/audit/record.h"

namespace ladon::audit {

absl::StatusOr<ledger::Digest> SignedRecords::RootAt(uint64_t size) const {
  if (size > Size()) {
    return absl::InvalidArgumentError("security log: no tree of " + std::to_string(size) +
                                      " records");
  }
  absl::StatusOr<ledger::Digest> root = log_->RootAt(size);
  // A tile that is not there is damage to whoever signs.
  return absl::IsNotFound(root.status()) ? absl::DataLossError(root.status().message()) : root;
}

absl::StatusOr<std::vector<uint64_t>> SignedRecords::NewOrigins() const {
  std::vector<uint64_t> indices;
  for (const Log::Origin& origin : log_->origins()) indices.push_back(origin.index);
  return indices;
}

absl::StatusOr<ledger::Digest> SignedRecords::CheckpointBefore(uint64_t origin) const {
  for (const Log::Origin& one : log_->origins()) {
    if (one.index == origin) return one.old_note;
  }
  return absl::NotFoundError("security log: no log begins at record " + std::to_string(origin));
}

absl::StatusOr<uint64_t> SignedRecords::BookNewOrigin(const ledger::Digest& old_checkpoint) {
  if (old_checkpoint.IsZero()) {
    return absl::InvalidArgumentError("security log: a new log names the checkpoint before it");
  }
  return RecordAndWait(ledger_, log_, LeafOf(ProcessEvent::kNewLog, old_checkpoint, now_ns_()),
                       [&](uint64_t record, storage::Overlay* overlay) {
                         log_->AddOrigin({.index = record, .old_note = old_checkpoint}, overlay);
                       });
}

}  // namespace ladon::audit
