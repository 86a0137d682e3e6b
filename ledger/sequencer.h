// The ledger as its callers see it: submit work, be called back when it is durable, ask balances.
//
// One applier thread takes what waits (group commit), decides each submission in turn and lets it
// add its own changes. The group is sealed and written in ONE atomic synced batch, and then, and
// only then, everybody in it is called back, in order; meanwhile the applier works on the next
// group (committer.h). The journal is the truth; accounts in memory are derived from it, written
// behind in pages, and rebuilt at Open().
//
// A reader may see a decision that is not synced yet. That is safe as long as the reader answers
// nobody before a submission of its own (its audit record) is durable: a later batch cannot
// survive an earlier one.
//
// Threading: Submit() and all queries from any thread. `done` runs on the writer thread (after a
// failure on any of the ledger's), the other callbacks on the applier thread; none may block, call
// Stop() or destroy the sequencer; they may call Submit(). Queries that say "waits" wait for a
// group under way, not for submissions to come. After a failed write nothing more is accepted:
// every callback gets kUnavailable and `on_fatal` is told once (DESIGN principle 8, fail closed).
#ifndef LADON_LEDGER_SEQUENCER_H_
#define LADON_LEDGER_SEQUENCER_H_

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "ledger/closings.h"
#include "ledger/command.h"
#include "ledger/proof/opened_entry.h"
#include "ledger/proof/salt.h"
#include "ledger/signed_log.h"
#include "ledger/state_machine.h"
#include "storage/overlay.h"
#include "storage/store.h"

namespace ladon::ledger {

class AccountHistory;
class Tree;

inline constexpr size_t kQueueMax = 16'384;            // Submissions waiting; more are refused.
inline constexpr size_t kQueueOfCallerMax = 8'192;     // Of these, from one caller.
inline constexpr size_t kBatchSubmissionsMax = 1'000;  // Submissions in one synced write.
inline constexpr size_t kStatementEntriesMax = 1'000;  // Entries in one page of a statement.

struct Submission {
  uint64_t caller = 0;     // Whose turn it takes: any number that is the same for the same caller.
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
  std::vector<Entitlement> entitlements;
  int64_t balance_kopecks = 0;          // Posted.
  int64_t debits_pending_kopecks = 0;   // On hold, to go.
  int64_t credits_pending_kopecks = 0;  // On hold, to come.
  uint64_t last_sequence = 0;           // The account's last used sequence number,
  uint64_t last_index = kNoEntry;       // and the entry that used it.
};

// Which entries of an account.
struct EntryFilter {
  uint64_t from_sequence = 1;           // Of the account: where a page begins.
  uint64_t from_ns = 0;                 // Booked at or after.
  uint64_t until_ns = ~uint64_t{0};     // Booked before.
  std::optional<EntryKind> kind;        // Of this kind only.
  std::optional<AccountId> other;       // That touched this account too.
  size_t limit = kStatementEntriesMax;  // At most this many, and kStatementEntriesMax.
};
struct EntryPage {
  std::vector<Entry> entries;  // Oldest first.
  uint64_t next_sequence = 0;  // Where the next page begins; 0: there is none.
};

// What the readers of this folder look at: the durable parts of an open ledger. An account's
// history is that of everything decided; asking for it waits until it is durable.
struct LedgerView {
  const storage::Store* store = nullptr;
  const SaltSource* salts = nullptr;
  const Tree* tree = nullptr;
  std::function<absl::StatusOr<AccountHistory>(const AccountId&)> history;  // NotFound: unknown.
};

struct SequencerOptions {
  storage::Store* store = nullptr;  // Must outlive the sequencer.
  std::array<uint8_t, 32> ledger_secret{};
  std::function<uint64_t()>
      now_ns;  // Wall clock; the ledger never goes back behind its last entry.
  std::function<void(const absl::Status&)> on_fatal;
  // Progress of the replay at Open(): entries done so far. May be empty.
  std::function<void(uint64_t entries)> on_progress;
  // How long the write of one batch took, its sync included. On the thread that writes, which every
  // answer waits for: quick. May be empty.
  std::function<void(std::chrono::nanoseconds)> on_written;
  // Read and verify the whole journal at Open(), whatever was written behind.
  bool verify_all = false;
};

class Sequencer final : public SignedLog {
 public:
  // Replays and verifies what was booked since accounts were last written behind, as replay.h says.
  // A new store gets its origin leaf. DataLoss, naming the entry: the journal does not verify.
  // Unavailable / Internal: the store cannot be read.
  [[nodiscard]] static absl::StatusOr<std::unique_ptr<Sequencer>> Open(SequencerOptions options);
  ~Sequencer() override;  // Stop()s.

  // ResourceExhausted: too many are waiting, in all or of this caller. Unavailable: stopped.
  // InvalidArgument: no request at all (no operation key, no transaction id for a command that
  // posts, a date out of the calendar, more than a command may hold). In all cases `done` is not
  // called and nothing happened.
  [[nodiscard]] absl::Status Submit(Submission submission);
  // The same for many of one caller at once: all are taken, or none is.
  [[nodiscard]] absl::Status SubmitAll(std::vector<Submission> submissions);

  // Finishes what was accepted and stops the threads. Idempotent.
  void Stop();

  [[nodiscard]] std::optional<AccountView> FindAccount(const AccountId& account) const;
  // The sum of all balances of a kind of account; those of all kinds come to zero. Takes a look at
  // every account while nothing is decided: for now and then.
  [[nodiscard]] std::map<AccountCode, int64_t> BalancesByCode() const;
  // What became of an operation, as durable now, told as to a repeat of it (`replayed` is set);
  // nullopt = unknown (it may still be under way).
  [[nodiscard]] absl::StatusOr<std::optional<Outcome>> FindOperation(const OperationKey& key) const;
  [[nodiscard]] absl::StatusOr<Entry> ReadEntry(uint64_t index) const;  // NotFound, DataLoss.
  // Entries that touched `account`, from its sequence number `from_sequence` (1 = first) upwards,
  // at most min(limit, kStatementEntriesMax). Newest last. Waits until what was decided is durable.
  [[nodiscard]] absl::StatusOr<std::vector<Entry>> ReadStatement(const AccountId& account,
                                                                 uint64_t from_sequence,
                                                                 size_t limit) const;
  // The same with a filter, which all entries must pass. At most kStatementEntriesMax are looked at
  // for one page, so a page may be short, or empty, and not the last. NotFound: no such account.
  // Waits.
  [[nodiscard]] absl::StatusOr<EntryPage> ListEntries(const AccountId& account,
                                                      const EntryFilter& filter) const;
  // The account's posted balance when everything booked before `time_ns` was. NotFound: it was not
  // open then. Waits.
  [[nodiscard]] absl::StatusOr<int64_t> BalanceAt(const AccountId& account, uint64_t time_ns) const;
  // What of a transaction was taken back, by position of its booked transfers (seal.h).
  [[nodiscard]] absl::StatusOr<std::vector<Taken>> ReadReversed(const Entry& original) const;
  [[nodiscard]] Limits FindSchoolLimits(const SchoolId& school) const;
  [[nodiscard]] LogWords words() const override { return {.log = "ledger", .entries = "entries"}; }
  // Durable number of entries and RFC 6962 root.
  [[nodiscard]] std::pair<uint64_t, Digest> Head() const;
  [[nodiscard]] uint64_t Size() const override { return Head().first; }
  [[nodiscard]] absl::StatusOr<Digest> RootAt(uint64_t size) const override;
  // Proofs over the first `size` entries, at most as many as Head() has told. InvalidArgument: not
  // so, or what the proof is asked for is not among them. DataLoss: the stored tree is damaged.
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

  // Ends a service day: books a closing over everything decided so far, and waits until it is
  // durable. Takes about 2 us an account, of which the applier gives a fiftieth. One at a time.
  // Errors as Submit(), and Unavailable when the ledger stops meanwhile.
  [[nodiscard]] absl::StatusOr<BookedClosing> BookClosing(Date service_date);
  // All closings, oldest first.
  [[nodiscard]] absl::StatusOr<std::vector<BookedClosing>> ListClosings() const;
  [[nodiscard]] absl::StatusOr<std::vector<uint64_t>> NewOrigins() const override;
  [[nodiscard]] absl::StatusOr<Digest> CheckpointBefore(uint64_t origin) const override;
  [[nodiscard]] absl::StatusOr<uint64_t> BookNewOrigin(const Digest& old_checkpoint) override;
  // Good while the sequencer lives.
  [[nodiscard]] LedgerView View() const;

 private:
  class Impl;
  explicit Sequencer(std::unique_ptr<Impl> impl);
  absl::Status CheckSize(uint64_t size) const;
  absl::StatusOr<AccountHistory> HistoryOf(const AccountId& account) const;
  std::unique_ptr<Impl> impl_;
};

}  // namespace ladon::ledger

#endif  // LADON_LEDGER_SEQUENCER_H_
