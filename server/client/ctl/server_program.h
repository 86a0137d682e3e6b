// Work on a server that is stopped: its own program does it, since it has the keys, and the store
// lets nobody in beside itself.
#ifndef LADON_SERVER_CLIENT_CTL_SERVER_PROGRAM_H_
#define LADON_SERVER_CLIENT_CTL_SERVER_PROGRAM_H_

#include <string>
#include <vector>

#include "server/client/ctl/context.h"

namespace ladon::ctl {

// Becomes ladond, which lies beside this program, with these arguments. Returns only when that
// fails: the exit code, after the trouble was printed.
int RunServerProgram(Context& context, const std::vector<std::string>& arguments);

}  // namespace ladon::ctl

#endif  // LADON_SERVER_CLIENT_CTL_SERVER_PROGRAM_H_
