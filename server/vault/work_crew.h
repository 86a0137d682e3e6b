// A crew of threads for items that one thread reads and many can work on.
//
// The reader is held up while the crew is behind, so that memory stays bounded. Threading: Give()
// and Finish() from one thread; `work` runs on the crew's.
#ifndef LADON_SERVER_VAULT_WORK_CREW_H_
#define LADON_SERVER_VAULT_WORK_CREW_H_

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "absl/status/status.h"

namespace ladon::vault {

template <class Item>
class WorkCrew {
 public:
  WorkCrew(size_t threads, std::function<absl::Status(const Item&)> work) : work_(std::move(work)) {
    for (size_t i = 0; i < threads; ++i) threads_.emplace_back([this] { Loop(); });
  }
  ~WorkCrew() { (void)Finish(); }
  WorkCrew(const WorkCrew&) = delete;
  WorkCrew& operator=(const WorkCrew&) = delete;

  // False: an item has failed, and more would be for nothing.
  [[nodiscard]] bool Give(Item item) {
    constexpr size_t kWaitingMax = 1'024;
    std::unique_lock lock(mutex_);
    room_.wait(lock, [this] { return items_.size() < kWaitingMax || !status_.ok(); });
    if (!status_.ok()) return false;
    items_.push_back(std::move(item));
    lock.unlock();
    wake_.notify_one();
    return true;
  }

  // Waits until everything given is done; the first error, after which items were dropped.
  absl::Status Finish() {
    {
      const std::scoped_lock lock(mutex_);
      finishing_ = true;
    }
    wake_.notify_all();
    for (std::thread& thread : threads_) {
      if (thread.joinable()) thread.join();
    }
    const std::scoped_lock lock(mutex_);
    return status_;
  }

 private:
  void Loop() {
    std::unique_lock lock(mutex_);
    while (true) {
      wake_.wait(lock, [this] { return finishing_ || !items_.empty(); });
      if (items_.empty()) return;
      const Item item = std::move(items_.front());
      items_.pop_front();
      const bool skip = !status_.ok();
      lock.unlock();
      room_.notify_one();
      const absl::Status done = skip ? absl::OkStatus() : work_(item);
      lock.lock();
      if (!done.ok() && status_.ok()) {
        status_ = done;
        room_.notify_all();
      }
    }
  }

  const std::function<absl::Status(const Item&)> work_;
  std::mutex mutex_;  // Guards the next three.
  std::deque<Item> items_;
  bool finishing_ = false;
  absl::Status status_;
  std::condition_variable wake_;
  std::condition_variable room_;
  std::vector<std::thread> threads_;
};

}  // namespace ladon::vault

#endif  // LADON_SERVER_VAULT_WORK_CREW_H_
