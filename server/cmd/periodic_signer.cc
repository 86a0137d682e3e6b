#include "server/cmd/periodic_signer.h"

#include <chrono>
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
  while (!wake_.wait_for(lock, std::chrono::seconds(1), [this] { return stopping_; })) {
    lock.unlock();
    const absl::Status signed_now = options_.checkpointer->Sign().status();
    if (absl::IsDataLoss(signed_now)) return options_.on_fatal(signed_now);
    if (!signed_now.ok() && !told_) options_.on_not_kept(signed_now);
    told_ = !signed_now.ok();
    lock.lock();
  }
}

}  // namespace ladon
