#include "ledger/replaced_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <system_error>

#include "absl/strings/str_cat.h"

namespace ladon::ledger {
namespace {

constexpr mode_t kOwnerOnly = 0600;

absl::Status ErrnoError(const char* what, const std::string& path) {
  const int error = errno;
  const std::string text =
      absl::StrCat(what, " ", path, ": ", std::generic_category().message(error));
  return error == ENOENT ? absl::NotFoundError(text) : absl::InternalError(text);
}

// Owns a descriptor.
class File {
 public:
  File(const std::string& path, int flags, mode_t mode = 0)
      : descriptor_(::open(path.c_str(), flags | O_CLOEXEC, mode)) {}
  ~File() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  [[nodiscard]] bool ok() const { return descriptor_ >= 0; }
  [[nodiscard]] int get() const { return descriptor_; }

 private:
  const int descriptor_;
};

absl::Status WriteAll(const File& file, std::string_view bytes, const std::string& path) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(file.get(), bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return ErrnoError("writing", path);
    bytes.remove_prefix(static_cast<size_t>(written));
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status ReplaceSyncedFile(const std::string& path, std::string_view bytes) {
  const std::string beside = path + ".new";
  {
    const File file(beside, O_WRONLY | O_CREAT | O_TRUNC, kOwnerOnly);
    if (!file.ok()) return ErrnoError("creating", beside);
    if (absl::Status written = WriteAll(file, bytes, beside); !written.ok()) return written;
    if (::fsync(file.get()) != 0) return ErrnoError("syncing", beside);
  }
  if (std::rename(beside.c_str(), path.c_str()) != 0) return ErrnoError("renaming to", path);
  const std::string folder = std::filesystem::path(path).parent_path().string();
  const File directory(folder.empty() ? "." : folder, O_RDONLY | O_DIRECTORY);
  if (!directory.ok()) return ErrnoError("opening", folder);
  if (::fsync(directory.get()) != 0) return ErrnoError("syncing", folder);
  return absl::OkStatus();
}

absl::StatusOr<std::string> ReadSmallFile(const std::string& path, size_t bytes_max) {
  const File file(path, O_RDONLY);
  if (!file.ok()) return ErrnoError("opening", path);
  std::string bytes(bytes_max + 1, '\0');
  size_t size = 0;
  while (size < bytes.size()) {
    const ssize_t got = ::read(file.get(), bytes.data() + size, bytes.size() - size);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return ErrnoError("reading", path);
    if (got == 0) break;
    size += static_cast<size_t>(got);
  }
  if (size > bytes_max) {
    return absl::InvalidArgumentError(absl::StrCat(path, ": more than ", bytes_max, " bytes"));
  }
  bytes.resize(size);
  return bytes;
}

}  // namespace ladon::ledger
