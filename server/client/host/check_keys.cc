#include <string>

#include "server/base/key_file.h"
#include "server/client/host/checks.h"
#include "server/client/host/places.h"

namespace ladon::host {
namespace {

void CheckRootKey(const ServerConfig& config, Findings* findings) {
  const std::string path = config.RootKeyFile();
  if (!StatOf(path)) {
    // Sealed to the machine's TPM in its place: systemd opens it, we cannot.
    if (StatOf(path + ".sealed")) return;
    return findings->Error("root_key_missing", {path});
  }
  if (IsOpenToOthers(path)) return findings->Error("root_key_open", {path, ModeOf(path)});
  const auto key = base::ReadRootKeyFile(path);
  if (absl::IsInvalidArgument(key.status())) findings->Error("root_key_bad", {path});
}

void CheckStandby(const ServerConfig& config, Findings* findings) {
  const std::string standby = config("keys", "standby");
  if (standby.empty()) return findings->Warning("standby_none");
  if (!IsDirectory(standby)) return findings->Error("standby_missing", {standby});
  if (IsOpenToOthers(standby)) findings->Error("standby_open", {standby, ModeOf(standby)});
  if (OnOneDisk(standby, config("keys", "directory"))) {
    findings->Warning("standby_same_disk", {standby});
  }
}

}  // namespace

void CheckKeys(const ServerConfig& config, Findings* findings) {
  CheckRootKey(config, findings);
  const std::string keys = config("keys", "directory");
  const bool has_store = IsDirectory(config("store", "path"));
  if (!IsDirectory(keys)) {
    // Both are made at the first start.
    if (has_store) findings->Error("keys_missing", {keys});
  } else {
    if (IsOpenToOthers(keys)) findings->Error("keys_open", {keys, ModeOf(keys)});
    if (has_store && OwnerOf(keys) != OwnerOf(config("store", "path"))) {
      findings->Error("keys_owner", {keys, OwnerOf(keys), OwnerOf(config("store", "path"))});
    }
  }
  CheckStandby(config, findings);
}

}  // namespace ladon::host
