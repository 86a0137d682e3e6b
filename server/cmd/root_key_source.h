// Where the root key comes from: the file of [keys] root_key_file, or the credential of that name
// in the directory that systemd gives the service (systemd.exec(5), LoadCredential=).
//
// Both are read at each use (vault/root_key.h), so a credential must stay there while the service
// runs; systemd takes it away when it stops. Threading: the main thread.
#ifndef LADON_SERVER_CMD_ROOT_KEY_SOURCE_H_
#define LADON_SERVER_CMD_ROOT_KEY_SOURCE_H_

#include "absl/status/statusor.h"
#include "server/cmd/config.h"
#include "server/cmd/environment.h"
#include "server/vault/root_key.h"

namespace ladon {

// FailedPrecondition: the configuration names a credential, and nobody gave this process any.
[[nodiscard]] absl::StatusOr<vault::RootKey> RootKeyOf(
    const Config& config, const Environment& environment = EnvironmentOfProcess);

}  // namespace ladon

#endif  // LADON_SERVER_CMD_ROOT_KEY_SOURCE_H_
