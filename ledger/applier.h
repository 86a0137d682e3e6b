// The committer's state: takes submissions one by one into an open group and makes the group
// durable. No thread and no queue of its own (sequencer.h has them).
//
// Invariants: between Commit()s, accounts, tree and indexes are ahead of the store by the open
// group, and only by it; the entries of a group have consecutive indexes and growing times.
// Threading: everything from one thread, but Find(), ReadOutcome() and store reads, from any.
// After an error from Take() or Commit() memory may be ahead of the store for good: throw the
// applier away.
#ifndef LADON_LEDGER_APPLIER_H_
#define LADON_LEDGER_APPLIER_H_

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "ledger/journal.h"
#include "ledger/sequencer.h"
#include "ledger/state_machine.h"
#include "ledger/tree.h"
#include "storage/batch.h"
#include "storage/overlay.h"

namespace ladon::ledger {

// What a submission will be told once its group is durable.
struct Answer {
  absl::Status status;  // OK, or the error of its check.
  Outcome outcome;
};

class Applier {
 public:
  // As Sequencer::Open(), which hands its options through.
  [[nodiscard]] static absl::StatusOr<std::unique_ptr<Applier>> Open(
      const SequencerOptions& options);

  // Decides `submission` into the open group and lets it add its own changes.
  // An error is fatal: the store could not be read.
  [[nodiscard]] absl::StatusOr<Answer> Take(const Submission& submission);
  [[nodiscard]] bool group_full() const { return group_->batch.bytes() >= storage::kBatchBytesMax; }
  // Makes the open group durable and opens the next one. An error is fatal.
  [[nodiscard]] absl::Status Commit();

  // Number of entries and root, the open group included.
  [[nodiscard]] std::pair<uint64_t, Digest> Head() const { return {tree_.size(), tree_.Root()}; }
  [[nodiscard]] std::optional<AccountView> Find(const AccountId& account) const;
  // The stored answer of `operation`, durable entries only; nullopt = unknown.
  [[nodiscard]] absl::StatusOr<std::optional<Outcome>> ReadOutcome(
      const OperationKey& operation) const;
  [[nodiscard]] absl::StatusOr<Entry> ReadEntry(uint64_t index) const;
  [[nodiscard]] std::vector<OpenedCommitment> Disclose(const Entry& entry,
                                                       std::span<const uint16_t> ordinals) const;
  // The tree of the durable entries.
  [[nodiscard]] const Tree& tree() const { return tree_; }

 private:
  // The group being put together.
  struct Group {
    Group(const storage::Store* store, uint64_t first)
        : overlay(store, &batch), block(std::make_unique<BlockWriter>(first)), first_index(first) {}

    storage::Batch batch;
    storage::Overlay overlay;
    std::unique_ptr<BlockWriter> block;
    const uint64_t first_index;
    std::vector<Entry> entries;  // All of the group, closed blocks included.
  };

  explicit Applier(const SequencerOptions& options)
      : store_(options.store),
        secret_(options.ledger_secret),
        now_ns_(options.now_ns),
        machine_(options.ledger_secret) {}

  absl::Status Replay(const std::function<void(uint64_t)>& on_progress);
  absl::Status ReplayBlock(BlockReader* block);
  absl::Status BookOrigin();
  // Puts a sealed entry into the open group. InvalidArgument: it has no encoding.
  absl::Status Append(Entry entry);
  void CloseBlock();
  // Adds the tiles that have become full to the group.
  void PutTiles();
  // The same during a replay, for tiles that an older program did not write.
  absl::Status RestoreTiles(storage::Batch* missing);
  uint64_t NextTime() const;

  // Of the store and, with `open_group`, of the group being put together.
  absl::StatusOr<Entry> ReadAny(uint64_t index, bool open_group) const;
  absl::StatusOr<std::optional<Entry>> ReadOperation(const OperationKey& operation,
                                                     bool open_group) const;
  absl::StatusOr<Outcome> StoredOutcome(Entry entry, bool open_group) const;
  absl::StatusOr<Facts> GatherFacts(const Command& command, std::optional<Entry>* original) const;
  absl::StatusOr<Outcome> Decide(const Submission& submission);

  storage::Store* const store_;
  const std::array<uint8_t, 32> secret_;
  const std::function<uint64_t()> now_ns_;
  // Taken to change accounts, and by Find(). The applier's own reads need no lock: nobody else
  // changes them.
  mutable std::mutex accounts_mutex_;
  StateMachine machine_;
  Tree tree_;
  uint64_t last_booked_at_ns_ = 0;
  std::unique_ptr<Group> group_;
};

}  // namespace ladon::ledger

#endif  // LADON_LEDGER_APPLIER_H_
