// The process as the system sees it: what ends it, and what it shows of itself.
// Threading: the main thread, but for Fatal(), which any may call.
#ifndef LADON_SERVER_CMD_PROCESS_H_
#define LADON_SERVER_CMD_PROCESS_H_

#include <signal.h>

#include <mutex>

#include "absl/status/status.h"

namespace ladon {

// Tells the main thread why to stop: a signal, or the ledger's fatal error.
class StopRequest {
 public:
  // Blocks the signals for every thread that is made later; wait for them with Wait().
  StopRequest();
  StopRequest(const StopRequest&) = delete;
  StopRequest& operator=(const StopRequest&) = delete;

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

}  // namespace ladon

#endif  // LADON_SERVER_CMD_PROCESS_H_
