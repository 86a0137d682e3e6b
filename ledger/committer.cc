#include "ledger/committer.h"

#include <pthread.h>

#include <algorithm>
#include <future>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "ledger/closings.h"

namespace ladon::ledger {
namespace {

absl::Status StoppedError() {
  return absl::UnavailableError("ledger: stopped; nothing of this is known to be durable");
}

// What a list of threads shows (top -H); at most 15 letters.
void NameThread(const char* name) {
  pthread_setname_np(pthread_self(), name);
}

void TellStopped(Group* group) {
  for (auto& [done, answer] : group->answers) {
    if (done) done(StoppedError(), Outcome{});
  }
  group->answers.clear();
}

}  // namespace

Committer::Committer(SequencerOptions options, Replayed replayed, std::shared_ptr<ErrorHook> hook)
    : store_(options.store),
      on_fatal_(std::move(options.on_fatal)),
      tree_(std::move(replayed.tree)),
      applier_(options, &replayed),
      journal_(options.store, applier_.salts(), tree_.get(), std::move(options.on_written)),
      head_(tree_->size(), tree_->Root()),
      hook_(std::move(hook)) {}

Committer::~Committer() {
  Stop();
  const std::lock_guard lock(hook_->mutex);
  hook_->call = nullptr;
}

absl::Status Committer::Start() {
  if (head_.first == 0) {
    applier_.BookOrigin(OriginContent(*store_));
    const std::shared_ptr<Group> group = applier_.CloseGroup();
    journal_.Seal(group.get());
    if (absl::Status written = journal_.Write(group.get()); !written.ok()) return written;
    head_ = group->head;
    applier_.SetDurable(head_.first);
  }
  {
    const std::lock_guard lock(hook_->mutex);
    if (!hook_->early.ok()) return hook_->early;
    hook_->call = [this](const absl::Status& status) { FailFrom(status); };
  }
  writer_thread_ = std::thread([this] { WriteGroups(); });
  sealer_thread_ = std::thread([this] { SealAhead(); });
  applier_thread_ = std::thread([this] { Apply(); });
  return absl::OkStatus();
}

absl::Status Committer::Submit(std::span<Submission> submissions) {
  if (submissions.empty()) return absl::OkStatus();
  const std::lock_guard lock(mutex_);
  if (stopping_ || !failure_.ok()) return StoppedError();
  if (!queue_.HasRoom(submissions.front().caller, submissions.size())) {
    return absl::ResourceExhaustedError(
        absl::StrCat("ledger: ", queue_.size(), " submissions are waiting; try again later"));
  }
  for (Submission& submission : submissions) queue_.Push(std::move(submission));
  for_applier_.notify_one();
  return absl::OkStatus();
}

absl::StatusOr<Outcome> Committer::SubmitAndWait(Submission submission) {
  std::promise<absl::StatusOr<Outcome>> answer;
  submission.done = [&answer](const absl::Status& status, const Outcome& outcome) {
    status.ok() ? answer.set_value(outcome) : answer.set_value(status);
  };
  if (absl::Status taken = Submit({&submission, 1}); !taken.ok()) return taken;
  return answer.get_future().get();
}

void Committer::Stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    for_applier_.notify_one();
  }
  const std::lock_guard lock(join_mutex_);
  for (std::thread* thread : {&applier_thread_, &writer_thread_, &sealer_thread_}) {
    if (thread->joinable()) thread->join();
  }
}

std::pair<uint64_t, Digest> Committer::Head() const {
  const std::lock_guard lock(mutex_);
  return head_;
}

absl::Status Committer::AwaitDurable(uint64_t index) const {
  std::unique_lock lock(mutex_);
  durable_.wait(lock, [&] { return head_.first > index || !failure_.ok(); });
  return head_.first > index ? absl::OkStatus() : StoppedError();
}

absl::Status Committer::CheckRunning() const {
  const std::lock_guard lock(mutex_);
  return failure_.ok() ? absl::OkStatus() : StoppedError();
}

size_t Committer::QueueDepth() const {
  const std::lock_guard lock(mutex_);
  return queue_.size();
}

bool Committer::OpenGroupIsFull() const {
  const Group& open = applier_.open_group();
  return open.answers.size() >= kBatchSubmissionsMax ||
         open.batch.bytes() >= storage::kBatchBytesMax;
}

bool Committer::CanHandOver() const {
  const bool one_is_waiting = unsealed_ != nullptr || sealing_ahead_ || sealed_ != nullptr;
  return !one_is_waiting && (!writing_ || OpenGroupIsFull());
}

void Committer::Apply() {
  NameThread("ledger-applier");
  std::vector<Submission> taken;
  for (;;) {
    taken.clear();
    {
      std::unique_lock lock(mutex_);
      const size_t have = applier_.open_group().answers.size();
      const bool room = !OpenGroupIsFull();
      for_applier_.wait(lock, [&] {
        return !failure_.ok() || (room && (!queue_.empty() || (stopping_ && have == 0))) ||
               (have > 0 && CanHandOver());
      });
      if (!failure_.ok()) return FailAll(&lock);
      if (room) queue_.Take(kBatchSubmissionsMax - have, &taken);
      if (taken.empty() && have == 0) break;  // Stopping, and nothing is left.
    }
    constexpr size_t kNear = 4;
    constexpr size_t kFar = 8;
    for (size_t i = 0; i < std::min(kFar, taken.size()); ++i) applier_.PrefetchFar(taken[i]);
    for (size_t i = 0; i < std::min(kNear, taken.size()); ++i) applier_.PrefetchNear(taken[i]);
    for (size_t i = 0; i < taken.size(); ++i) {
      if (i + kFar < taken.size()) applier_.PrefetchFar(taken[i + kFar]);
      if (i + kNear < taken.size()) applier_.PrefetchNear(taken[i + kNear]);
      if (absl::Status decided = applier_.Take(&taken[i]); !decided.ok()) {
        FailFrom(decided, std::span(taken).subspan(i));
        std::unique_lock lock(mutex_);
        return FailAll(&lock);
      }
      // What does not fit any more waits for the next group, in its old place.
      if (applier_.open_group().batch.bytes() >= storage::kBatchBytesMax) HandOver(true);
    }
    HandOver(false);
  }
  // A group of its own that nobody waits for: pages, so that the next start is quick.
  HandOver(true, true);
  std::unique_lock lock(mutex_);
  if (!failure_.ok()) FailAll(&lock);  // A group that was waiting for the writer, perhaps.
}

void Committer::HandOver(bool wait, bool last) {
  {
    std::unique_lock lock(mutex_);
    // The last one is no fuller for waiting, so it waits for the writer like any other.
    if (wait) for_applier_.wait(lock, [this] { return CanHandOver() || !failure_.ok(); });
    if (!CanHandOver() || !failure_.ok()) return;  // The loop comes back to it.
  }
  // Nobody but us hands groups over, so it stays possible.
  std::shared_ptr<Group> group = applier_.CloseGroup(last);
  group->last = last;
  const std::lock_guard lock(mutex_);
  unsealed_ = std::move(group);
  writing_ ? for_sealer_.notify_one() : for_writer_.notify_one();
}

void Committer::SealAhead() {
  NameThread("ledger-sealer");
  std::unique_lock lock(mutex_);
  for (;;) {
    // When the writer is not busy it takes the group itself: one thread less to wait for.
    for_sealer_.wait(lock, [this] {
      return (unsealed_ != nullptr && writing_ && !writer_seals_) || finished_ || !failure_.ok();
    });
    if (finished_ || !failure_.ok()) return;
    std::shared_ptr<Group> group = std::move(unsealed_);
    unsealed_ = nullptr;
    sealing_ahead_ = true;
    lock.unlock();
    journal_.Seal(group.get());
    lock.lock();
    sealing_ahead_ = false;
    if (!failure_.ok()) {
      lock.unlock();
      return TellStopped(group.get());
    }
    sealed_ = std::move(group);
    if (!writing_) for_writer_.notify_one();
  }
}

void Committer::WriteGroups() {
  NameThread("ledger-writer");
  for (bool more = true; more;) {
    std::shared_ptr<Group> group;
    bool is_sealed = false;
    {
      std::unique_lock lock(mutex_);
      for_writer_.wait(
          lock, [this] { return sealed_ != nullptr || unsealed_ != nullptr || !failure_.ok(); });
      if (!failure_.ok()) return;
      is_sealed = sealed_ != nullptr;
      group = std::move(is_sealed ? sealed_ : unsealed_);
      (is_sealed ? sealed_ : unsealed_) = nullptr;
      writing_ = true;
      writer_seals_ = !is_sealed;
      for_applier_.notify_one();  // A full group can be handed over now.
    }
    more = !group->last;
    if (!is_sealed) {
      journal_.Seal(group.get());
      const std::lock_guard lock(mutex_);
      writer_seals_ = false;
      if (unsealed_ != nullptr) for_sealer_.notify_one();
    }
    if (const absl::Status written = journal_.Write(group.get()); !written.ok()) {
      return FailFrom(written, {}, group.get());
    }
    Tell(std::move(group));
  }
  const std::lock_guard lock(mutex_);
  finished_ = true;
  for_sealer_.notify_one();
}

void Committer::Tell(std::shared_ptr<Group> group) {
  applier_.SetDurable(group->head.first);
  {
    const std::lock_guard lock(mutex_);
    head_ = group->head;
    durable_.notify_all();
  }
  for (auto& [done, answer] : group->answers) {
    if (done) done(answer.status, answer.outcome);
  }
  group->answers.clear();  // They hold entries.
  applier_.Recycle(std::move(group));
  // Only now: until then a full group is better sealed by somebody else.
  const std::lock_guard lock(mutex_);
  writing_ = false;
  for_applier_.notify_one();
}

void Committer::FailFrom(const absl::Status& cause, std::span<Submission> rest, Group* group) {
  bool first = false;
  {
    const std::lock_guard lock(mutex_);
    first = failure_.ok();
    if (first) failure_ = cause;
    for_applier_.notify_all();
    for_sealer_.notify_all();
    for_writer_.notify_all();
    durable_.notify_all();
  }
  if (group != nullptr) TellStopped(group);
  for (Submission& submission : rest) {
    if (submission.done) submission.done(StoppedError(), Outcome{});
  }
  if (first && on_fatal_) on_fatal_(cause);
}

void Committer::FailAll(std::unique_lock<std::mutex>* lock) {
  std::vector<Submission> waiting;
  queue_.Take(queue_.size(), &waiting);
  const std::shared_ptr<Group> unwritten = std::move(sealed_ != nullptr ? sealed_ : unsealed_);
  sealed_ = nullptr;
  unsealed_ = nullptr;
  lock->unlock();
  if (unwritten != nullptr) TellStopped(unwritten.get());
  if (const std::shared_ptr<Group> open = applier_.Abandon(); open != nullptr) {
    TellStopped(open.get());
  }
  for (Submission& submission : waiting) {
    if (submission.done) submission.done(StoppedError(), Outcome{});
  }
}

}  // namespace ladon::ledger
