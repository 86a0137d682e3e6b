#include "server/cmd/alarms.h"

#include <utility>

#include "server/flow/security.h"

namespace ladon {

Alarm AlarmAbout(audit::ProcessEvent event, const access::Caller& who) {
  return {.event = event, .who = who};
}

Alarm AlarmAbout(audit::ProcessEvent event, const base::ActorId& who) {
  Alarm alarm{.event = event};
  alarm.who.principal = {.role = base::Role{}, .school = {}, .id = who};
  return alarm;
}

void Alarms::Start(const flow::House* house, std::function<void(const absl::Status&)> on_failed) {
  house_ = house;
  on_failed_ = std::move(on_failed);
  thread_ = std::thread([this] { Run(); });
}

void Alarms::Stop() {
  {
    const std::scoped_lock lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_one();
  if (thread_.joinable()) thread_.join();
}

void Alarms::Raise(Alarm alarm) {
  {
    const std::scoped_lock lock(mutex_);
    if (waiting_.size() == kAlarmsWaitingMax) return;
    waiting_.push_back(std::move(alarm));
  }
  wake_.notify_one();
}

void Alarms::Run() {
  std::unique_lock lock(mutex_);
  for (;;) {
    wake_.wait(lock, [this] { return stopping_ || !waiting_.empty(); });
    if (waiting_.empty()) return;
    const Alarm alarm = std::move(waiting_.front());
    waiting_.pop_front();
    lock.unlock();
    const absl::Status recorded = flow::RecordAlarm(*house_, alarm.event, alarm.who);
    if (!recorded.ok() && on_failed_) on_failed_(recorded);
    lock.lock();
  }
}

}  // namespace ladon
