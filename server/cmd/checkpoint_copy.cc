#include "server/cmd/checkpoint_copy.h"

#include <condition_variable>
#include <ctime>
#include <mutex>
#include <optional>
#include <thread>

#include "absl/strings/str_cat.h"
#include "ledger/replaced_file.h"

namespace ladon {

absl::Status CheckpointCopy::Keep(const std::string& note, uint64_t now_ns) {
  if (note == kept_) return absl::OkStatus();
  constexpr uint64_t kNsPerSecond = 1'000'000'000;
  const auto seconds = static_cast<time_t>(now_ns / kNsPerSecond);
  tm parts = {};
  gmtime_r(&seconds, &parts);
  char day[16];
  const size_t size = std::strftime(day, sizeof(day), "%Y-%m-%d", &parts);
  const std::string names[] = {std::string(day, size), "latest"};
  for (const std::string& name : names) {
    absl::Status kept =
        ledger::ReplaceSyncedFile(absl::StrCat(directory_, "/security-checkpoint-", name), note);
    if (!kept.ok()) return kept;
  }
  kept_ = note;
  return absl::OkStatus();
}

using std::chrono::steady_clock;

struct CopyThread::Shared {
  explicit Shared(Options given) : options(std::move(given)), copy(options.directory) {}

  // Under mutex. Whom to tell that copies fail, if he has not been told.
  [[nodiscard]] std::function<void(const absl::Status&)> Fails() {
    if (std::exchange(failing, true)) return nullptr;
    return options.on_failed;
  }

  Options options;
  CheckpointCopy copy;  // The thread's own.
  std::mutex mutex;
  std::condition_variable changed;
  std::optional<std::string> next;
  std::optional<steady_clock::time_point> busy_since;
  bool stopping = false;
  bool ended = false;
  bool failing = false;
  uint64_t copied_at_ns = 0;
};

CopyThread::CopyThread(Options options) : shared_(std::make_shared<Shared>(std::move(options))) {
  std::thread([shared = shared_] { Run(shared); }).detach();
}

void CopyThread::Stop() {
  std::unique_lock lock(shared_->mutex);
  if (std::exchange(shared_->stopping, true)) return;
  shared_->next.reset();
  shared_->changed.notify_all();
  shared_->changed.wait_for(lock, shared_->options.stop_patience,
                            [this] { return shared_->ended; });
  shared_->options.on_failed = nullptr;  // Whom it would tell is going.
}

void CopyThread::Run(const std::shared_ptr<Shared>& shared) {
  std::unique_lock lock(shared->mutex);
  for (;;) {
    shared->changed.wait(lock, [&] { return shared->stopping || shared->next.has_value(); });
    if (!shared->next) break;
    const std::string note = *std::exchange(shared->next, std::nullopt);
    shared->busy_since = steady_clock::now();
    lock.unlock();
    const uint64_t now_ns = shared->options.now_ns();
    const absl::Status kept = shared->copy.Keep(note, now_ns);
    lock.lock();
    shared->busy_since.reset();
    if (kept.ok()) {
      shared->failing = false;
      shared->copied_at_ns = now_ns;
    } else if (const auto tell = shared->Fails(); tell != nullptr) {
      lock.unlock();
      tell(kept);
      lock.lock();
    }
    shared->changed.notify_all();
  }
  shared->ended = true;
  shared->changed.notify_all();
}

void CopyThread::Keep(const std::string& note) {
  std::function<void(const absl::Status&)> tell;
  {
    const std::scoped_lock lock(shared_->mutex);
    if (shared_->stopping) return;
    shared_->next = note;
    const auto& since = shared_->busy_since;
    if (since && steady_clock::now() - *since > shared_->options.patience) tell = shared_->Fails();
  }
  shared_->changed.notify_all();
  if (tell != nullptr) {
    tell(absl::DeadlineExceededError(absl::StrCat(
        shared_->options.directory, " does not take a copy: is the other host down?")));
  };
}

void CopyThread::Flush() {
  std::unique_lock lock(shared_->mutex);
  shared_->changed.wait_for(lock, shared_->options.stop_patience,
                            [this] { return !shared_->next && !shared_->busy_since; });
}

bool CopyThread::failing() const {
  const std::scoped_lock lock(shared_->mutex);
  return shared_->failing;
}

uint64_t CopyThread::copied_at_ns() const {
  const std::scoped_lock lock(shared_->mutex);
  return shared_->copied_at_ns;
}

}  // namespace ladon
