// Asks a bank about every open order of a contract, again and again, so that no payment hangs on a
// callback.
//
// A young order is asked about every round, an old one at a twentieth of its age and at least every
// kAskEveryMax: what is still open then was mostly given up by its payer. A round asks about at
// most kAskedPerRoundMax and the next goes on where it ended, so none waits for ever. Threading:
// Start() and Stop() on one thread.
#ifndef LADON_SERVER_CHANNELS_ORDER_POLLER_H_
#define LADON_SERVER_CHANNELS_ORDER_POLLER_H_

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "absl/time/time.h"
#include "server/channels/orders.h"

namespace ladon::channels {

inline constexpr std::chrono::milliseconds kPollPeriod{3'000};
inline constexpr absl::Duration kAskEveryMax = absl::Minutes(5);
inline constexpr size_t kAskedPerRoundMax = 200;
inline constexpr size_t kPagesPerRoundMax = 20;
inline constexpr int32_t kPollPageSize = 100;

// What the poller found, for the log: an order that came to its end, or a fault.
struct OrderNews {
  std::string contract;
  std::string order_number;  // Empty: of the round as a whole.
  Settled settled;
};
using OrderLog = std::function<void(const OrderNews&)>;

class OrderPoller {
 public:
  struct Options {
    std::shared_ptr<const Orders> orders;
    std::chrono::milliseconds period = kPollPeriod;
    OrderLog log;  // On the poller's thread; may be empty.
  };
  explicit OrderPoller(Options options) : options_(std::move(options)) {}
  OrderPoller(const OrderPoller&) = delete;
  OrderPoller& operator=(const OrderPoller&) = delete;
  ~OrderPoller() { Stop(); }

  void Start();
  // Ends whatever the bank is asked, by whomever: from then on it counts as silent. Idempotent.
  // A question to the core is waited for, kAskTimeout at most.
  void Stop();
  // One round on the caller's thread, for tests; never while it is started.
  void RunRound();

 private:
  struct Wait {
    absl::Duration until;  // Its age when it is asked about again.
    uint64_t walk = 0;     // The walk that last found it open.
  };

  void Run();
  [[nodiscard]] bool Stopping();
  [[nodiscard]] bool IsDue(const v1::Order& order);
  void Ask(const v1::Order& order);
  void EndWalk();

  const Options options_;
  // What is known of the walk over all pages that this round goes on with.
  std::string token_;
  uint64_t walk_ = 0;
  std::map<std::string, Wait> waits_;  // By order number.

  std::mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace ladon::channels

#endif  // LADON_SERVER_CHANNELS_ORDER_POLLER_H_
