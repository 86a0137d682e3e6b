// The committer's state: takes submissions one by one into an open group. No thread and no queue of
// its own (committer.h has them).
//
// Invariants: accounts and indexes are ahead of the store by the open group and the kGroupsBefore
// closed before it, and only by them; entries have consecutive indexes and growing times.
// Threading: everything from one thread, but Find(), ReadOutcome() and ReadEntry() from any.
// After an error memory may be ahead of the store for good: throw the applier away.
#ifndef LADON_LEDGER_APPLIER_H_
#define LADON_LEDGER_APPLIER_H_

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "ledger/group.h"
#include "ledger/operation_index.h"
#include "ledger/proof/closing.h"
#include "ledger/proof/salt.h"
#include "ledger/replay.h"
#include "ledger/sequencer.h"
#include "ledger/state_machine.h"

namespace ladon::ledger {

// All changed pages of accounts are written behind while this many entries are booked.
inline constexpr uint64_t kSweepEntries = uint64_t{1} << 20;
// How many closed groups may not be durable yet: one in the writer's hands, one waiting for it.
inline constexpr size_t kGroupsBefore = 2;

class Applier {
 public:
  // `replayed` is the state of the store's journal; its tree stays with the caller.
  Applier(const SequencerOptions& options, Replayed* replayed);

  // Decides `submission` into the open group, whose `answers` get its answer, and lets it add its
  // own changes. An error is fatal: the store could not be read.
  [[nodiscard]] absl::Status Take(Submission* submission);
  // Hints, in this order: it will be taken soon, and sooner. Memory is what a debit waits for.
  void PrefetchFar(const Submission& submission) const;
  void PrefetchNear(const Submission& submission) const;
  [[nodiscard]] const Group& open_group() const { return *open_; }
  // The open group, complete, for the journal writer; a new one is opened. All groups closed before
  // must be durable but the last kGroupsBefore - 1. With `last`, all changed pages are in it, so
  // that the next start is quick.
  [[nodiscard]] std::shared_ptr<Group> CloseGroup(bool last = false);
  // A group that was written and is not needed any more, for later use. From any thread.
  void Recycle(std::shared_ptr<Group> group);
  // The open group as it is, never to be written: the ledger has failed.
  [[nodiscard]] std::shared_ptr<Group> Abandon() { return std::move(open_); }
  // The origin of a new journal, into the open group.
  void BookOrigin(const Digest& content);
  // What a closing over everything decided so far tells, unsorted; and over how many entries.
  [[nodiscard]] std::pair<std::vector<ClosingRow>, uint64_t> ClosingRows() const;
  // Every entry below `size` is durable. From any thread.
  void SetDurable(uint64_t size) { operations_->SetDurable(size); }

  [[nodiscard]] std::map<AccountCode, int64_t> BalancesByCode() const;
  [[nodiscard]] std::optional<AccountView> Find(const AccountId& account) const;
  // The stored answer of `operation`, of the first `durable` entries only; nullopt = unknown.
  [[nodiscard]] absl::StatusOr<std::optional<Outcome>> ReadOutcome(const OperationKey& operation,
                                                                   uint64_t durable) const;
  [[nodiscard]] absl::StatusOr<Entry> ReadEntry(uint64_t index) const;
  [[nodiscard]] const SaltSource& salts() const { return salts_; }
  // Limits that bind the accounts of a school.
  [[nodiscard]] Limits FindSchoolLimits(const SchoolId& school) const;

 private:
  using EntryPtr = std::shared_ptr<const Entry>;

  // What the ledger itself has to say: a closing, a new origin. False: `command` is none of them.
  bool BookOwn(const Command& command, Outcome* outcome);
  void Append(Entry* entry);  // Takes it, and leaves an empty one.
  void Book(Outcome* outcome);
  void ExpireHolds();
  void PutPages(bool all);
  void PutPage(size_t page);
  // When the next entry is booked: the wall clock, read once a submission, but never back.
  uint64_t NextTime() const { return std::max(now_, last_booked_at_ns_ + 1); }
  Stamp NextStamp() const { return {.index = next_index_, .booked_at_ns = NextTime()}; }

  // Durable or not.
  absl::StatusOr<EntryPtr> ReadAny(uint64_t index) const;
  absl::StatusOr<EntryPtr> ReadOperation(const OperationKey& operation) const;  // Null: unknown.
  absl::StatusOr<Outcome> StoredOutcome(EntryPtr entry) const;
  // The answer to a repeat of the id that `earlier` has.
  absl::StatusOr<Outcome> AnswerRepeat(const Submission& submission, const EntryPtr& earlier) const;
  absl::StatusOr<Facts> GatherFacts(const Command& command, EntryPtr* original) const;
  absl::StatusOr<Outcome> Decide(const Submission& submission);

  storage::Store* const store_;
  const SaltSource salts_;
  const std::function<uint64_t()> now_ns_;
  const std::unique_ptr<OperationIndex> operations_;
  // Taken to change accounts, and by Find(). The applier's own reads need no lock: nobody else
  // changes them.
  mutable std::mutex accounts_mutex_;
  StateMachine machine_;
  Decision decision_;
  uint64_t next_index_ = 0;
  uint64_t last_booked_at_ns_ = 0;
  uint64_t now_ = 0;  // The wall clock in nanoseconds, as last read.
  std::shared_ptr<Group> open_;
  // Closed last, newest first; null: none.
  std::array<std::shared_ptr<Group>, kGroupsBefore> before_;
  std::mutex spare_mutex_;
  std::deque<std::shared_ptr<Group>> spare_groups_;  // Oldest first.

  // The round through the pages that is under way.
  size_t sweep_page_ = 0;
  uint64_t sweep_credit_ = 0;  // Entries times pages not yet paid for by pages visited.
  uint64_t sweep_start_ = 0;
  size_t accounts_in_store_ = 0;
  uint64_t operations_done_told_ = 0;
  uint64_t accounts_done_told_ = 0;
};

}  // namespace ladon::ledger

#endif  // LADON_LEDGER_APPLIER_H_
