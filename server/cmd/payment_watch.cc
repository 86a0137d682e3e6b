#include "server/cmd/payment_watch.h"

#include <chrono>
#include <string>

namespace ladon {
namespace {

constexpr std::chrono::seconds kLookEvery{20};

}  // namespace

PaymentWatch::PaymentWatch(const flow::House* house, rpc::Monitor* monitor)
    : monitor_(monitor),
      alarms_(house,
              [monitor](audit::ProcessEvent event, const std::string& contract, uint32_t day) {
                const std::string name(audit::ProcessEventName(static_cast<uint16_t>(event)));
                monitor->Log(rpc::LogLevel::kWarning, "alarm",
                             {{"event", rpc::LogText::SafeBecause("a name of ours", name)},
                              {"contract", rpc::LogText::OfOperator(contract)},
                              {"day", day}});
              }),
      thread_([this] { Run(); }) {}

PaymentWatch::~PaymentWatch() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_one();
  thread_.join();
}

void PaymentWatch::Run() {
  std::unique_lock lock(mutex_);
  do {
    lock.unlock();
    if (const absl::Status looked = alarms_.Look(); !looked.ok()) {
      monitor_->Log(rpc::LogLevel::kError, "payments_not_looked_after",
                    {{"reason", rpc::LogText::OfFault(looked)}});
    }
    lock.lock();
  } while (!wake_.wait_for(lock, kLookEvery, [this] { return stopping_; }));
}

}  // namespace ladon
