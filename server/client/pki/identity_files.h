// The files of an identity: created once, with the right mode, never overwritten, synced. What an
// authority writes again and again is replaced whole.
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

// Puts a file with these bytes in the place of `path`, or makes it: a reader sees all of the old
// one or all of the new, also after a power cut. One writer at a time. FailedPrecondition.
[[nodiscard]] absl::Status ReplaceFile(const std::string& path, std::string_view bytes,
                                       mode_t mode);

// NotFound; FailedPrecondition: unreadable or larger than `bytes_max`.
[[nodiscard]] absl::StatusOr<std::string> ReadSmallFile(const std::string& path,
                                                        size_t bytes_max = kPemBytesMax);

[[nodiscard]] bool FileExists(const std::string& path);

}  // namespace ladon::pki

#endif  // LADON_SERVER_CLIENT_PKI_IDENTITY_FILES_H_
