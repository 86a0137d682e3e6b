#include "ledger/sequencer.h"

#include <algorithm>
#include <cassert>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <string>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "ledger/applier.h"
#include "ledger/index.h"
#include "ledger/journal.h"

namespace ladon::ledger {
namespace {

absl::Status StoppedError() {
  return absl::UnavailableError("ledger: stopped; nothing of this is known to be durable");
}

// What the caller could have known to be no request at all; the rest is for the state machine.
absl::Status CheckForm(const Submission& submission) {
  const Command& command = submission.command;
  if (std::holds_alternative<std::monostate>(command)) {
    return absl::OkStatus();
  }
  if (submission.operation.IsZero()) {
    return absl::InvalidArgumentError("ledger: a command without an operation key");
  }
  if (!IsDate(submission.service_date) || !IsDate(submission.effective_date)) {
    return absl::InvalidArgumentError("ledger: a date is not a day of the calendar");
  }
  const auto* open = std::get_if<OpenAccounts>(&command);
  if (open != nullptr &&
      (open->accounts.empty() || open->accounts.size() > kAccountsPerCommandMax)) {
    return absl::InvalidArgumentError(
        absl::StrCat("ledger: not 1 to ", kAccountsPerCommandMax, " accounts"));
  }
  const auto* post = std::get_if<PostTransaction>(&command);
  if (post != nullptr && post->transfers.size() > kTransfersMax) {
    return absl::InvalidArgumentError(
        absl::StrCat("ledger: more than ", kTransfersMax, " transfers"));
  }
  const auto* cancel = std::get_if<CancelOperation>(&command);
  if (cancel != nullptr && cancel->ordinals.size() > kTransfersMax) {
    return absl::InvalidArgumentError(
        absl::StrCat("ledger: more than ", kTransfersMax, " ordinals"));
  }
  if (cancel != nullptr && (cancel->target.IsZero() || cancel->target == submission.operation)) {
    return absl::InvalidArgumentError("ledger: a cancel of nothing, or of itself");
  }
  if ((post != nullptr || cancel != nullptr) && submission.transaction.IsZero()) {
    return absl::InvalidArgumentError("ledger: a command that posts without a transaction id");
  }
  return absl::OkStatus();
}

}  // namespace

class Sequencer::Impl {
 public:
  Impl(SequencerOptions options, std::unique_ptr<Applier> applier)
      : store_(options.store),
        on_fatal_(std::move(options.on_fatal)),
        applier_(std::move(applier)),
        head_(applier_->Head()),
        thread_([this] { Run(); }) {}

  ~Impl() { Stop(); }

  absl::Status Submit(Submission submission) {
    if (absl::Status form = CheckForm(submission); !form.ok()) {
      return form;
    }
    const std::lock_guard lock(mutex_);
    if (stopping_ || failed_) {
      return StoppedError();
    }
    if (queue_.size() >= kQueueMax) {
      return absl::ResourceExhaustedError(
          absl::StrCat("ledger: ", kQueueMax, " submissions are waiting; try again later"));
    }
    queue_.push_back(std::move(submission));
    work_or_stop_.notify_one();
    return absl::OkStatus();
  }

  void Stop() {
    {
      const std::lock_guard lock(mutex_);
      stopping_ = true;
      work_or_stop_.notify_one();
    }
    const std::lock_guard lock(join_mutex_);
    if (thread_.joinable()) {
      thread_.join();
    }
  }

  [[nodiscard]] const Applier& applier() const { return *applier_; }
  [[nodiscard]] const storage::Store& store() const { return *store_; }

  std::pair<uint64_t, Digest> Head() const {
    const std::lock_guard lock(mutex_);
    return head_;
  }

  size_t QueueDepth() const {
    const std::lock_guard lock(mutex_);
    return queue_.size();
  }

 private:
  using Done = decltype(Submission::done);

  // How many to take now; 0 = stop.
  size_t Await() {
    std::unique_lock lock(mutex_);
    work_or_stop_.wait(lock, [this] { return !queue_.empty() || stopping_; });
    return std::min(queue_.size(), kBatchSubmissionsMax);
  }

  Submission Pop() {
    const std::lock_guard lock(mutex_);
    Submission submission = std::move(queue_.front());
    queue_.pop_front();
    return submission;
  }

  void Run() {
    for (size_t count = Await(); count > 0; count = Await()) {
      std::vector<std::pair<Done, Answer>> answers;
      answers.reserve(count);
      const absl::Status committed = RunGroup(count, &answers);
      if (!committed.ok()) {
        Fail(committed, &answers);
        return;
      }
      {
        const std::lock_guard lock(mutex_);
        head_ = applier_->Head();
      }
      for (const auto& [done, answer] : answers) {
        if (done) {
          done(answer.status, answer.outcome);
        }
      }
    }
  }

  // One group: at most `count` submissions, fewer when the batch is full before.
  absl::Status RunGroup(size_t count, std::vector<std::pair<Done, Answer>>* answers) {
    while (answers->size() < count && !applier_->group_full()) {
      Submission submission = Pop();
      absl::StatusOr<Answer> answer = applier_->Take(submission);
      if (!answer.ok()) {
        answers->emplace_back(std::move(submission.done), Answer{});
        return answer.status();
      }
      answers->emplace_back(std::move(submission.done), *std::move(answer));
    }
    return applier_->Commit();
  }

  // Memory is ahead of a store whose tail nobody knows. Nobody gets an answer that could be wrong.
  void Fail(const absl::Status& cause, std::vector<std::pair<Done, Answer>>* answers) {
    std::deque<Submission> waiting;
    {
      const std::lock_guard lock(mutex_);
      failed_ = true;
      waiting.swap(queue_);
    }
    for (Submission& submission : waiting) {
      answers->emplace_back(std::move(submission.done), Answer{});
    }
    for (const auto& [done, answer] : *answers) {
      if (done) {
        done(StoppedError(), Outcome{});
      }
    }
    if (on_fatal_) {
      on_fatal_(cause);
    }
  }

  storage::Store* const store_;
  const std::function<void(const absl::Status&)> on_fatal_;
  const std::unique_ptr<Applier> applier_;
  // Guards what stands up to the blank line. Standard mutexes in this folder: the thread sanitizer
  // does not understand those of a library that was built without it.
  mutable std::mutex mutex_;
  std::condition_variable work_or_stop_;
  std::deque<Submission> queue_;
  bool stopping_ = false;
  bool failed_ = false;
  std::pair<uint64_t, Digest> head_;  // Durable.

  std::mutex join_mutex_;  // Stop() may be called from several threads.
  std::thread thread_;     // Last: it uses everything above.
};

Sequencer::Sequencer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

Sequencer::~Sequencer() = default;

absl::StatusOr<std::unique_ptr<Sequencer>> Sequencer::Open(SequencerOptions options) {
  assert(options.store != nullptr && options.now_ns);
  absl::StatusOr<std::unique_ptr<Applier>> applier = Applier::Open(options);
  if (!applier.ok()) {
    return applier.status();
  }
  return std::unique_ptr<Sequencer>(
      new Sequencer(std::make_unique<Impl>(std::move(options), *std::move(applier))));
}

absl::Status Sequencer::Submit(Submission submission) {
  return impl_->Submit(std::move(submission));
}

void Sequencer::Stop() {
  impl_->Stop();
}

std::optional<AccountView> Sequencer::FindAccount(const AccountId& account) const {
  return impl_->applier().Find(account);
}

absl::StatusOr<std::optional<Outcome>> Sequencer::FindOperation(const OperationKey& key) const {
  return impl_->applier().ReadOutcome(key);
}

absl::StatusOr<Entry> Sequencer::ReadEntry(uint64_t index) const {
  return impl_->applier().ReadEntry(index);
}

absl::StatusOr<std::vector<Entry>> Sequencer::ReadStatement(const AccountId& account,
                                                            uint64_t from_sequence,
                                                            size_t limit) const {
  const std::unique_ptr<storage::Scan> scan =
      impl_->store().NewScan(storage::Family::kAccountIndex);
  const std::string first = AccountIndexKey(account, from_sequence);
  const std::string_view prefix = std::string_view(first).substr(0, account.bytes.size());
  const size_t entries_max = std::min(limit, kStatementEntriesMax);
  std::vector<Entry> entries;
  for (scan->Seek(first); scan->Valid() && scan->key().starts_with(prefix); scan->Next()) {
    const absl::StatusOr<uint64_t> index = DecodeIndex(scan->value());
    if (!index.ok()) {
      return index.status();
    }
    if (!entries.empty() && entries.back().leaf.index == *index) {
      continue;  // The entry touched the account more than once.
    }
    if (entries.size() == entries_max) {
      break;
    }
    absl::StatusOr<Entry> entry = ReadEntry(*index);
    if (absl::IsNotFound(entry.status())) {
      return absl::DataLossError(absl::StrCat("ledger index: entry ", *index, " is not there"));
    }
    if (!entry.ok()) {
      return entry.status();
    }
    entries.push_back(*std::move(entry));
  }
  if (absl::Status scanned = scan->status(); !scanned.ok()) {
    return scanned;
  }
  return entries;
}

std::pair<uint64_t, Digest> Sequencer::Head() const {
  return impl_->Head();
}

absl::Status Sequencer::CheckSize(uint64_t size) const {
  const uint64_t durable = Head().first;
  if (size <= durable) {
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(
      absl::StrCat("ledger: no tree of ", size, " entries; there are ", durable));
}

absl::StatusOr<Digest> Sequencer::RootAt(uint64_t size) const {
  if (absl::Status checked = CheckSize(size); !checked.ok()) {
    return checked;
  }
  return RootOf(size, impl_->applier().tree().Nodes(size, impl_->store()));
}

absl::StatusOr<std::vector<Digest>> Sequencer::ProveInclusion(uint64_t index, uint64_t size) const {
  if (absl::Status checked = CheckSize(size); !checked.ok()) {
    return checked;
  }
  return InclusionProof(index, size, impl_->applier().tree().Nodes(size, impl_->store()));
}

absl::StatusOr<std::vector<Digest>> Sequencer::ProveConsistency(uint64_t old_size,
                                                                uint64_t size) const {
  if (absl::Status checked = CheckSize(size); !checked.ok()) {
    return checked;
  }
  return ConsistencyProof(old_size, size, impl_->applier().tree().Nodes(size, impl_->store()));
}

std::vector<OpenedCommitment> Sequencer::Disclose(const Entry& entry,
                                                  std::span<const uint16_t> ordinals) const {
  return impl_->applier().Disclose(entry, ordinals);
}

absl::StatusOr<std::vector<Digest>> Sequencer::ReadTile(unsigned level, uint64_t number,
                                                        uint64_t size) const {
  if (absl::Status checked = CheckSize(size); !checked.ok()) {
    return checked;
  }
  const uint64_t hashes = HashesAtLevel(level, size);
  if (level >= kTileLevelsMax || number > hashes >> kTileHeight ||
      hashes == number << kTileHeight) {
    return absl::InvalidArgumentError(
        absl::StrCat("ledger: no tile ", number, " of level ", level, " in ", size, " entries"));
  }
  const uint64_t width = std::min<uint64_t>(kTileWidth, hashes - (number << kTileHeight));
  return impl_->applier().tree().ReadTileOf(level, number, static_cast<size_t>(width),
                                            impl_->store());
}

absl::StatusOr<std::vector<std::string>> Sequencer::ReadLeaves(uint64_t first, size_t count) const {
  if (count > kTileWidth) {
    return absl::InvalidArgumentError(absl::StrCat("ledger: more than ", kTileWidth, " leaves"));
  }
  return ledger::ReadLeaves(impl_->store(), first, count);
}

size_t Sequencer::QueueDepth() const {
  return impl_->QueueDepth();
}

}  // namespace ladon::ledger
