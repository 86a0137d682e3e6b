// Runs one of the project's own programs to its end. Threading: any thread.
#ifndef LADON_SERVER_CLIENT_DEMO_RUN_TOOL_H_
#define LADON_SERVER_CLIENT_DEMO_RUN_TOOL_H_

#include <string>
#include <vector>

#include "absl/status/status.h"

namespace ladon::demo {

// `arguments` follow the program's path. Its output goes to `out` (empty: nowhere), its errors to
// ours. FailedPrecondition: it cannot be started, or did not exit with 0; names the program.
[[nodiscard]] absl::Status RunTool(const std::string& program,
                                   const std::vector<std::string>& arguments,
                                   const std::string& out = "");

}  // namespace ladon::demo

#endif  // LADON_SERVER_CLIENT_DEMO_RUN_TOOL_H_
