#include "storage/store_directory.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <string_view>
#include <system_error>

#include "absl/strings/str_cat.h"

namespace ladon::storage {
namespace {

constexpr mode_t kDirectoryMode = 0700;
constexpr mode_t kForeignModeBits = 0077;

std::string ErrnoText(int error) {
  return std::error_code(error, std::generic_category()).message();
}

// The new directory's entry in its parent must survive power loss as well.
absl::Status SyncParent(const std::string& path) {
  std::filesystem::path parent = std::filesystem::path(path).lexically_normal();
  if (!parent.has_filename()) {
    parent = parent.parent_path();
  }
  parent = parent.parent_path();
  const std::string name = parent.empty() ? "." : parent.string();
  const int descriptor = ::open(name.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) {
    return absl::FailedPreconditionError(
        absl::StrCat("store: cannot open ", name, ": ", ErrnoText(errno)));
  }
  const bool synced = ::fsync(descriptor) == 0;
  const int error = errno;
  ::close(descriptor);
  return synced ? absl::OkStatus()
                : absl::InternalError(
                      absl::StrCat("store: cannot sync ", name, ": ", ErrnoText(error)));
}

// Files that RocksDB makes before CURRENT, when it creates a database. A log or a table among them
// is not one: those come after CURRENT.
bool IsLeftOfCreation(std::string_view name) {
  return name == "LOCK" || name == "LOG" || name.starts_with("LOG.old.") || name == "IDENTITY" ||
         name == "MANIFEST-000001" || name.ends_with(".dbtmp");
}

bool IsStoreFile(std::string_view name) {
  return name.ends_with(".sst") || name.ends_with(".log") || name.starts_with("MANIFEST-") ||
         name.starts_with("OPTIONS-");
}

}  // namespace

absl::Status MakeDirectory(const std::string& path) {
  if (::mkdir(path.c_str(), kDirectoryMode) == 0) {
    return SyncParent(path);
  }
  if (errno == EEXIST) {
    return absl::OkStatus();
  }
  return absl::FailedPreconditionError(
      absl::StrCat("store: cannot make ", path, ": ", ErrnoText(errno),
                   "; make its parent directory and let this user write there"));
}

absl::StatusOr<DirectoryState> InspectDirectory(const std::string& path) {
  struct stat info = {};
  if (::stat(path.c_str(), &info) != 0) {
    return absl::NotFoundError(absl::StrCat("store: nothing at ", path, ": ", ErrnoText(errno),
                                            "; check the path, or create a store there first"));
  }
  if (!S_ISDIR(info.st_mode)) {
    return absl::FailedPreconditionError(
        absl::StrCat("store: ", path, " is not a directory; name the directory of the store"));
  }
  if ((info.st_mode & kForeignModeBits) != 0) {
    return absl::FailedPreconditionError(
        absl::StrCat("store: others may read ", path, "; run: chmod 700 ", path));
  }
  std::string store_file;
  std::string foreign_file;
  std::error_code error;
  for (std::filesystem::directory_iterator it(path, error), end; !error && it != end;
       it.increment(error)) {
    const std::string name = it->path().filename().string();
    if (name == "CURRENT") {
      return DirectoryState::kStore;
    }
    if (IsLeftOfCreation(name)) {
      continue;
    }
    (IsStoreFile(name) ? store_file : foreign_file) = name;
  }
  if (error) {
    return absl::FailedPreconditionError(
        absl::StrCat("store: cannot list ", path, ": ", error.message()));
  }
  if (!store_file.empty()) {
    return absl::DataLossError(absl::StrCat("store: ", path, " holds ", store_file,
                                            " but no CURRENT file; restore the store from backup"));
  }
  if (!foreign_file.empty()) {
    return absl::FailedPreconditionError(absl::StrCat("store: ", path, " is not a store: it holds ",
                                                      foreign_file, "; name another directory"));
  }
  return DirectoryState::kEmpty;
}

}  // namespace ladon::storage
