#include "server/cmd/root_key_source.h"

#include <string>

namespace ladon {

absl::StatusOr<vault::RootKey> RootKeyOf(const Config& config, const Environment& environment) {
  const std::string& name = config.keys.root_key_credential;
  if (name.empty()) return vault::RootKey::InFile(config.keys.root_key_file);
  const std::string directory = environment("CREDENTIALS_DIRECTORY");
  if (directory.empty()) {
    return absl::FailedPreconditionError(
        "[keys] root_key_credential is " + name +
        ", but this process was given no credentials: start it by systemd with LoadCredential=" +
        name + ":FILE or LoadCredentialEncrypted=" + name +
        ":FILE in its unit (by hand: systemd-run with the same as --property), or set "
        "root_key_file");
  }
  return vault::RootKey::InCredential(directory + "/" + name);
}

}  // namespace ladon
