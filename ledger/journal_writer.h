// Seals entries, grows the tree over them, and writes them to the store as journal blocks.
//
// Invariant: the tree ends where the store's journal ends; after an error nobody knows, and the
// writer is to be thrown away.
// Threading: Write() from one thread at a time; tree() reads from any.
#ifndef LADON_LEDGER_JOURNAL_WRITER_H_
#define LADON_LEDGER_JOURNAL_WRITER_H_

#include <cstdint>
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
  // `store` and `tree`, of its journal, must outlive the writer.
  JournalWriter(storage::Store* store, const SaltSource& salts, Tree* tree)
      : store_(store), salts_(salts), tree_(tree) {}

  // Makes the group durable. Errors: as Store::Write().
  [[nodiscard]] absl::Status Write(Group* group);

  // Durable number of entries, and their root.
  [[nodiscard]] std::pair<uint64_t, Digest> Head() const { return {tree_->size(), tree_->Root()}; }

 private:
  void Seal(Entry* entry);
  void CloseBlock();

  storage::Store* const store_;
  const SaltSource salts_;
  Tree* const tree_;
  // Of the group being written.
  storage::Batch sealed_;
  std::unique_ptr<BlockWriter> block_;
  uint64_t last_booked_at_ns_ = 0;
  ByteWriter leaf_;
  ByteWriter openings_;
};

}  // namespace ladon::ledger

#endif  // LADON_LEDGER_JOURNAL_WRITER_H_
