// The ledger as its callers see it: submit work, be called back when it is durable, ask balances.
//
// One applier thread takes everything waiting (group commit), decides each submission in turn,
// lets it add its own changes, writes ONE atomic synced batch with the journal block, and then,
// and only then, calls everybody in it back, in order. The journal is the truth; accounts in
// memory are derived from it and rebuilt at Open().
//
// A reader may see a decision that is not synced yet. That is safe as long as the reader answers
// nobody before a submission of its own (its audit record) is durable: a later batch cannot
// survive an earlier one.
//
// Threading: Submit() and all queries from any thread. Callbacks run on the applier thread, must
// not block, and must not call Stop() or destroy the sequencer; they may call Submit().
// After a failed write nothing more is accepted: every callback gets kUnavailable and `on_fatal`
// is told once (DESIGN principle 8, fail closed).
#ifndef LADON_LEDGER_SEQUENCER_H_
#define LADON_LEDGER_SEQUENCER_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "ledger/command.h"
#include "ledger/proof/receipt.h"
#include "storage/overlay.h"
#include "storage/store.h"

namespace ladon::ledger {

inline constexpr size_t kQueueMax = 16'384;            // Submissions waiting; more are refused.
inline constexpr size_t kBatchSubmissionsMax = 1'000;  // Submissions in one synced write.
inline constexpr size_t kStatementEntriesMax = 1'000;  // Entries in one page of a statement.

struct Submission {
  OperationKey operation;  // Zero only with std::monostate.
  Digest content;
  Command command;
  Context context;
  Date service_date = 0;
  Date effective_date = 0;
  TransactionId transaction;  // A fresh random id; used when the command posts.
  uint16_t reason = 0;

  // Called for new work before the command is decided; an error refuses it without a trace in the
  // journal and without burning the id. Sees all earlier decisions. May be empty.
  std::function<absl::Status(const storage::Reader&)> check;
  // Called when the command was newly accepted: the caller's own durable changes. May be empty.
  std::function<void(const Outcome&, storage::Overlay&)> changes;
  // Called always, last, whatever came out (`status` is the error of `check`, or OK): the audit
  // record. May be empty.
  std::function<void(const absl::Status& status, const Outcome&, storage::Overlay&)> record;
  // Called once, after the sync. OK: `outcome` is durable. The error of `check`: refused, and the
  // record of that is durable. Unavailable: nothing is known to be durable; the ledger stopped.
  std::function<void(const absl::Status& status, const Outcome&)> done;
};

struct AccountView {
  AccountTerms terms;
  int64_t balance_kopecks = 0;
  uint64_t last_sequence = 0;  // The account's last used sequence number.
};

struct SequencerOptions {
  storage::Store* store = nullptr;  // Must outlive the sequencer.
  std::array<uint8_t, 32> ledger_secret{};
  std::function<uint64_t()>
      now_ns;  // Wall clock; the ledger never goes back behind its last entry.
  std::function<void(const absl::Status&)> on_fatal;
  // Progress of the replay at Open(): entries done so far. May be empty.
  std::function<void(uint64_t entries)> on_progress;
};

class Sequencer {
 public:
  // Replays and verifies the journal: blocks without a hole, every commitment opened, every
  // sequence and balance derived again, the root after each block equal to the stored one. A new
  // store gets its origin leaf. DataLoss, naming the entry: the journal does not verify.
  // Unavailable / Internal: the store cannot be read.
  [[nodiscard]] static absl::StatusOr<std::unique_ptr<Sequencer>> Open(SequencerOptions options);
  ~Sequencer();  // Stop()s.

  // ResourceExhausted: kQueueMax are waiting. Unavailable: stopped. InvalidArgument: no request at
  // all (no operation key, no transaction id for a command that posts, a date out of the calendar,
  // more than a command may hold). In all cases `done` is not called and nothing happened.
  [[nodiscard]] absl::Status Submit(Submission submission);

  // Finishes what was accepted and stops the thread. Idempotent.
  void Stop();

  [[nodiscard]] std::optional<AccountView> FindAccount(const AccountId& account) const;
  // What became of an operation, as durable now, told as to a repeat of it (`replayed` is set);
  // nullopt = unknown (it may still be under way).
  [[nodiscard]] absl::StatusOr<std::optional<Outcome>> FindOperation(const OperationKey& key) const;
  [[nodiscard]] absl::StatusOr<Entry> ReadEntry(uint64_t index) const;  // NotFound, DataLoss.
  // Entries that touched `account`, from its sequence number `from_sequence` (1 = first) upwards,
  // at most min(limit, kStatementEntriesMax). Newest last.
  [[nodiscard]] absl::StatusOr<std::vector<Entry>> ReadStatement(const AccountId& account,
                                                                 uint64_t from_sequence,
                                                                 size_t limit) const;
  // Durable number of entries and RFC 6962 root.
  [[nodiscard]] std::pair<uint64_t, Digest> Head() const;
  // Proofs over the first `size` entries, at most as many as Head() has told. InvalidArgument: not
  // so, or what the proof is asked for is not among them. DataLoss: the stored tree is damaged.
  [[nodiscard]] absl::StatusOr<Digest> RootAt(uint64_t size) const;
  [[nodiscard]] absl::StatusOr<std::vector<Digest>> ProveInclusion(uint64_t index,
                                                                   uint64_t size) const;
  [[nodiscard]] absl::StatusOr<std::vector<Digest>> ProveConsistency(uint64_t old_size,
                                                                     uint64_t size) const;
  // The openings of `entry` under `ordinals` (ascending, of its commitments) with their salts: what
  // a reader may be shown of it.
  [[nodiscard]] std::vector<OpenedCommitment> Disclose(const Entry& entry,
                                                       std::span<const uint16_t> ordinals) const;
  // The hashes of a tile (ledger/proof/tile.h) of the tree of `size` entries.
  [[nodiscard]] absl::StatusOr<std::vector<Digest>> ReadTile(unsigned level, uint64_t number,
                                                             uint64_t size) const;
  // Leaves of durable entries, as ReadLeaves() of journal.h; at most kTileWidth at once.
  [[nodiscard]] absl::StatusOr<std::vector<std::string>> ReadLeaves(uint64_t first,
                                                                    size_t count) const;
  [[nodiscard]] size_t QueueDepth() const;

 private:
  class Impl;
  explicit Sequencer(std::unique_ptr<Impl> impl);
  absl::Status CheckSize(uint64_t size) const;
  std::unique_ptr<Impl> impl_;
};

}  // namespace ladon::ledger

#endif  // LADON_LEDGER_SEQUENCER_H_
