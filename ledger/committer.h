// The line from a submission to its answer: a queue and three threads.
//
// The applier thread takes what waits (group commit), decides each submission in turn, and hands
// the group over. The writer thread seals it, writes ONE atomic synced batch and calls everybody in
// it back, in order. When the writer is busy and a group is full, the sealer thread seals that
// group meanwhile, so that decisions, hashes and the disk overlap; a group that is not full waits
// and grows, for a sync costs the same for one and for a thousand.
//
// Invariants: at most two groups are handed over and not durable; groups are sealed, written and
// answered in their order. After a failure nothing more is accepted, everybody who waits is told
// kUnavailable, and `on_fatal` is told once.
// Threading: the public functions from any thread, Start() first; Stop() not from a callback.
#ifndef LADON_LEDGER_COMMITTER_H_
#define LADON_LEDGER_COMMITTER_H_

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <span>
#include <thread>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "ledger/applier.h"
#include "ledger/fair_queue.h"
#include "ledger/journal_writer.h"
#include "ledger/replay.h"
#include "ledger/sequencer.h"
#include "ledger/tree.h"

namespace ladon::ledger {

class Committer {
 public:
  // What the index of operations, which the replay makes, tells its errors to.
  struct ErrorHook {
    std::mutex mutex;
    std::function<void(const absl::Status&)> call;  // Empty: nobody is there yet.
    absl::Status early;                             // What came before.
  };

  Committer(SequencerOptions options, Replayed replayed, std::shared_ptr<ErrorHook> hook);
  ~Committer();  // Stop()s.

  // Gives a new journal its origin, and begins.
  [[nodiscard]] absl::Status Start();
  // Of one caller: all are taken, or none is. ResourceExhausted, Unavailable: as
  // Sequencer::Submit(), which has looked at their form.
  [[nodiscard]] absl::Status Submit(std::span<Submission> submissions);
  // The same of one, and waits until it is durable.
  [[nodiscard]] absl::StatusOr<Outcome> SubmitAndWait(Submission submission);
  // Finishes what was accepted. Idempotent.
  void Stop();

  // Durable number of entries, and their root.
  [[nodiscard]] std::pair<uint64_t, Digest> Head() const;
  // Waits until entry `index`, which was decided, is durable. Unavailable: it never will be.
  [[nodiscard]] absl::Status AwaitDurable(uint64_t index) const;
  [[nodiscard]] absl::Status CheckRunning() const;  // Unavailable: the ledger failed.
  [[nodiscard]] size_t QueueDepth() const;

  [[nodiscard]] const Applier& applier() const { return applier_; }
  [[nodiscard]] const Tree& tree() const { return *tree_; }
  [[nodiscard]] const storage::Store& store() const { return *store_; }

 private:
  void Apply();        // The applier thread.
  void SealAhead();    // The sealer thread.
  void WriteGroups();  // The writer thread.

  [[nodiscard]] bool OpenGroupIsFull() const;
  [[nodiscard]] bool CanHandOver() const;  // The open group; under the lock.
  // Hands the open group over when that is possible; with `wait`, waits for that.
  void HandOver(bool wait, bool last = false);
  // Publishes what was written, and answers.
  void Tell(std::shared_ptr<Group> group);

  // From here on memory is ahead of a store whose tail nobody knows. `rest` and `group` are what
  // the caller had in its hands.
  void FailFrom(const absl::Status& cause, std::span<Submission> rest = {}, Group* group = nullptr);
  // The applier thread's last work after a failure: everybody who waits is told.
  void FailAll(std::unique_lock<std::mutex>* lock);

  storage::Store* const store_;
  const std::function<void(const absl::Status&)> on_fatal_;
  const std::unique_ptr<Tree> tree_;  // Sealing changes it; others read what is published.
  Applier applier_;
  JournalWriter journal_;

  // Guards what stands up to the blank line. Standard mutexes in this folder: the thread sanitizer
  // does not understand those of a library that was built without it.
  mutable std::mutex mutex_;
  std::condition_variable for_applier_;      // Submissions, or a group can be handed over.
  std::condition_variable for_sealer_;       // A group while the writer is busy.
  std::condition_variable for_writer_;       // A group.
  mutable std::condition_variable durable_;  // For readers.
  FairQueue queue_;
  // The group handed over last is one of: waiting to be sealed, being sealed ahead, sealed and
  // waiting for the writer, in the writer's hands.
  std::shared_ptr<Group> unsealed_;
  bool sealing_ahead_ = false;
  std::shared_ptr<Group> sealed_;
  bool writing_ = false;       // The writer has a group in its hands,
  bool writer_seals_ = false;  // and seals it.
  bool finished_ = false;      // The last group is written.
  bool stopping_ = false;
  absl::Status failure_;
  std::pair<uint64_t, Digest> head_;  // Durable.

  const std::shared_ptr<ErrorHook> hook_;
  std::mutex join_mutex_;  // Stop() may be called from several threads.
  std::thread writer_thread_;
  std::thread sealer_thread_;
  std::thread applier_thread_;
};

}  // namespace ladon::ledger

#endif  // LADON_LEDGER_COMMITTER_H_
