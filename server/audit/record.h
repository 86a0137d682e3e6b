// How a record comes into the security log: with a submission to the committer, in the batch of
// whatever that changes, so that neither is durable without the other.
// Threading: any thread; the callbacks run on the ledger's.
#ifndef LADON_SERVER_AUDIT_RECORD_H_
#define LADON_SERVER_AUDIT_RECORD_H_

#include <cstdint>
#include <functional>
#include <memory>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "ledger/proof/audit_leaf.h"
#include "ledger/sequencer.h"
#include "server/audit/log.h"
#include "storage/overlay.h"

namespace ladon::audit {

using Committed = std::function<void(const absl::Status& status, const ledger::Outcome& outcome)>;
// Puts what came out into the leaf.
using FinishLeaf = void (*)(const absl::Status& status, const ledger::Outcome& outcome,
                            ledger::AuditLeaf* leaf);

// A submission between being handed over and its answer.
struct UnderWay {
  Committed done;
  FinishLeaf finish = nullptr;
  ledger::AuditLeaf leaf;
  uint64_t record = 0;
};

// Gives `submission` a record, behind what its own `record` does, and `done` to be told once all of
// it is durable. Returned, because a submission that is refused takes `done` along without having
// called it.
std::shared_ptr<UnderWay> Attach(Log* log, ledger::AuditLeaf leaf, FinishLeaf finish,
                                 Committed done, ledger::Submission* submission);

// Changes of the log's own, in one durable batch; `in_batch` runs on the applier thread. Waits
// until it is durable. Unavailable: the ledger stopped. ResourceExhausted: too much is waiting.
[[nodiscard]] absl::Status CommitAndWait(ledger::Sequencer* ledger,
                                         const std::function<void(storage::Overlay*)>& in_batch);

// A record that nobody's call asked for, and what else belongs into its batch (may be empty).
// Returns its index; waits and fails as CommitAndWait().
using WithRecord = std::function<void(uint64_t record, storage::Overlay* overlay)>;
[[nodiscard]] absl::StatusOr<uint64_t> RecordAndWait(ledger::Sequencer* ledger, Log* log,
                                                     const ledger::AuditLeaf& leaf,
                                                     const WithRecord& with_record = {});

}  // namespace ladon::audit

#endif  // LADON_SERVER_AUDIT_RECORD_H_
