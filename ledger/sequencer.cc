#include "ledger/sequencer.h"

#include <algorithm>
#include <cassert>
#include <condition_variable>
#include <future>
#include <mutex>
#include <string>
#include <thread>
#include <tuple>
#include <utility>

#include "absl/strings/str_cat.h"
#include "ledger/account_history.h"
#include "ledger/applier.h"
#include "ledger/fair_queue.h"
#include "ledger/index.h"
#include "ledger/journal.h"
#include "ledger/journal_writer.h"
#include "ledger/replay.h"

namespace ladon::ledger {
namespace {

absl::Status StoppedError() {
  return absl::UnavailableError("ledger: stopped; nothing of this is known to be durable");
}

// What the caller could have known to be no request at all; the rest is for the state machine.
absl::Status CheckForm(const Submission& submission) {
  const Command& command = submission.command;
  if (std::holds_alternative<std::monostate>(command) ||
      std::holds_alternative<CloseBooks>(command) || std::holds_alternative<OpenOrigin>(command)) {
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
  if (cancel != nullptr && !cancel->amounts_kopecks.empty() &&
      cancel->amounts_kopecks.size() != cancel->ordinals.size()) {
    return absl::InvalidArgumentError("ledger: not as many amounts as ordinals");
  }
  const auto* capture = std::get_if<CaptureHold>(&command);
  if (capture != nullptr && capture->amounts_kopecks.size() > kTransfersMax) {
    return absl::InvalidArgumentError(
        absl::StrCat("ledger: more than ", kTransfersMax, " amounts"));
  }
  const bool posts = post != nullptr || cancel != nullptr || capture != nullptr;
  if (posts && submission.transaction.IsZero()) {
    return absl::InvalidArgumentError("ledger: a command that posts without a transaction id");
  }
  return absl::OkStatus();
}

}  // namespace

class Sequencer::Impl {
 public:
  // The parts of an opened ledger. Two steps, because the index of operations tells its errors to
  // the Impl, and is made by the replay.
  struct ErrorHook {
    std::mutex mutex;
    std::function<void(const absl::Status&)> call;  // Empty: nobody is there yet.
    absl::Status early;                             // What came before.
  };

  Impl(SequencerOptions options, Replayed replayed, std::shared_ptr<ErrorHook> hook)
      : store_(options.store),
        on_fatal_(std::move(options.on_fatal)),
        tree_(std::move(replayed.tree)),
        applier_(options, &replayed),
        writer_(options.store, applier_.salts(), tree_.get()),
        head_(writer_.Head()),
        hook_(std::move(hook)) {}

  ~Impl() {
    Stop();
    const std::lock_guard lock(hook_->mutex);
    hook_->call = nullptr;
  }

  // Gives a new journal its origin, and begins.
  absl::Status Start() {
    if (head_.first == 0) {
      applier_.BookOrigin(OriginContent(*store_));
      const std::shared_ptr<Group> group = applier_.CloseGroup();
      if (absl::Status written = writer_.Write(group.get()); !written.ok()) return written;
      head_ = writer_.Head();
      applier_.SetDurable(head_.first);
    }
    {
      const std::lock_guard lock(hook_->mutex);
      if (!hook_->early.ok()) return hook_->early;
      hook_->call = [this](const absl::Status& status) { FailFrom(status); };
    }
    writer_thread_ = std::thread([this] { WriteGroups(); });
    applier_thread_ = std::thread([this] { Apply(); });
    return absl::OkStatus();
  }

  absl::Status Submit(std::span<Submission> submissions) {
    for (const Submission& submission : submissions) {
      if (absl::Status form = CheckForm(submission); !form.ok()) return form;
    }
    if (submissions.empty()) return absl::OkStatus();
    const std::lock_guard lock(mutex_);
    if (stopping_ || !failure_.ok()) return StoppedError();
    if (!queue_.HasRoom(submissions.front().caller, submissions.size())) {
      return absl::ResourceExhaustedError(
          absl::StrCat("ledger: ", queue_.size(), " submissions are waiting; try again later"));
    }
    for (Submission& submission : submissions) queue_.Push(std::move(submission));
    work_.notify_one();
    return absl::OkStatus();
  }

  void Stop() {
    {
      const std::lock_guard lock(mutex_);
      stopping_ = true;
      work_.notify_one();
    }
    const std::lock_guard lock(join_mutex_);
    if (applier_thread_.joinable()) applier_thread_.join();
    if (writer_thread_.joinable()) writer_thread_.join();
  }

  [[nodiscard]] const Applier& applier() const { return applier_; }
  [[nodiscard]] const Tree& tree() const { return *tree_; }
  [[nodiscard]] const storage::Store& store() const { return *store_; }

  std::pair<uint64_t, Digest> Head() const {
    const std::lock_guard lock(mutex_);
    return head_;
  }

  // Waits until entry `index`, which was decided, is durable. Unavailable: it never will be.
  absl::Status AwaitDurable(uint64_t index) const {
    std::unique_lock lock(mutex_);
    durable_.wait(lock, [&] { return head_.first > index || !failure_.ok(); });
    return head_.first > index ? absl::OkStatus() : StoppedError();
  }

  // Unavailable: the ledger failed.
  absl::Status CheckRunning() const {
    const std::lock_guard lock(mutex_);
    return failure_.ok() ? absl::OkStatus() : StoppedError();
  }

  size_t QueueDepth() const {
    const std::lock_guard lock(mutex_);
    return queue_.size();
  }

  // Submits and waits until it is durable.
  absl::StatusOr<Outcome> SubmitAndWait(Submission submission) {
    std::promise<absl::StatusOr<Outcome>> answer;
    submission.done = [&answer](const absl::Status& status, const Outcome& outcome) {
      status.ok() ? answer.set_value(outcome) : answer.set_value(status);
    };
    if (absl::Status taken = Submit({&submission, 1}); !taken.ok()) return taken;
    return answer.get_future().get();
  }

  absl::StatusOr<uint64_t> BookNewOrigin(const Digest& old_checkpoint) {
    absl::StatusOr<std::vector<uint64_t>> origins = GetOrigins(*store_);
    if (!origins.ok()) return origins.status();
    Submission book;
    book.command = OpenOrigin{old_checkpoint};
    book.changes = [&origins](const Outcome& outcome, storage::Overlay& overlay) {
      origins->push_back(outcome.index);
      PutOrigins(*origins, &overlay);
    };
    const absl::StatusOr<Outcome> booked = SubmitAndWait(std::move(book));
    return booked.ok() ? absl::StatusOr<uint64_t>(booked->index) : booked.status();
  }

  absl::StatusOr<BookedClosing> BookClosing(Date service_date) {
    const std::lock_guard alone(closing_mutex_);
    std::vector<ClosingRow> rows;
    uint64_t tree_size = 0;
    // On the applier thread, between two requests: all accounts at one moment.
    Submission look;
    look.record = [&](const absl::Status&, const Outcome&, storage::Overlay&) {
      std::tie(rows, tree_size) = applier_.ClosingRows();
    };
    if (auto looked = SubmitAndWait(std::move(look)); !looked.ok()) return looked.status();
    std::sort(rows.begin(), rows.end(), RowBefore);
    BookedClosing closing;
    closing.head = HeadOf(applier_.salts().KeyOfClosing(tree_size), rows, service_date, tree_size);
    for (std::pair<std::string, std::string>& row : EncodeClosingRows(tree_size, rows)) {
      Submission part;
      part.record = [&row](const absl::Status&, const Outcome&, storage::Overlay& overlay) {
        overlay.Put(storage::Family::kClosings, row.first, std::move(row.second));
      };
      if (auto put = SubmitAndWait(std::move(part)); !put.ok()) return put.status();
    }
    Submission book;
    book.command = CloseBooks{closing.head};
    const absl::StatusOr<Outcome> booked = SubmitAndWait(std::move(book));
    if (!booked.ok()) return booked.status();
    closing.index = booked->index;
    return closing;
  }

 private:
  // The applier thread: decides what waits; hands a group over as soon as the writer is free.
  void Apply() {
    std::vector<Submission> taken;
    for (;;) {
      taken.clear();
      {
        std::unique_lock lock(mutex_);
        const size_t have = applier_.open_group().answers.size();
        work_.wait(lock, [&] {
          const bool can_take = !queue_.empty() && HasRoom(have);
          return can_take || (have > 0 && !writing_) || stopping_ || !failure_.ok();
        });
        if (!failure_.ok()) return FailAll(&lock);
        if (HasRoom(have)) queue_.Take(kBatchSubmissionsMax - have, &taken);
        if (taken.empty() && have > 0 && writing_) {
          idle_.wait(lock, [this] { return !writing_ || !failure_.ok(); });
          if (!failure_.ok()) return FailAll(&lock);
        }
        if (taken.empty() && have == 0) break;  // Stopping, and nothing is left.
      }
      constexpr size_t kNear = 4;
      constexpr size_t kFar = 8;
      for (size_t i = 0; i < taken.size(); ++i) {
        if (i + kFar < taken.size()) applier_.Prefetch(taken[i + kNear], taken[i + kFar]);
        if (absl::Status decided = applier_.Take(&taken[i]); !decided.ok()) {
          return FailFrom(decided, std::span(taken).subspan(i));
        }
        // What does not fit any more waits for the next group, in its old place.
        if (applier_.open_group().batch.bytes() >= storage::kBatchBytesMax) HandOver(true);
      }
      HandOver(false);
    }
    // A group of its own that nobody waits for: pages, so that the next start is quick.
    HandOver(true, true);
  }

  [[nodiscard]] bool HasRoom(size_t have) const { return have < kBatchSubmissionsMax; }

  // Hands the open group to the writer when the writer is free; with `wait`, waits for that.
  void HandOver(bool wait, bool last = false) {
    {
      std::unique_lock lock(mutex_);
      if (wait) idle_.wait(lock, [this] { return !writing_ || !failure_.ok(); });
      if (writing_ || !failure_.ok()) return;  // The loop comes back to it.
    }
    // Nobody but us sets `writing_`, so it stays false.
    std::shared_ptr<Group> group = applier_.CloseGroup(last);
    const std::lock_guard lock(mutex_);
    handed_over_ = std::move(group);
    writing_ = true;
    no_more_groups_ = last;
    handed_.notify_one();
  }

  // The writer thread.
  void WriteGroups() {
    for (bool more = true; more;) {
      std::shared_ptr<Group> group;
      {
        std::unique_lock lock(mutex_);
        handed_.wait(lock, [this] { return handed_over_ != nullptr || !failure_.ok(); });
        if (handed_over_ == nullptr) return;
        group = std::move(handed_over_);
        handed_over_ = nullptr;
        more = !no_more_groups_;
      }
      const absl::Status written = writer_.Write(group.get());
      if (!written.ok()) {
        return FailFrom(written, {}, group.get());
      }
      const std::pair<uint64_t, Digest> head = writer_.Head();
      applier_.SetDurable(head.first);
      {
        const std::lock_guard lock(mutex_);
        head_ = head;
        writing_ = false;
        idle_.notify_one();
        work_.notify_one();
        durable_.notify_all();
      }
      for (auto& [done, answer] : group->answers) {
        if (done) done(answer.status, answer.outcome);
      }
      group->answers.clear();  // They hold entries.
      applier_.Recycle(std::move(group));
    }
  }

  // From here on memory is ahead of a store whose tail nobody knows. Nobody gets an answer that
  // could be wrong. `rest` and `group` are what the caller had in its hands.
  void FailFrom(const absl::Status& cause, std::span<Submission> rest = {},
                Group* group = nullptr) {
    bool first = false;
    {
      const std::lock_guard lock(mutex_);
      first = failure_.ok();
      if (first) failure_ = cause;
      work_.notify_all();
      handed_.notify_all();
      idle_.notify_all();
      durable_.notify_all();
    }
    if (group != nullptr) TellStopped(group);
    for (Submission& submission : rest) {
      if (submission.done) submission.done(StoppedError(), Outcome{});
    }
    if (std::this_thread::get_id() == applier_thread_.get_id()) {
      std::unique_lock lock(mutex_);
      FailAll(&lock);
    }
    if (first && on_fatal_) on_fatal_(cause);
  }

  // The applier thread's last work after a failure: everybody who waits is told.
  void FailAll(std::unique_lock<std::mutex>* lock) {
    std::vector<Submission> waiting;
    queue_.Take(queue_.size(), &waiting);
    std::shared_ptr<Group> unwritten = std::move(handed_over_);
    handed_over_ = nullptr;
    lock->unlock();
    if (unwritten != nullptr) TellStopped(unwritten.get());
    TellStopped(applier_.Abandon().get());
    for (Submission& submission : waiting) {
      if (submission.done) submission.done(StoppedError(), Outcome{});
    }
  }

  static void TellStopped(Group* group) {
    for (auto& [done, answer] : group->answers) {
      if (done) done(StoppedError(), Outcome{});
    }
    group->answers.clear();
  }

  storage::Store* const store_;
  const std::function<void(const absl::Status&)> on_fatal_;
  const std::unique_ptr<Tree> tree_;  // The writer changes it; others read what is published.
  Applier applier_;
  JournalWriter writer_;
  // Guards what stands up to the blank line. Standard mutexes in this folder: the thread sanitizer
  // does not understand those of a library that was built without it.
  mutable std::mutex mutex_;
  std::condition_variable work_;             // For the applier: submissions, or the writer is free.
  std::condition_variable handed_;           // For the writer.
  std::condition_variable idle_;             // For the applier: the writer is free.
  mutable std::condition_variable durable_;  // For readers.
  FairQueue queue_;
  std::shared_ptr<Group> handed_over_;
  bool writing_ = false;  // A group is handed over and not durable yet.
  bool no_more_groups_ = false;
  bool stopping_ = false;
  absl::Status failure_;
  std::pair<uint64_t, Digest> head_;  // Durable.

  const std::shared_ptr<ErrorHook> hook_;
  std::mutex closing_mutex_;
  std::mutex join_mutex_;  // Stop() may be called from several threads.
  std::thread writer_thread_;
  std::thread applier_thread_;
};

Sequencer::Sequencer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

Sequencer::~Sequencer() = default;

absl::StatusOr<std::unique_ptr<Sequencer>> Sequencer::Open(SequencerOptions options) {
  assert(options.store != nullptr && options.now_ns);
  const SaltSource salts(options.ledger_secret);
  const auto hook = std::make_shared<Impl::ErrorHook>();
  absl::StatusOr<Replayed> replayed =
      ReplayJournal({.store = options.store,
                     .salts = &salts,
                     .from_the_beginning = options.verify_all,
                     .on_progress = options.on_progress},
                    [hook](const absl::Status& status) {
                      const std::lock_guard lock(hook->mutex);
                      hook->call ? hook->call(status) : hook->early.Update(status);
                    });
  if (!replayed.ok()) {
    return replayed.status();
  }
  auto impl = std::make_unique<Impl>(std::move(options), *std::move(replayed), hook);
  if (absl::Status started = impl->Start(); !started.ok()) {
    return started;
  }
  return std::unique_ptr<Sequencer>(new Sequencer(std::move(impl)));
}

absl::Status Sequencer::Submit(Submission submission) {
  return impl_->Submit({&submission, 1});
}

absl::Status Sequencer::SubmitAll(std::vector<Submission> submissions) {
  return impl_->Submit(submissions);
}

void Sequencer::Stop() {
  impl_->Stop();
}

std::optional<AccountView> Sequencer::FindAccount(const AccountId& account) const {
  return impl_->applier().Find(account);
}

absl::StatusOr<std::optional<Outcome>> Sequencer::FindOperation(const OperationKey& key) const {
  if (absl::Status running = impl_->CheckRunning(); !running.ok()) return running;
  return impl_->applier().ReadOutcome(key, Head().first);
}

absl::StatusOr<Entry> Sequencer::ReadEntry(uint64_t index) const {
  return impl_->applier().ReadEntry(index);
}

absl::StatusOr<std::vector<Taken>> Sequencer::ReadReversed(const Entry& original) const {
  return GetReversed(impl_->store(), original);
}

Limits Sequencer::FindSchoolLimits(const SchoolId& school) const {
  return impl_->applier().FindSchoolLimits(school);
}

absl::StatusOr<AccountHistory> Sequencer::HistoryOf(const AccountId& account) const {
  const std::optional<AccountView> view = FindAccount(account);
  if (!view) return absl::NotFoundError("ledger: no such account");
  if (absl::Status durable = impl_->AwaitDurable(view->last_index); !durable.ok()) return durable;
  return AccountHistory(&impl_->store(), &impl_->applier().salts(),
                        {account, view->last_sequence, view->last_index});
}

absl::StatusOr<std::vector<Entry>> Sequencer::ReadStatement(const AccountId& account,
                                                            uint64_t from_sequence,
                                                            size_t limit) const {
  const absl::StatusOr<AccountHistory> history = HistoryOf(account);
  if (absl::IsNotFound(history.status())) return std::vector<Entry>();
  if (!history.ok()) return history.status();
  return history->Read(from_sequence, std::min(limit, kStatementEntriesMax));
}

absl::StatusOr<EntryPage> Sequencer::ListEntries(const AccountId& account,
                                                 const EntryFilter& filter) const {
  const absl::StatusOr<AccountHistory> history = HistoryOf(account);
  return history.ok() ? history->List(filter) : absl::StatusOr<EntryPage>(history.status());
}

absl::StatusOr<int64_t> Sequencer::BalanceAt(const AccountId& account, uint64_t time_ns) const {
  const absl::StatusOr<AccountHistory> history = HistoryOf(account);
  return history.ok() ? history->BalanceAt(time_ns) : absl::StatusOr<int64_t>(history.status());
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
  return RootOf(size, impl_->tree().Nodes(size, impl_->store()));
}

absl::StatusOr<std::vector<Digest>> Sequencer::ProveInclusion(uint64_t index, uint64_t size) const {
  if (absl::Status checked = CheckSize(size); !checked.ok()) {
    return checked;
  }
  return InclusionProof(index, size, impl_->tree().Nodes(size, impl_->store()));
}

absl::StatusOr<std::vector<Digest>> Sequencer::ProveConsistency(uint64_t old_size,
                                                                uint64_t size) const {
  if (absl::Status checked = CheckSize(size); !checked.ok()) {
    return checked;
  }
  return ConsistencyProof(old_size, size, impl_->tree().Nodes(size, impl_->store()));
}

std::vector<OpenedCommitment> Sequencer::Disclose(const Entry& entry,
                                                  std::span<const uint16_t> ordinals) const {
  std::vector<OpenedCommitment> opened;
  opened.reserve(ordinals.size());
  for (const uint16_t ordinal : ordinals) {
    opened.push_back(
        {.ordinal = ordinal,
         .salt = impl_->applier().salts().Derive(entry.leaf.version, entry.leaf.index, ordinal),
         .opening = entry.openings.at(ordinal)});
  }
  return opened;
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
  return impl_->tree().ReadTileOf(level, number, static_cast<size_t>(width), impl_->store());
}

absl::StatusOr<std::vector<std::string>> Sequencer::ReadLeaves(uint64_t first, size_t count) const {
  if (count > kTileWidth) {
    return absl::InvalidArgumentError(absl::StrCat("ledger: more than ", kTileWidth, " leaves"));
  }
  return ledger::ReadLeaves(impl_->store(), first, count);
}

absl::StatusOr<BookedClosing> Sequencer::BookClosing(Date service_date) {
  if (service_date == 0 || !IsDate(service_date)) {
    return absl::InvalidArgumentError("ledger: a closing of no day");
  }
  return impl_->BookClosing(service_date);
}

absl::StatusOr<std::vector<BookedClosing>> Sequencer::ListClosings() const {
  return ledger::ListClosings(impl_->store());
}

absl::StatusOr<std::vector<uint64_t>> Sequencer::NewOrigins() const {
  return GetOrigins(impl_->store());
}

absl::StatusOr<uint64_t> Sequencer::BookNewOrigin(const Digest& old_checkpoint) {
  if (old_checkpoint.IsZero()) {
    return absl::InvalidArgumentError("ledger: a new origin names the checkpoint before it");
  }
  return impl_->BookNewOrigin(old_checkpoint);
}

LedgerView Sequencer::View() const {
  return {.store = &impl_->store(),
          .salts = &impl_->applier().salts(),
          .tree = &impl_->tree(),
          .history = [this](const AccountId& account) { return HistoryOf(account); }};
}

size_t Sequencer::QueueDepth() const {
  return impl_->QueueDepth();
}

}  // namespace ladon::ledger
