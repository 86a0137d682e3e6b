#include "storage/free_space.h"

#include <fcntl.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

#include "absl/strings/str_cat.h"

namespace ladon::storage {
namespace {

constexpr size_t kTrialBytes = size_t{64} * 1024;

absl::Status NoRoom(const std::string& path) {
  return absl::ResourceExhaustedError(
      absl::StrCat("store: the disk of ", path, " is full: less than ", kFreeBytesMin >> 20,
                   " MiB of space are left, which the store keeps for itself"));
}

}  // namespace

uint64_t FreeBytes(const std::string& path) {
  struct statvfs room {};
  return statvfs(path.c_str(), &room) == 0 ? uint64_t{room.f_bavail} * room.f_frsize : 0;
}

absl::Status CheckFreeSpace(const std::string& path) {
  struct statvfs room {};
  if (statvfs(path.c_str(), &room) != 0) {
    return absl::InternalError(absl::StrCat("store: cannot look at the disk of ", path, ": ",
                                            std::generic_category().message(errno)));
  }
  return room.f_bavail * room.f_frsize < kFreeBytesMin ? NoRoom(path) : absl::OkStatus();
}

absl::Status TryToWrite(const std::string& path) {
  if (absl::Status room = CheckFreeSpace(path); !room.ok()) {
    return room;
  }
  // Without a name, so that a crash leaves nothing behind.
  const int file = open(path.c_str(), O_TMPFILE | O_WRONLY | O_CLOEXEC, 0600);
  if (file < 0 && (errno == EOPNOTSUPP || errno == EISDIR)) {
    return absl::OkStatus();  // A file system without nameless files: the first write will tell.
  }
  if (file < 0) {
    return absl::ResourceExhaustedError(absl::StrCat("store: cannot make a file in ", path, ": ",
                                                     std::generic_category().message(errno)));
  }
  const std::string bytes(kTrialBytes, '\0');
  const ssize_t written = write(file, bytes.data(), bytes.size());
  const bool whole = written == static_cast<ssize_t>(bytes.size()) && fsync(file) == 0;
  close(file);
  if (!whole) {
    return absl::ResourceExhaustedError(absl::StrCat("store: cannot write to ", path,
                                                     ": the disk is full, or a limit on the size "
                                                     "of files is in the way"));
  }
  return absl::OkStatus();
}

}  // namespace ladon::storage
