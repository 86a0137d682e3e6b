#include "matcher/search_pool.h"

namespace ladon::matcher {

SearchPool::SearchPool(size_t threads) {
  for (size_t i = 1; i < threads; ++i) helpers_.emplace_back([this] { Help(); });
}

SearchPool::~SearchPool() {
  {
    const std::scoped_lock lock(mutex_);
    stop_ = true;
  }
  work_.notify_all();
  for (std::thread& helper : helpers_) helper.join();
}

void SearchPool::Run(size_t parts, const std::function<void(size_t)>& part,
                     const std::function<void()>& after) {
  std::unique_lock owner(owner_mutex_, std::defer_lock);
  if (helpers_.empty() || parts < 2 || !owner.try_lock()) {
    for (size_t p = 0; p < parts; ++p) part(p);
    return after();
  }
  next_ = 0;
  {
    const std::scoped_lock lock(mutex_);
    part_ = &part;
    after_ = &after;
    parts_ = parts;
    ++number_;
  }
  work_.notify_all();
  for (size_t p = next_++; p < parts; p = next_++) part(p);
  after();
  std::unique_lock lock(mutex_);
  part_ = nullptr;
  idle_.wait(lock, [this] { return active_ == 0; });
}

void SearchPool::Help() {
  uint64_t seen = 0;
  std::unique_lock lock(mutex_);
  for (;;) {
    work_.wait(lock, [&] { return stop_ || (part_ != nullptr && number_ != seen); });
    if (stop_) return;
    seen = number_;
    ++active_;
    const std::function<void(size_t)>& part = *part_;
    const std::function<void()>& after = *after_;
    const size_t parts = parts_;
    lock.unlock();
    for (size_t p = next_++; p < parts; p = next_++) part(p);
    after();
    lock.lock();
    if (--active_ == 0) idle_.notify_one();
  }
}

}  // namespace ladon::matcher
