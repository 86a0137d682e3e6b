// Variables of the process's environment; a test hands in its own.
// Threading: the main thread; ladond sets none.
#ifndef LADON_SERVER_CMD_ENVIRONMENT_H_
#define LADON_SERVER_CMD_ENVIRONMENT_H_

#include <cstdlib>
#include <functional>
#include <string>

namespace ladon {

// The value of a variable; empty: it is not set, or to nothing.
using Environment = std::function<std::string(const char* name)>;

[[nodiscard]] inline std::string EnvironmentOfProcess(const char* name) {
  const char* const value = std::getenv(name);  // NOLINT(concurrency-mt-unsafe): none is set.
  return value == nullptr ? std::string() : std::string(value);
}

}  // namespace ladon

#endif  // LADON_SERVER_CMD_ENVIRONMENT_H_
