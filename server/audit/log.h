// The security log: a Merkle log of its own, beside the journal. Every answer leaves a record
// here before it is given, in the same synced write as what it answers (DESIGN section 9, РСБ.2).
// Nothing personal stands in it: random ids, numbers and names of calls only.
//
// Family kAuditLog has blocks (block.h): a new one begins with every batch, and with every
// kBlockRecordsMax-th record.
//
// Every kMarkEvery-th record puts a mark beside itself, under "audit/mark" in the meta family:
// number of records u64, time of the last u64, count u8 and roots of the complete subtrees, SHA-256
// of all that. A start reads on from there; damage before it is found when the records are read, or
// all verified. The tree itself lies in tiles (record_tree.h); a store of before gets them when it
// is opened.
//
// Old records go into archives (archive.h); which is the first that is left stands under
// "audit/first". Where new logs began after roll-backs (ledger/signed_log.h) stands under
// "audit/origins". Both end in the SHA-256 of what stands before.
//
// Invariants: indices are dense from first() on; times never go back. Threading: Append(), Drop()
// and AddOrigin() on the applier thread only, MarkDurable() on the writer's; the rest from any
// thread.
#ifndef LADON_SERVER_AUDIT_LOG_H_
#define LADON_SERVER_AUDIT_LOG_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "ledger/proof/audit_leaf.h"
#include "ledger/proof/bytes.h"
#include "ledger/proof/merkle_proof.h"
#include "server/audit/block.h"
#include "server/audit/record_tree.h"
#include "storage/overlay.h"
#include "storage/store.h"

namespace ladon::audit {

inline constexpr uint64_t kMarkEvery = uint64_t{1} << 16;
// Records that one batch drops: what the applier does in a millisecond or two.
inline constexpr uint64_t kDroppedAtOnceMax = kBlockRecordsMax;

// The block that begins with record `index`, in family kAuditLog; and back.
[[nodiscard]] std::string RecordKey(uint64_t index);
[[nodiscard]] uint64_t IndexOf(std::string_view key);

struct LogOptions {
  bool verify_all = false;
  // For a benchmark that tells what records cost, and for nothing else: they go nowhere. No
  // configuration can ask for it.
  bool discard = false;
};

// What Append() returns for a record that went nowhere.
inline constexpr uint64_t kDiscarded = ~uint64_t{0};

class Log {
 public:
  // Reads and checks the leaves behind the last mark; with `verify_all` every one, that the mark
  // follows from them, and their tiles. Tiles that are not there are made from the leaves.
  // DataLoss, naming the record: a hole, or a leaf that does not decode or stands at another index;
  // or a damaged mark or tile. Others: as the store says.
  [[nodiscard]] static absl::StatusOr<std::unique_ptr<Log>> Open(storage::Store* store,
                                                                 const LogOptions& options = {});

  // Gives `leaf` its index, which it tells, and a time that never goes back, and puts it into the
  // batch.
  uint64_t Append(ledger::AuditLeaf leaf, storage::Overlay* overlay);
  // The batch of record `index` is durable, and so is everything before it.
  void MarkDurable(uint64_t index);
  // When the last record was, 0: there is none. Before anything is appended.
  [[nodiscard]] uint64_t last_at_ns() const { return last_at_ns_; }
  [[nodiscard]] uint64_t durable_size() const { return durable_size_.load(); }
  // The first record that is not in an archive.
  [[nodiscard]] uint64_t first() const { return first_.load(); }

  // Number of records and RFC 6962 root, those under way included.
  [[nodiscard]] std::pair<uint64_t, ledger::Digest> Head() const { return tree_.Head(); }
  // Of the first `size` records, at most durable_size(). Errors as RecordTree::Nodes().
  [[nodiscard]] absl::StatusOr<ledger::Digest> RootAt(uint64_t size) const {
    return tree_.RootAt(size);
  }
  [[nodiscard]] ledger::ReadNode Nodes(uint64_t size) const { return tree_.Nodes(size); }
  [[nodiscard]] const storage::Store& store() const { return *store_; }

  // The largest number of records that may be archived: a multiple of kMarkEvery, before the last
  // mark, whose record a start looks at.
  [[nodiscard]] uint64_t ArchivableEnd() const;
  // Deletes records from first() on, up to `end` (at most ArchivableEnd()), at most
  // kDroppedAtOnceMax of them. Their tiles stay.
  void Drop(uint64_t end, storage::Overlay* overlay);

  struct Origin {
    uint64_t index = 0;       // The first record of a new log, and
    ledger::Digest old_note;  // the SHA-256 of the last checkpoint of the one before it.
  };
  [[nodiscard]] std::vector<Origin> origins() const;
  void AddOrigin(const Origin& origin, storage::Overlay* overlay);

 private:
  Log(storage::Store* store, bool discard) : store_(store), discard_(discard), tree_(store) {}
  class Replay;
  void PutRecord(const ledger::AuditLeaf& leaf, storage::Overlay* overlay);

  storage::Store* const store_;
  const bool discard_;
  RecordTree tree_;
  // The applier's: how many records, when the last one was, and the block that is being written.
  uint64_t size_ = 0;
  uint64_t last_at_ns_ = 0;
  std::string block_key_;
  BlockEncoder block_;
  ledger::ByteWriter entry_;

  std::atomic<uint64_t> durable_size_ = 0;
  std::atomic<uint64_t> first_ = 0;
  mutable std::mutex origins_mutex_;
  std::vector<Origin> origins_;
};

}  // namespace ladon::audit

#endif  // LADON_SERVER_AUDIT_LOG_H_
