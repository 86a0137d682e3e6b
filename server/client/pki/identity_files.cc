#include "server/client/pki/identity_files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <system_error>

#include "absl/strings/str_cat.h"
#include "server/base/secret.h"

namespace ladon::pki {
namespace {

struct FileClose {
  explicit FileClose(int opened) : fd(opened) {}
  ~FileClose() {
    if (fd >= 0) close(fd);
  }
  FileClose(const FileClose&) = delete;
  FileClose& operator=(const FileClose&) = delete;
  int fd;
};

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
  const FileClose file(
      open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode));
  if (file.fd < 0 && errno == EEXIST) {
    return absl::AlreadyExistsError(absl::StrCat(path, ": exists already, nothing is overwritten"));
  }
  if (file.fd < 0) return Trouble(path, errno);
  if (fchmod(file.fd, mode) != 0 || !WriteAll(file.fd, bytes) || fsync(file.fd) != 0) {
    const int error = errno;
    unlink(path.c_str());
    return Trouble(path, error);
  }
  return absl::OkStatus();
}

absl::StatusOr<std::string> ReadSmallFile(const std::string& path) {
  const FileClose file(open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
  if (file.fd < 0 && errno == ENOENT) {
    return absl::NotFoundError(absl::StrCat(path, ": no such file"));
  }
  if (file.fd < 0) return Trouble(path, errno);
  std::string text(kPemBytesMax + 1, '\0');
  size_t size = 0;
  while (size < text.size()) {
    const ssize_t n = read(file.fd, text.data() + size, text.size() - size);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return Trouble(path, errno);
    if (n == 0) break;
    size += static_cast<size_t>(n);
  }
  if (size > kPemBytesMax) {
    base::Wipe(text.data(), text.size());
    return absl::FailedPreconditionError(
        absl::StrCat(path, ": larger than ", kPemBytesMax, " bytes"));
  }
  text.resize(size);
  return text;
}

bool FileExists(const std::string& path) {
  struct stat info {};
  return lstat(path.c_str(), &info) == 0;
}

}  // namespace ladon::pki
