// Lets one through a second and counts the others: for lines of the log that strangers can cause.
// Threading: any thread.
#ifndef LADON_SERVER_RPC_ONE_A_SECOND_H_
#define LADON_SERVER_RPC_ONE_A_SECOND_H_

#include <chrono>
#include <cstdint>
#include <mutex>
#include <optional>
#include <utility>

namespace ladon::rpc {

class OneASecond {
 public:
  // nullopt: one was let through less than a second before `now`. Otherwise this one is, and so
  // many were held back since the last.
  std::optional<uint64_t> Pass(std::chrono::steady_clock::time_point now) {
    const std::scoped_lock lock(mutex_);
    if (passed_ && now - *passed_ < std::chrono::seconds(1)) {
      ++held_back_;
      return std::nullopt;
    }
    passed_ = now;
    return std::exchange(held_back_, 0);
  }

 private:
  std::mutex mutex_;
  std::optional<std::chrono::steady_clock::time_point> passed_;
  uint64_t held_back_ = 0;
};

}  // namespace ladon::rpc

#endif  // LADON_SERVER_RPC_ONE_A_SECOND_H_
