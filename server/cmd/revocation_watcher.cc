#include "server/cmd/revocation_watcher.h"

#include <utility>

namespace ladon {

RevocationWatcher::RevocationWatcher(Options options)
    : options_(std::move(options)), thread_([this] { Run(); }) {}

RevocationWatcher::~RevocationWatcher() {
  {
    const std::scoped_lock lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_one();
  thread_.join();
}

void RevocationWatcher::Run() {
  std::unique_lock lock(mutex_);
  do {
    lock.unlock();
    Look();
    lock.lock();
  } while (!wake_.wait_for(lock, options_.every, [this] { return stopping_; }));
}

void RevocationWatcher::Look() {
  const absl::StatusOr<access::Revocations::Report> report =
      options_.revocations->Reload(options_.now());
  if (!report.ok()) {
    if (report.status() != told_refused_) options_.on_refused(report.status());
    told_refused_ = report.status();
    return;
  }
  const bool good_again = !std::exchange(told_refused_, absl::OkStatus()).ok();
  const bool other_age = std::exchange(told_stale_, report->stale) != report->stale;
  if (report->changed || good_again || other_age) options_.on_report(*report);
}

}  // namespace ladon
