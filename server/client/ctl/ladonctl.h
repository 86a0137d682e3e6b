// ladonctl, the operator's tool: parses the command line and runs one command.
//
// Threading: once per process.
#ifndef LADON_SERVER_CLIENT_CTL_LADONCTL_H_
#define LADON_SERVER_CLIENT_CTL_LADONCTL_H_

#include <ostream>

#include "server/base/messages.h"

namespace ladon::ctl {

// Returns the exit code of context.h. Messages go to `err`, results to `out`.
[[nodiscard]] int RunLadonctl(int argc, const char* const* argv, base::Language language,
                              std::ostream* out, std::ostream* err);

}  // namespace ladon::ctl

#endif  // LADON_SERVER_CLIENT_CTL_LADONCTL_H_
