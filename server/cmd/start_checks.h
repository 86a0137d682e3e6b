// What ladond makes sure of before it opens anything: that every primitive gives its known answer,
// that nothing in the environment would write down what passes through, that memory is not written
// to a swap. Core dumps and ptrace are closed by CloseProcess() (process.h).
// Threading: the main thread.
#ifndef LADON_SERVER_CMD_START_CHECKS_H_
#define LADON_SERVER_CMD_START_CHECKS_H_

#include <string_view>

#include "absl/status/status.h"
#include "server/base/self_test.h"
#include "server/cmd/environment.h"
#include "server/rpc/monitor.h"

namespace ladon {

// The libraries' primitives and the matcher's keystream, as RunSelfTests() takes them.
[[nodiscard]] base::Primitives ServerPrimitives();

// FailedPrecondition, naming the variable: TLS keys or the contents of calls would be written.
[[nodiscard]] absl::Status CheckEnvironment(const Environment& environment);

// Whether the text of /proc/swaps lists one.
[[nodiscard]] bool ListsSwap(std::string_view proc_swaps);

// All of it, once a process. Not OK: nothing may be opened; the message says why. Memory that may
// be swapped is a warning in the log with what to do, for an operator may have an encrypted swap.
[[nodiscard]] absl::Status CheckStart(rpc::Monitor* monitor,
                                      const Environment& environment = EnvironmentOfProcess);

}  // namespace ladon

#endif  // LADON_SERVER_CMD_START_CHECKS_H_
