// Alarms on their way into the security log, where officers see what the server's own log tells its
// administrator alone.
//
// Raised where nobody may wait (by the clock, on the applier's thread, in the admission of a call),
// recorded one after the other on a thread of their own. What is raised before Start() waits for
// it. Invariant: at most kAlarmsWaitingMax wait; a log that takes no more ends the service anyway.
// Threading: Raise() from any thread; the others on the main thread.
#ifndef LADON_SERVER_CMD_ALARMS_H_
#define LADON_SERVER_CMD_ALARMS_H_

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>

#include "absl/status/status.h"
#include "server/access/caller.h"
#include "server/audit/process_event.h"
#include "server/base/principal.h"
#include "server/flow/house.h"

namespace ladon {

inline constexpr size_t kAlarmsWaitingMax = 1'000;

struct Alarm {
  audit::ProcessEvent event = audit::ProcessEvent::kAlarm;
  access::Caller who{.principal = {.role = base::Role{}}};  // Role 0: nobody in particular.
};
[[nodiscard]] Alarm AlarmAbout(audit::ProcessEvent event, const access::Caller& who);
// Of whom nothing but the id is known.
[[nodiscard]] Alarm AlarmAbout(audit::ProcessEvent event, const base::ActorId& who);

class Alarms {
 public:
  Alarms() = default;
  ~Alarms() { Stop(); }
  Alarms(const Alarms&) = delete;
  Alarms& operator=(const Alarms&) = delete;

  // `house` must outlive it; `on_failed`: one could not be recorded.
  void Start(const flow::House* house, std::function<void(const absl::Status&)> on_failed);
  // Before the ledger stops: what was raised is recorded first. Idempotent.
  void Stop();
  void Raise(Alarm alarm);

 private:
  void Run();

  const flow::House* house_ = nullptr;
  std::function<void(const absl::Status&)> on_failed_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<Alarm> waiting_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace ladon

#endif  // LADON_SERVER_CMD_ALARMS_H_
