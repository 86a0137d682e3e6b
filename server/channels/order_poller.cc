#include "server/channels/order_poller.h"

#include <algorithm>
#include <utility>

namespace ladon::channels {

void OrderPoller::Start() {
  thread_ = std::thread([this] { Run(); });
}

void OrderPoller::Stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  options_.orders->Interrupt();
  if (thread_.joinable()) thread_.join();
}

void OrderPoller::Run() {
  while (!Stopping()) {
    RunRound();
    std::unique_lock lock(mutex_);
    wake_.wait_for(lock, options_.period, [this] { return stopping_; });
  }
}

bool OrderPoller::Stopping() {
  const std::lock_guard lock(mutex_);
  return stopping_;
}

void OrderPoller::RunRound() {
  size_t asked = 0;
  for (size_t page_count = 0; page_count < kPagesPerRoundMax; ++page_count) {
    if (Stopping() || asked + kPollPageSize > kAskedPerRoundMax) return;
    const absl::StatusOr<v1::ListOpenOrdersResponse> page =
        options_.orders->ListOpen(kPollPageSize, token_);
    if (!page.ok()) {
      token_.clear();  // It may be the token that the core does not take.
      if (options_.log) {
        options_.log({.contract = options_.orders->contract(),
                      .settled = {.progress = Progress::kUndecided,
                                  .fault = std::string(page.status().message())}});
      }
      return;
    }
    for (const v1::Order& order : page->orders()) {
      if (Stopping()) return;
      if (!IsDue(order)) continue;
      Ask(order);
      ++asked;
    }
    token_ = page->next_page_token();
    if (token_.empty()) return EndWalk();
  }
}

bool OrderPoller::IsDue(const v1::Order& order) {
  const absl::Duration age = options_.orders->AgeOf(order);
  Wait& wait = waits_[order.order_number()];
  wait.walk = walk_;
  return age >= wait.until;
}

void OrderPoller::Ask(const v1::Order& order) {
  const Settled settled = options_.orders->Settle(order);
  constexpr int kPartOfAge = 20;
  const absl::Duration age = options_.orders->AgeOf(order);
  waits_[order.order_number()].until = age + std::min(age / kPartOfAge, kAskEveryMax);
  const bool ended = settled.progress == Progress::kBooked || settled.progress == Progress::kFailed;
  if (options_.log && (ended || !settled.fault.empty())) {
    options_.log({.contract = options_.orders->contract(),
                  .order_number = order.order_number(),
                  .settled = settled});
  }
}

void OrderPoller::EndWalk() {
  std::erase_if(waits_, [this](const auto& one) { return one.second.walk != walk_; });
  ++walk_;
}

}  // namespace ladon::channels
