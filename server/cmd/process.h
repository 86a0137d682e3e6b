// What the process is to the machine: signals, memory that others may not see, the clock.
// Threading: the main thread, before others are made; but Fatal() and the clock from any.
#ifndef LADON_SERVER_CMD_PROCESS_H_
#define LADON_SERVER_CMD_PROCESS_H_

#include <signal.h>

#include <memory>
#include <mutex>

#include "absl/status/status.h"
#include "server/cmd/alarms.h"
#include "server/cmd/bridged_clock.h"
#include "server/rpc/monitor.h"

namespace ladon {

// Tells the main thread why to stop: a signal, or something that cannot be gone on with.
class StopRequest {
 public:
  // Blocks the signals for every thread that is made later; wait for them with Wait().
  StopRequest();

  // For work that serves nobody and may be broken off anywhere.
  void LetSignalsEndIt();
  void Fatal(const absl::Status& cause);
  // OK: asked to stop. Otherwise why it must.
  absl::Status Wait();

 private:
  sigset_t signals_{};
  std::mutex mutex_;
  absl::Status fatal_;
};

// Core dumps and ptrace would show templates and keys to whoever reads them.
void CloseProcess();

// The server's clock: a step back is alarmed, one that is no correction ends the service. All must
// outlive it.
[[nodiscard]] std::unique_ptr<BridgedClock> MakeClock(rpc::Monitor* monitor, Alarms* alarms,
                                                      StopRequest* stop);

}  // namespace ladon

#endif  // LADON_SERVER_CMD_PROCESS_H_
