#include "server/vault/files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <system_error>

#include "server/base/descriptor.h"

namespace ladon::vault {
namespace {

using base::Descriptor;

constexpr mode_t kOthersMask = S_IRWXG | S_IRWXO;

}  // namespace

absl::Status SyncDirectory(const std::string& path) {
  const Descriptor dir(open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (dir.get() < 0) return ErrnoStatus("open directory", path);
  if (fsync(dir.get()) != 0) return ErrnoStatus("sync directory", path);
  return absl::OkStatus();
}

absl::Status WriteAll(int fd, std::string_view bytes, const std::string& path) {
  while (!bytes.empty()) {
    const ssize_t written = write(fd, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return ErrnoStatus("write", path);
    bytes.remove_prefix(static_cast<size_t>(written));
  }
  return absl::OkStatus();
}

absl::Status ErrnoStatus(const std::string& what, const std::string& path) {
  const std::string message = what + " " + path + ": " + std::generic_category().message(errno);
  switch (errno) {
    case ENOENT:
      return absl::NotFoundError(message);
    case EEXIST:
      return absl::AlreadyExistsError(message);
    case ENOSPC:
    case EDQUOT:
      return absl::ResourceExhaustedError(message);
    case ELOOP:  // Only with O_NOFOLLOW here: a symbolic link where a file of ours should be.
      return absl::FailedPreconditionError(path + " is not a regular file");
    case EACCES:
    case EPERM:
      return absl::PermissionDeniedError(message);
    default:
      return absl::InternalError(message);
  }
}

absl::Status CheckPrivateDirectory(const std::string& path) {
  struct stat info {};
  if (lstat(path.c_str(), &info) != 0) return ErrnoStatus("look at", path);
  if (!S_ISDIR(info.st_mode)) return absl::FailedPreconditionError(path + " is not a directory");
  if ((info.st_mode & kOthersMask) != 0) {
    return absl::FailedPreconditionError(path + " is open to other users: run chmod 0700 " + path);
  }
  if (info.st_uid != geteuid() && geteuid() != 0) {
    return absl::FailedPreconditionError(path + " belongs to another user: run chown on it");
  }
  return absl::OkStatus();
}

absl::Status MakePrivateDirectory(const std::string& path) {
  if (mkdir(path.c_str(), S_IRWXU) != 0 && errno != EEXIST) return ErrnoStatus("make", path);
  if (absl::Status s = CheckPrivateDirectory(path); !s.ok()) return s;
  const std::string parent = std::filesystem::path(path).lexically_normal().parent_path().string();
  return SyncDirectory(parent.empty() ? "." : parent);
}

absl::Status CreateSyncedFile(const std::string& path, std::string_view bytes) {
  const std::string temporary = path + ".new";
  unlink(temporary.c_str());  // Left by a crash; it was never used.
  {
    const Descriptor file(open(temporary.c_str(),
                               O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW,
                               S_IRUSR | S_IWUSR));
    if (file.get() < 0) return ErrnoStatus("create", temporary);
    if (absl::Status s = WriteAll(file.get(), bytes, temporary); !s.ok()) return s;
    if (fsync(file.get()) != 0) return ErrnoStatus("sync", temporary);
  }
  if (link(temporary.c_str(), path.c_str()) != 0) {  // Unlike rename(), never overwrites.
    absl::Status failed = ErrnoStatus("create", path);
    unlink(temporary.c_str());
    return failed;
  }
  unlink(temporary.c_str());
  return SyncDirectory(std::filesystem::path(path).parent_path().string());
}

namespace {

absl::Status Overwrite(int file, const std::string& path) {
  struct stat info {};
  if (fstat(file, &info) != 0) return ErrnoStatus("look at what was", path);
  const std::string zeros(kSyncBytes, '\0');
  for (auto left = static_cast<size_t>(info.st_size); left > 0;) {
    const size_t now = std::min(left, zeros.size());
    absl::Status s = WriteAll(file, std::string_view(zeros).substr(0, now), path);
    if (!s.ok()) return s;
    if (fdatasync(file) != 0) return ErrnoStatus("overwrite what was", path);
    left -= now;
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status ReplaceFile(const std::string& from, const std::string& to) {
  const Descriptor old(open(to.c_str(), O_WRONLY | O_CLOEXEC | O_NOFOLLOW));
  if (rename(from.c_str(), to.c_str()) != 0) return ErrnoStatus("rename", from);
  absl::Status s = SyncDirectory(std::filesystem::path(to).parent_path().string());
  if (!s.ok() || old.get() < 0) return s;
  return Overwrite(old.get(), to);
}

absl::Status OverwriteFile(const std::string& path) {
  const Descriptor file(open(path.c_str(), O_WRONLY | O_CLOEXEC | O_NOFOLLOW));
  return file.get() < 0 ? ErrnoStatus("open", path) : Overwrite(file.get(), path);
}

absl::StatusOr<std::string> ReadPrivateFile(const std::string& path, size_t bytes_max) {
  // Not blocking: a pipe put there must be refused, not waited for.
  const Descriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
  if (file.get() < 0) return ErrnoStatus("open", path);
  struct stat info {};
  if (fstat(file.get(), &info) != 0) return ErrnoStatus("look at", path);
  if (!S_ISREG(info.st_mode)) return absl::FailedPreconditionError(path + " is not a regular file");
  if ((info.st_mode & kOthersMask) != 0) {
    return absl::FailedPreconditionError(path + " is open to other users: run chmod 0600 " + path);
  }
  if (static_cast<uint64_t>(info.st_size) > bytes_max) {
    return absl::InvalidArgumentError(path + " is longer than " + std::to_string(bytes_max) +
                                      " bytes");
  }
  std::string bytes(static_cast<size_t>(info.st_size), '\0');
  size_t have = 0;
  while (have < bytes.size()) {
    const ssize_t got = read(file.get(), bytes.data() + have, bytes.size() - have);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return ErrnoStatus("read", path);
    if (got == 0) break;
    have += static_cast<size_t>(got);
  }
  bytes.resize(have);
  return bytes;
}

}  // namespace ladon::vault
