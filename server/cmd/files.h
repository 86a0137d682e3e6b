// Small files of the daemon: certificates in, the port file out. Threading: pure functions.
#ifndef LADON_SERVER_CMD_FILES_H_
#define LADON_SERVER_CMD_FILES_H_

#include <cstddef>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace ladon {

inline constexpr size_t kPemBytesMax = size_t{1} << 20;

// The text of a PEM file. NotFound, FailedPrecondition (a private key that others can read),
// InvalidArgument (too long, empty, or not PEM): each says what to do.
[[nodiscard]] absl::StatusOr<std::string> ReadPemFile(const std::string& path, bool secret);

// Writes `address` so that a reader sees all of it or no file.
[[nodiscard]] absl::Status WritePortFile(const std::string& path, const std::string& address);

}  // namespace ladon

#endif  // LADON_SERVER_CMD_FILES_H_
