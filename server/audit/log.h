// The security log: a Merkle log of its own, beside the journal. Every answer leaves a record
// here before it is given, in the same synced write as what it answers (DESIGN section 9, РСБ.2).
// Nothing personal stands in it: random ids, numbers and names of calls only.
//
// Every kMarkEvery-th record puts a mark beside itself, under "audit/mark" in the meta family:
// number of records u64, time of the last u64, count u8 and roots of the complete subtrees, SHA-256
// of all that. A start reads on from there; damage before it is found when the records are read, or
// all verified.
//
// Invariants: indices are dense from 0; times never go back. Threading: Append() on the applier
// thread only, MarkDurable() on the writer's; the rest from any thread.
#ifndef LADON_SERVER_AUDIT_LOG_H_
#define LADON_SERVER_AUDIT_LOG_H_

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <utility>

#include "absl/status/statusor.h"
#include "ledger/proof/audit_leaf.h"
#include "ledger/proof/merkle.h"
#include "storage/overlay.h"
#include "storage/store.h"

namespace ladon::audit {

inline constexpr uint64_t kMarkEvery = uint64_t{1} << 16;

class Log {
 public:
  // Reads and checks the leaves behind the last mark; with `verify_all` every one, and that the
  // mark follows from them. DataLoss, naming the record: a hole, or a leaf that does not decode or
  // stands at another index; or a damaged mark.
  [[nodiscard]] static absl::StatusOr<std::unique_ptr<Log>> Open(const storage::Store& store,
                                                                 bool verify_all = false);

  // Gives `leaf` its index, which it tells, and a time that never goes back, and puts it into the
  // batch.
  uint64_t Append(ledger::AuditLeaf leaf, storage::Overlay* overlay);
  // The batch of record `index` is durable, and so is everything before it.
  void MarkDurable(uint64_t index);
  [[nodiscard]] uint64_t durable_size() const { return durable_size_.load(); }

  // Number of records and RFC 6962 root, those under way included.
  [[nodiscard]] std::pair<uint64_t, ledger::Digest> Head() const;

 private:
  Log() = default;

  mutable std::mutex mutex_;
  ledger::MerkleTree tree_;
  uint64_t last_at_ns_ = 0;
  std::atomic<uint64_t> durable_size_ = 0;
};

}  // namespace ladon::audit

#endif  // LADON_SERVER_AUDIT_LOG_H_
