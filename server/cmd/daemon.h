// ladond put together: opens what is stored, starts what serves, stops in the right order.
//
// Exit codes: 0 stopped on request, everything acknowledged is durable; 2 wrong command line or
// configuration; 3 something needed cannot be opened (keys, store, certificate, address);
// 4 stopped itself because nothing more could be made durable. The message says what to do.
#ifndef LADON_SERVER_CMD_DAEMON_H_
#define LADON_SERVER_CMD_DAEMON_H_

#include <cstdint>

#include "server/cmd/config.h"

namespace ladon {

inline constexpr int kExitStopped = 0;
inline constexpr int kExitConfiguration = 2;
inline constexpr int kExitCannotOpen = 3;
inline constexpr int kExitNotDurable = 4;

enum class DaemonTask {
  kServe,
  kCheck,      // Opens and verifies what a start does, and ends.
  kVerify,     // The same with the whole journal, whatever was written behind, and every closing.
  kRestore,    // Puts a backup in the store's place, reads it as kVerify, and proves that it is it.
  kNewOrigin,  // Accepts a store that is older than the last checkpoint (ledger/checkpointer.h).
};

struct StartOptions {
  uint32_t backup = 0;  // The number of the one to restore; 0: the latest.
  // Serve although the clock is far behind the last record. Times stand still in both logs until it
  // has caught up; so long each start needs this.
  bool accept_clock = false;
  // Of the security log (audit::LogOptions). For the benchmark alone; no command line has it.
  bool discard_records = false;
};

// Serves until SIGTERM, SIGINT or a fatal error; returns the exit code. Call once a process, from
// the main thread, before any other thread exists. Other tasks serve nothing.
[[nodiscard]] int RunDaemon(const Config& config, DaemonTask task,
                            const StartOptions& options = {});

}  // namespace ladon

#endif  // LADON_SERVER_CMD_DAEMON_H_
