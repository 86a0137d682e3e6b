// Runs a program of ours, or one of the system's, to its end and keeps what it printed.
// Threading: any thread.
#ifndef LADON_SERVER_CLIENT_HOST_PROGRAM_H_
#define LADON_SERVER_CLIENT_HOST_PROGRAM_H_

#include <cstddef>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace ladon::host {

// What a program prints beyond this is read and dropped.
inline constexpr size_t kOutputBytesMax = size_t{1} << 20;

struct Ran {
  int code = 0;     // Exit code; 128 + signal when a signal ended it.
  std::string out;  // Standard output, then standard error.
  std::string err;
};

// The first word is a path, or a name that is looked for along PATH; standard input is empty.
// NotFound: it cannot be started.
[[nodiscard]] absl::StatusOr<Ran> RunProgram(std::vector<std::string> words);

// The path of a program of ours: beside this one, or where the package puts it.
[[nodiscard]] std::string OurProgram(const std::string& name);

}  // namespace ladon::host

#endif  // LADON_SERVER_CLIENT_HOST_PROGRAM_H_
