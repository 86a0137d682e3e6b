// Looks after payments by the clock: server/flow/payment_alarms.h. Threading: a thread of its own;
// made and destroyed by one other.
#ifndef LADON_SERVER_CMD_PAYMENT_WATCH_H_
#define LADON_SERVER_CMD_PAYMENT_WATCH_H_

#include <condition_variable>
#include <mutex>
#include <thread>

#include "server/flow/payment_alarms.h"
#include "server/rpc/monitor.h"

namespace ladon {

class PaymentWatch {
 public:
  // Both must outlive it.
  PaymentWatch(const flow::House* house, rpc::Monitor* monitor);
  PaymentWatch(const PaymentWatch&) = delete;
  PaymentWatch& operator=(const PaymentWatch&) = delete;
  ~PaymentWatch();

 private:
  void Run();

  rpc::Monitor* const monitor_;
  flow::PaymentAlarms alarms_;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace ladon

#endif  // LADON_SERVER_CMD_PAYMENT_WATCH_H_
