#include "server/base/key_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string_view>
#include <system_error>

#include "absl/strings/str_cat.h"
#include "server/base/descriptor.h"

namespace ladon::base {
namespace {

constexpr std::string_view kHeadStem = "ladon root key ";
constexpr std::string_view kHead = "ladon root key 1\n";
constexpr size_t kFileBytes = kHead.size() + 2 * kSecretKeyBytes + 1;

std::string Reason(int error) {
  return std::generic_category().message(error);
}

bool WriteAll(int fd, const char* bytes, size_t size) {
  while (size > 0) {
    const ssize_t n = write(fd, bytes, size);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return false;
    bytes += n;
    size -= static_cast<size_t>(n);
  }
  return true;
}

// A synced file whose name is not synced may vanish with the power.
bool SyncDirectoryOf(const std::string& path) {
  const std::filesystem::path parent = std::filesystem::path(path).parent_path();
  const std::string directory = parent.empty() ? std::string(".") : parent.string();
  const Descriptor fd(open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  return fd.get() >= 0 && fsync(fd.get()) == 0;
}

void EncodeKey(const SecretKey& key, std::span<char, kFileBytes> out) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  size_t at = kHead.copy(out.data(), kHead.size());
  for (const uint8_t byte : key.RevealForCrypto()) {
    out[at++] = kDigits[byte >> 4];
    out[at++] = kDigits[byte & 15];
  }
  out[at] = '\n';
}

enum class KeyFileKind : uint8_t { kFile, kCredential };

absl::Status NoKeyAt(const std::string& path, KeyFileKind kind) {
  return absl::NotFoundError(absl::StrCat(
      path, kind == KeyFileKind::kFile
                ? absl::StrCat(": no root key here; make one with: ladonctl keys init ", path)
                : ": systemd gave no credential of this name; the unit names it in LoadCredential= "
                  "or LoadCredentialEncrypted="));
}

absl::Status CheckMode(int fd, KeyFileKind kind, const std::string& path) {
  struct stat info {};
  if (fstat(fd, &info) != 0) {
    return absl::FailedPreconditionError(absl::StrCat(path, ": ", Reason(errno)));
  }
  if (!S_ISREG(info.st_mode)) {
    return absl::FailedPreconditionError(
        absl::StrCat(path, ": the root key must be a regular file"));
  }
  const bool by_access_list =
      kind == KeyFileKind::kCredential && info.st_uid == 0 && info.st_gid == 0;
  if ((info.st_mode & (by_access_list ? 037 : 077)) != 0) {
    return absl::FailedPreconditionError(
        absl::StrCat(path, ": the root key is open to group or others; run: chmod 0400 ", path));
  }
  if (info.st_uid != geteuid() && info.st_uid != 0) {
    return absl::FailedPreconditionError(absl::StrCat(
        path, ": the root key belongs to another user; chown it to the user of this process"));
  }
  return absl::OkStatus();
}

absl::Status CheckHead(std::string_view text, const std::string& path) {
  if (text.substr(0, kHeadStem.size()) != kHeadStem) {
    return absl::InvalidArgumentError(absl::StrCat(
        path, ": not a root key file; restore it from its backup, never make a new one over it"));
  }
  if (text.substr(0, kHead.size()) != kHead) {
    return absl::InvalidArgumentError(absl::StrCat(
        path, ": the root key file has another format version than 1; use the version of Ladon ",
        "that wrote it, or a newer one"));
  }
  if (text.size() != kFileBytes || text.back() != '\n') {
    return absl::InvalidArgumentError(absl::StrCat(
        path, ": the root key file is truncated or has grown; restore it from its backup"));
  }
  return absl::OkStatus();
}

int HexValue(char digit) {
  if (digit >= '0' && digit <= '9') return digit - '0';
  if (digit >= 'a' && digit <= 'f') return digit - 'a' + 10;
  return -1;
}

absl::StatusOr<SecretKey> DecodeKey(std::string_view text, const std::string& path) {
  if (absl::Status s = CheckHead(text, path); !s.ok()) return s;
  const std::string_view hex = text.substr(kHead.size(), 2 * kSecretKeyBytes);
  std::array<uint8_t, kSecretKeyBytes> raw{};
  bool good = true;
  for (size_t i = 0; i < raw.size(); ++i) {
    const int high = HexValue(hex[2 * i]);
    const int low = HexValue(hex[2 * i + 1]);
    good = good && high >= 0 && low >= 0;
    raw[i] = static_cast<uint8_t>((high & 15) << 4 | (low & 15));
  }
  if (!good) {
    Wipe(raw.data(), raw.size());
    return absl::InvalidArgumentError(
        absl::StrCat(path, ": the root key file is damaged; restore it from its backup"));
  }
  SecretKey key{std::span<const uint8_t, kSecretKeyBytes>(raw)};
  Wipe(raw.data(), raw.size());
  return key;
}

absl::StatusOr<SecretKey> ReadKey(const std::string& path, KeyFileKind kind) {
  // O_NONBLOCK: a pipe laid in the way must not hang the start.
  const Descriptor fd(open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  if (fd.get() < 0) {
    if (errno == ENOENT) return NoKeyAt(path, kind);
    if (errno == ELOOP) {
      return absl::FailedPreconditionError(
          absl::StrCat(path, ": the root key must not be a symbolic link"));
    }
    return absl::FailedPreconditionError(absl::StrCat(path, ": ", Reason(errno)));
  }
  if (absl::Status s = CheckMode(fd.get(), kind, path); !s.ok()) return s;

  std::array<char, kFileBytes + 1> text{};  // One more, to see that the file ends.
  size_t size = 0;
  while (size < text.size()) {
    const ssize_t n = read(fd.get(), text.data() + size, text.size() - size);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) {
      const int error = errno;
      Wipe(text.data(), text.size());
      return absl::FailedPreconditionError(absl::StrCat(path, ": ", Reason(error)));
    }
    if (n == 0) break;
    size += static_cast<size_t>(n);
  }
  absl::StatusOr<SecretKey> key = DecodeKey(std::string_view(text.data(), size), path);
  Wipe(text.data(), text.size());
  return key;
}

}  // namespace

absl::Status CreateRootKeyFile(const std::string& path) {
  return WriteRootKeyFile(path, SecretKey::Random());
}

absl::Status WriteRootKeyFile(const std::string& path, const SecretKey& key) {
  const Descriptor fd(
      open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0400));
  if (fd.get() < 0) {
    if (errno == EEXIST) {
      return absl::AlreadyExistsError(
          absl::StrCat(path, ": exists already; a root key is never overwritten"));
    }
    return absl::FailedPreconditionError(absl::StrCat(path, ": ", Reason(errno)));
  }
  std::array<char, kFileBytes> text{};
  EncodeKey(key, text);
  const bool written = fchmod(fd.get(), 0400) == 0 &&
                       WriteAll(fd.get(), text.data(), text.size()) && fsync(fd.get()) == 0 &&
                       SyncDirectoryOf(path);
  const int error = errno;
  Wipe(text.data(), text.size());
  if (!written) {
    unlink(path.c_str());  // Half a key is worse than none.
    return absl::FailedPreconditionError(absl::StrCat(path, ": ", Reason(error)));
  }
  return absl::OkStatus();
}

absl::StatusOr<SecretKey> ReadRootKeyFile(const std::string& path) {
  return ReadKey(path, KeyFileKind::kFile);
}

absl::StatusOr<SecretKey> ReadRootKeyCredential(const std::string& path) {
  return ReadKey(path, KeyFileKind::kCredential);
}

}  // namespace ladon::base
