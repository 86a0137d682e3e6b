#include <sys/stat.h>

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <system_error>
#include <utility>

#include "server/client/host/checks.h"
#include "server/client/host/places.h"

namespace ladon::host {
namespace {

constexpr mode_t kWritableByOthers = 0022;
constexpr int kFreePercentError = 5;
constexpr int kFreePercentWarning = 15;
constexpr std::chrono::hours kBackupAgeMax{50};  // A daily one, and one that was missed.

void CheckStore(const ServerConfig& config, Findings* findings) {
  const std::string store = config("store", "path");
  if (!IsDirectory(store)) {
    if (!config.IsOn("store", "create")) findings->Error("store_missing", {store});
    return;
  }
  if (config.IsOn("store", "create")) findings->Warning("store_create_left", {store});
  if (IsOpenToOthers(store)) findings->Error("store_open", {store, ModeOf(store)});
}

// The newest change in the directory of backups: each one renames something there.
std::optional<std::chrono::sys_seconds> NewestIn(const std::string& directory) {
  std::optional<std::chrono::sys_seconds> newest;
  std::error_code error;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(directory, error)) {
    if (const auto found = StatOf(entry.path().string()); found && S_ISREG(found->st_mode)) {
      const std::chrono::sys_seconds made{std::chrono::seconds{found->st_mtim.tv_sec}};
      if (!newest || made > *newest) newest = made;
    }
  }
  return newest;
}

void CheckBackups(const ServerConfig& config, std::chrono::sys_seconds now, Findings* findings) {
  const std::string directory = config("backup", "directory");
  if (directory.empty()) return findings->Warning("backup_off");
  if (!IsDirectory(directory)) return findings->Error("backup_missing", {directory});
  if (IsOpenToOthers(directory)) findings->Error("backup_open", {directory, ModeOf(directory)});
  if (OnOneDisk(directory, config("store", "path"))) {
    findings->Warning("backup_same_disk", {directory});
  }
  const auto newest = NewestIn(directory);
  if (!newest) return findings->Warning("backup_none", {directory});
  if (now - *newest > kBackupAgeMax) {
    const auto days = std::chrono::floor<std::chrono::days>(now - *newest).count();
    findings->Warning("backup_old", {directory, std::to_string(days)});
  }
}

void CheckRoom(const std::string& path, Findings* findings) {
  if (!IsDirectory(path)) return;
  const int free = FreePercent(path);
  if (free < kFreePercentError) {
    findings->Error("disk_full", {path, std::to_string(free)});
  } else if (free < kFreePercentWarning) {
    findings->Warning("disk_filling", {path, std::to_string(free)});
  }
}

}  // namespace

void CheckConfigFile(const std::string& path, Findings* findings) {
  const auto found = StatOf(path);
  if (found && (found->st_mode & kWritableByOthers) != 0) {
    findings->Error("config_writable", {path, ModeOf(path)});
  }
}

void CheckPlaces(const ServerConfig& config, std::chrono::sys_seconds now, Findings* findings) {
  CheckStore(config, findings);
  CheckBackups(config, now, findings);
  if (const std::string copy = config("audit", "checkpoint_copy"); copy.empty()) {
    findings->Warning("audit_copy_none");
  } else if (!IsDirectory(copy)) {
    findings->Error("audit_copy_missing", {copy});
  }
  if (const std::string archive = config("audit", "archive");
      !archive.empty() && !IsDirectory(archive)) {
    findings->Error("archive_missing", {archive});
  }
  for (const auto& [file, id] : {std::pair(config("matcher", "calibration"), "calibration_missing"),
                                 std::pair(config("ledger", "calendar"), "calendar_missing")}) {
    if (!file.empty() && !StatOf(file)) {
      findings->Error(id, {file});
    }
  }
  CheckRoom(config("store", "path"), findings);
  if (!OnOneDisk(config("backup", "directory"), config("store", "path"))) {
    CheckRoom(config("backup", "directory"), findings);
  }
}

void CheckChoices(const ServerConfig& config, Findings* findings) {
  if (config.IsOn("server", "reflection")) findings->Warning("reflection_on");
  if (config("log", "level") == "debug") findings->Warning("log_debug");
  if (config("ledger", "calendar").empty()) findings->Warning("calendar_none");
  if (!config.IsOn("access", "grants_required")) findings->Note("grants_off");
  if (config("metrics", "listen").empty()) findings->Note("metrics_off");
  if (config("matcher", "palm_misses_burst") == "0") findings->Warning("throttle_off");
  if (config("access", "denied_burst") == "0") findings->Warning("denials_unlimited");
}

}  // namespace ladon::host
