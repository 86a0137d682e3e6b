// Threads that share one search: helpers beside the caller, which always works itself.
//
// One search at a time has the helpers; another one that comes meanwhile does all its parts on its
// own thread, so that searches never wait for each other. Run may be called from any thread; the
// destructor must not run while it is.
#ifndef LADON_MATCHER_SEARCH_POOL_H_
#define LADON_MATCHER_SEARCH_POOL_H_

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace ladon::matcher {

class SearchPool {
 public:
  // `threads` in all, the caller's included: 1 has no helper. 0 counts as 1.
  explicit SearchPool(size_t threads);
  ~SearchPool();
  SearchPool(const SearchPool&) = delete;
  SearchPool& operator=(const SearchPool&) = delete;

  [[nodiscard]] size_t threads() const { return helpers_.size() + 1; }

  // Calls part(0) .. part(parts - 1), each once, on one thread or another; returns when all are
  // done. Every thread that took part in it calls `after` last. Neither may throw.
  void Run(
      size_t parts, const std::function<void(size_t)>& part,
      const std::function<void()>& after = [] {});

 private:
  void Help();

  std::mutex owner_mutex_;  // Held by the search that has the helpers.
  std::mutex mutex_;        // Guards the next six.
  std::condition_variable work_;
  std::condition_variable idle_;
  const std::function<void(size_t)>* part_ = nullptr;  // nullptr: nothing to join.
  const std::function<void()>* after_ = nullptr;
  size_t parts_ = 0;
  uint64_t number_ = 0;  // Of the search, so that a helper joins each once.
  size_t active_ = 0;
  bool stop_ = false;
  std::atomic<size_t> next_ = 0;
  std::vector<std::thread> helpers_;
};

}  // namespace ladon::matcher

#endif  // LADON_MATCHER_SEARCH_POOL_H_
