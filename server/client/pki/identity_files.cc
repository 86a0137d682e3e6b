#include "server/client/pki/identity_files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <system_error>

#include "absl/strings/str_cat.h"
#include "server/base/descriptor.h"
#include "server/base/secret.h"

namespace ladon::pki {
namespace {

using base::Descriptor;

absl::Status Trouble(const std::string& path, int error) {
  return absl::FailedPreconditionError(
      absl::StrCat(path, ": ", std::generic_category().message(error)));
}

bool WriteAll(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t n = write(fd, bytes.data(), bytes.size());
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return false;
    bytes.remove_prefix(static_cast<size_t>(n));
  }
  return true;
}

}  // namespace

absl::Status MakePrivateDirectory(const std::string& path) {
  const std::filesystem::path parent = std::filesystem::path(path).parent_path();
  std::error_code error;
  if (!parent.empty()) std::filesystem::create_directories(parent, error);
  if (error) return Trouble(parent.string(), error.value());
  if (mkdir(path.c_str(), 0700) == 0) return absl::OkStatus();
  if (errno != EEXIST) return Trouble(path, errno);
  struct stat info {};
  if (stat(path.c_str(), &info) != 0) return Trouble(path, errno);
  if (!S_ISDIR(info.st_mode)) return Trouble(path, ENOTDIR);
  if ((info.st_mode & 077) != 0) {
    return absl::FailedPreconditionError(
        absl::StrCat(path, ": private keys go here but the directory is open to group or others; ",
                     "run: chmod 0700 ", path));
  }
  return absl::OkStatus();
}

absl::Status WriteNewFile(const std::string& path, std::string_view bytes, mode_t mode) {
  const Descriptor file(
      open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode));
  if (file.get() < 0 && errno == EEXIST) {
    return absl::AlreadyExistsError(absl::StrCat(path, ": exists already, nothing is overwritten"));
  }
  if (file.get() < 0) return Trouble(path, errno);
  if (fchmod(file.get(), mode) != 0 || !WriteAll(file.get(), bytes) || fsync(file.get()) != 0) {
    const int error = errno;
    unlink(path.c_str());
    return Trouble(path, error);
  }
  return absl::OkStatus();
}

absl::Status ReplaceFile(const std::string& path, std::string_view bytes, mode_t mode) {
  const std::string temporary = path + ".new";
  unlink(temporary.c_str());  // Of one that was killed half-way.
  if (absl::Status s = WriteNewFile(temporary, bytes, mode); !s.ok()) return s;
  if (rename(temporary.c_str(), path.c_str()) != 0) {
    const int error = errno;
    unlink(temporary.c_str());
    return Trouble(path, error);
  }
  const std::string parent = std::filesystem::path(path).parent_path().string();
  const Descriptor directory(
      open(parent.empty() ? "." : parent.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (directory.get() < 0 || fsync(directory.get()) != 0) return Trouble(path, errno);
  return absl::OkStatus();
}

absl::StatusOr<std::string> ReadSmallFile(const std::string& path, size_t bytes_max) {
  const Descriptor file(open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
  if (file.get() < 0 && errno == ENOENT) {
    return absl::NotFoundError(absl::StrCat(path, ": no such file"));
  }
  if (file.get() < 0) return Trouble(path, errno);
  std::string text;
  size_t size = 0;
  while (size <= bytes_max) {
    // A key fits into the first piece: growing would leave it behind in memory.
    if (size == text.size()) text.resize(std::min(bytes_max + 1, size + kPemBytesMax + 1));
    const ssize_t n = read(file.get(), text.data() + size, text.size() - size);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return Trouble(path, errno);
    if (n == 0) break;
    size += static_cast<size_t>(n);
  }
  if (size > bytes_max) {
    base::Wipe(text.data(), text.size());
    return absl::FailedPreconditionError(absl::StrCat(path, ": larger than ", bytes_max, " bytes"));
  }
  text.resize(size);
  return text;
}

bool FileExists(const std::string& path) {
  struct stat info {};
  return lstat(path.c_str(), &info) == 0;
}

}  // namespace ladon::pki
