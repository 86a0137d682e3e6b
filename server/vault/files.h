// Small files that must be whole: checked when read, synced when written.
// Threading: pure functions over the file system.
#ifndef LADON_SERVER_VAULT_FILES_H_
#define LADON_SERVER_VAULT_FILES_H_

#include <cstddef>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace ladon::vault {

// A long file is synced in pieces: a ledger's small write, which a queue waits for, does not have
// to wait for all of it.
inline constexpr size_t kSyncBytes = size_t{1} << 18;

// FailedPrecondition: not a directory of our own closed to others. NotFound: not there.
[[nodiscard]] absl::Status CheckPrivateDirectory(const std::string& path);
[[nodiscard]] absl::Status MakePrivateDirectory(const std::string& path);

// Creates `path` with `bytes`, mode 0600, synced with its directory; all or nothing.
// AlreadyExists: never overwrites.
[[nodiscard]] absl::Status CreateSyncedFile(const std::string& path, std::string_view bytes);
// The whole file. NotFound; FailedPrecondition: readable by others or no regular file;
// InvalidArgument: longer than `bytes_max`.
[[nodiscard]] absl::StatusOr<std::string> ReadPrivateFile(const std::string& path,
                                                          size_t bytes_max);

// Writes all of `bytes` to a descriptor; `path` is for the message.
[[nodiscard]] absl::Status WriteAll(int descriptor, std::string_view bytes,
                                    const std::string& path);
// `from`, which is synced, takes the name `to`, durably. What lay at `to` is overwritten with zeros
// where it lay: a journalling or flash file system may still keep the old blocks for a while.
[[nodiscard]] absl::Status ReplaceFile(const std::string& from, const std::string& to);
// What lies in the file is overwritten with zeros where it lies, as by ReplaceFile().
[[nodiscard]] absl::Status OverwriteFile(const std::string& path);
[[nodiscard]] absl::Status SyncDirectory(const std::string& path);

// Turns errno into a Status whose message names `what` and `path`.
[[nodiscard]] absl::Status ErrnoStatus(const std::string& what, const std::string& path);

}  // namespace ladon::vault

#endif  // LADON_SERVER_VAULT_FILES_H_
