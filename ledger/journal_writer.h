// Seals entries, grows the tree over them, and writes them to the store as journal blocks.
//
// In two steps, so that one group can be sealed while the group before it is written. Groups are
// sealed, and written, in their order.
// Invariant: the tree ends where the last sealed group ends; after an error of Write() nobody knows
// where the store's journal ends, and the writer is to be thrown away.
// Threading: Seal() from one thread at a time, Write() from one at a time; both beside each other,
// for different groups.
#ifndef LADON_LEDGER_JOURNAL_WRITER_H_
#define LADON_LEDGER_JOURNAL_WRITER_H_

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <utility>

#include "absl/status/status.h"
#include "ledger/group.h"
#include "ledger/journal.h"
#include "ledger/proof/salt.h"
#include "ledger/tree.h"
#include "storage/store.h"

namespace ladon::ledger {

class JournalWriter {
 public:
  // `store` and `tree`, of its journal, must outlive the writer. `on_written`, which may be empty:
  // how long a batch and its sync took.
  JournalWriter(storage::Store* store, const SaltSource& salts, Tree* tree,
                std::function<void(std::chrono::nanoseconds)> on_written)
      : store_(store), salts_(salts), tree_(tree), on_written_(std::move(on_written)) {}

  // Fills in what `group` has from sealing. Memory only.
  void Seal(Group* group);
  // Makes the sealed group durable, and its part of the tree visible. Errors: as Store::Write().
  [[nodiscard]] absl::Status Write(Group* group);

 private:
  void SealOne(Entry* entry, storage::Batch* sealed);
  void CloseBlock(storage::Batch* sealed);

  storage::Store* const store_;
  const SaltSource salts_;
  Tree* const tree_;
  const std::function<void(std::chrono::nanoseconds)> on_written_;
  // Of the group being sealed.
  std::unique_ptr<BlockWriter> block_;
  uint64_t last_booked_at_ns_ = 0;
  ByteWriter leaf_;
  ByteWriter openings_;
};

}  // namespace ladon::ledger

#endif  // LADON_LEDGER_JOURNAL_WRITER_H_
