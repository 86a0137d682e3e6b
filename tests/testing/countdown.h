// Waits for a number of events told by other threads. On std::mutex, because thread sanitizers see
// through it even when the libraries around it were built without them.
#ifndef LADON_TESTS_TESTING_COUNTDOWN_H_
#define LADON_TESTS_TESTING_COUNTDOWN_H_

#include <condition_variable>
#include <cstddef>
#include <mutex>

namespace ladon::testing {

class Countdown {
 public:
  explicit Countdown(size_t events = 1) : left_(events) {}

  void Done() {
    const std::lock_guard lock(mutex_);
    --left_;
    changed_.notify_all();  // Under the lock: the waiter may destroy us right after.
  }
  void Wait() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return left_ == 0; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  size_t left_;
};

}  // namespace ladon::testing

#endif  // LADON_TESTS_TESTING_COUNTDOWN_H_
