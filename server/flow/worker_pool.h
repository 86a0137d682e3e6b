// Threads for work that would hold up the network thread. Bounded: a full queue refuses.
// Threading: Run() from any thread. Stop() finishes what was accepted; the destructor stops.
#ifndef LADON_SERVER_FLOW_WORKER_POOL_H_
#define LADON_SERVER_FLOW_WORKER_POOL_H_

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace ladon::flow {

inline constexpr size_t kWorkQueueMax = 1'024;

class WorkerPool {
 public:
  explicit WorkerPool(size_t threads);
  ~WorkerPool() { Stop(); }
  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;

  // False: kWorkQueueMax jobs are waiting, or the pool is stopped; `job` will not run.
  [[nodiscard]] bool Run(std::function<void()> job);
  // Runs `job` however many wait: only for work whose number is bounded elsewhere (what the
  // committer has accepted). False after Stop().
  [[nodiscard]] bool RunAlways(std::function<void()> job);
  void Stop();

 private:
  void Loop();
  bool Push(std::function<void()> job, size_t queue_max);

  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<std::function<void()>> queue_;
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace ladon::flow

#endif  // LADON_SERVER_FLOW_WORKER_POOL_H_
