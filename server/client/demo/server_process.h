// A real ladond as a child process: started, killed without warning, stopped in order.
//
// Invariants: at most one process; the destructor leaves none behind. The server writes where it
// listens into a port file once it serves; the file is removed before each start, so an old
// address is never taken for a new one. Threading: one thread, but Kill() may be called while
// other threads talk to the server.
#ifndef LADON_SERVER_CLIENT_DEMO_SERVER_PROCESS_H_
#define LADON_SERVER_CLIENT_DEMO_SERVER_PROCESS_H_

#include <sys/types.h>

#include <chrono>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace ladon::demo {

inline constexpr std::chrono::seconds kServeTimeout{60};
inline constexpr std::chrono::seconds kStopTimeout{30};
inline constexpr std::chrono::milliseconds kPollPause{10};

struct ServerFiles {
  std::string binary;     // ladond
  std::string config;     // TOML
  std::string port_file;  // as the configuration names it
  std::string log;        // standard error goes here, appended
};

class ServerProcess {
 public:
  explicit ServerProcess(ServerFiles files);
  ~ServerProcess();
  ServerProcess(const ServerProcess&) = delete;
  ServerProcess& operator=(const ServerProcess&) = delete;

  // Starts and waits until it serves; returns "host:port".
  // FailedPrecondition: runs already, cannot be started, or ended at once (with the tail of its
  // log). DeadlineExceeded: did not serve within kServeTimeout; it is killed.
  [[nodiscard]] absl::StatusOr<std::string> Start();
  // SIGKILL: what a power cut is to a process. Returns when it is gone.
  void Kill();
  // SIGTERM and wait. FailedPrecondition: it did not exit with 0, or was not running.
  // DeadlineExceeded: still there after kStopTimeout; it is killed.
  [[nodiscard]] absl::Status Stop();
  [[nodiscard]] bool running() const { return pid_ > 0; }

 private:
  // True when it is gone; then `wait_status_` tells how.
  bool Reap();
  std::string LogTail() const;

  ServerFiles files_;
  pid_t pid_ = 0;
  int wait_status_ = 0;
};

}  // namespace ladon::demo

#endif  // LADON_SERVER_CLIENT_DEMO_SERVER_PROCESS_H_
