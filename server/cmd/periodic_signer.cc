#include "server/cmd/periodic_signer.h"

#include <utility>

namespace ladon {

PeriodicSigner::PeriodicSigner(Options options)
    : options_(std::move(options)), thread_([this] { Run(); }) {}

PeriodicSigner::~PeriodicSigner() {
  {
    const std::scoped_lock lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_one();
  thread_.join();
}

void PeriodicSigner::Run() {
  std::unique_lock lock(mutex_);
  while (!wake_.wait_for(lock, options_.every, [this] { return stopping_; })) {
    lock.unlock();
    const absl::StatusOr<std::string> note = options_.checkpointer->Sign();
    const absl::Status& signed_now = note.status();
    if (absl::IsDataLoss(signed_now)) return options_.on_fatal(signed_now);
    if (!signed_now.ok() && !told_) options_.on_not_kept(signed_now);
    told_ = !signed_now.ok();
    if (note.ok() && options_.on_signed) options_.on_signed(*note);
    lock.lock();
  }
}

}  // namespace ladon
