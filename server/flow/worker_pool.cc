#include "server/flow/worker_pool.h"

#include <limits>
#include <utility>

#include "server/base/secret.h"

namespace ladon::flow {

WorkerPool::WorkerPool(size_t threads) {
  for (size_t i = 0; i < threads; ++i) threads_.emplace_back([this] { Loop(); });
}

bool WorkerPool::Run(std::function<void()> job) {
  return Push(std::move(job), kWorkQueueMax);
}

bool WorkerPool::RunAlways(std::function<void()> job) {
  return Push(std::move(job), std::numeric_limits<size_t>::max());
}

bool WorkerPool::Push(std::function<void()> job, size_t queue_max) {
  {
    const std::scoped_lock lock(mutex_);
    if (stopping_ || queue_.size() >= queue_max) return false;
    queue_.push_back(std::move(job));
  }
  wake_.notify_one();
  return true;
}

void WorkerPool::Loop() {
  std::unique_lock lock(mutex_);
  while (true) {
    wake_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
    if (queue_.empty()) return;  // Stopping, and everything accepted is done.
    const std::function<void()> job = std::move(queue_.front());
    queue_.pop_front();
    lock.unlock();
    job();
    base::WipeStack();  // It may have been a search or an enrolment.
    lock.lock();
  }
}

void WorkerPool::Stop() {
  {
    const std::scoped_lock lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  for (std::thread& thread : threads_) {
    if (thread.joinable()) thread.join();
  }
}

}  // namespace ladon::flow
