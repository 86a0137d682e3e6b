// The files of an identity: created once, with the right mode, never overwritten, synced.
// Threading: any thread.
#ifndef LADON_SERVER_CLIENT_PKI_IDENTITY_FILES_H_
#define LADON_SERVER_CLIENT_PKI_IDENTITY_FILES_H_

#include <sys/types.h>

#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace ladon::pki {

inline constexpr size_t kPemBytesMax = size_t{64} * 1024;

// OK: the directory exists, is a directory of ours and closed to group and others.
// FailedPrecondition: it cannot be made, or is open to others.
[[nodiscard]] absl::Status MakePrivateDirectory(const std::string& path);

// AlreadyExists: there is such a file. FailedPrecondition: the file system refuses.
[[nodiscard]] absl::Status WriteNewFile(const std::string& path, std::string_view bytes,
                                        mode_t mode);

// NotFound; FailedPrecondition: unreadable or larger than kPemBytesMax.
[[nodiscard]] absl::StatusOr<std::string> ReadSmallFile(const std::string& path);

[[nodiscard]] bool FileExists(const std::string& path);

}  // namespace ladon::pki

#endif  // LADON_SERVER_CLIENT_PKI_IDENTITY_FILES_H_
