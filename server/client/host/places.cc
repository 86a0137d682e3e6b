#include "server/client/host/places.h"

#include <pwd.h>
#include <sys/statvfs.h>

#include <array>

#include "absl/strings/str_format.h"

namespace ladon::host {
namespace {

constexpr mode_t kPermissions = 07777;
constexpr mode_t kOthers = 0077;
constexpr int kWhole = 100;

}  // namespace

std::optional<struct stat> StatOf(const std::string& path) {
  struct stat found {};
  if (path.empty() || stat(path.c_str(), &found) != 0) return std::nullopt;
  return found;
}

bool IsDirectory(const std::string& path) {
  const auto found = StatOf(path);
  return found && S_ISDIR(found->st_mode);
}

bool IsOpenToOthers(const std::string& path) {
  const auto found = StatOf(path);
  return found && (found->st_mode & kOthers) != 0;
}

std::string ModeOf(const std::string& path) {
  const auto found = StatOf(path);
  return found ? absl::StrFormat("%04o", found->st_mode & kPermissions) : "-";
}

std::string OwnerOf(const std::string& path) {
  const auto found = StatOf(path);
  if (!found) return "-";
  passwd entry{};
  passwd* known = nullptr;
  std::array<char, 4096> room{};
  if (getpwuid_r(found->st_uid, &entry, room.data(), room.size(), &known) == 0 &&
      known != nullptr) {
    return entry.pw_name;
  }
  return std::to_string(found->st_uid);
}

bool OnOneDisk(const std::string& a, const std::string& b) {
  const auto one = StatOf(a);
  const auto other = StatOf(b);
  return one && other && one->st_dev == other->st_dev;
}

int FreePercent(const std::string& path) {
  struct statvfs disk {};
  if (statvfs(path.c_str(), &disk) != 0 || disk.f_blocks == 0) return kWhole;
  return static_cast<int>(disk.f_bavail * kWhole / disk.f_blocks);
}

}  // namespace ladon::host
