// The root key file: 32 random bytes as 64 hex digits under one header line, mode 0400.
//
//   ladon root key 1
//   <64 hex digits>
//
// Whoever holds this file can open everything in the vault; losing it loses every template and
// name (the ledger stays readable). Threading: any thread.
#ifndef LADON_SERVER_BASE_KEY_FILE_H_
#define LADON_SERVER_BASE_KEY_FILE_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/base/secret.h"

namespace ladon::base {

// Creates `path` with a fresh key, mode 0400, synced. AlreadyExists: never overwrites.
[[nodiscard]] absl::Status CreateRootKeyFile(const std::string& path);
// The same with a key that there is already: one that was put together from its shares.
[[nodiscard]] absl::Status WriteRootKeyFile(const std::string& path, const SecretKey& key);

// NotFound, FailedPrecondition (not a regular file, readable by group or others), InvalidArgument
// (truncated, damaged, a newer format): each says what to do.
[[nodiscard]] absl::StatusOr<SecretKey> ReadRootKeyFile(const std::string& path);
// The same of a file that systemd made as a credential. From version 254 on it stays root's, the
// service reads it by an access list, and the list's mask shows as mode 0440: that is no opening.
[[nodiscard]] absl::StatusOr<SecretKey> ReadRootKeyCredential(const std::string& path);

}  // namespace ladon::base

#endif  // LADON_SERVER_BASE_KEY_FILE_H_
