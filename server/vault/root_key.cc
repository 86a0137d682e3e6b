#include "server/vault/root_key.h"

#include "server/base/key_file.h"
#include "server/vault/key_format.h"

namespace ladon::vault {

RootKey RootKey::InFile(const std::string& path) {
  return RootKey([path] { return base::ReadRootKeyFile(path); });
}

RootKey RootKey::InCredential(const std::string& path) {
  return RootKey([path] { return base::ReadRootKeyCredential(path); });
}

absl::StatusOr<std::string> RootKey::Seal(std::string_view additional,
                                          const base::SecretKey& key) const {
  const absl::StatusOr<base::SecretKey> root = source_();
  if (!root.ok()) return root.status();
  return SealKey(*root, additional, key);
}

absl::StatusOr<base::SecretKey> RootKey::Open(std::string_view additional,
                                              std::string_view sealed) const {
  const absl::StatusOr<base::SecretKey> root = source_();
  if (!root.ok()) return root.status();
  absl::StatusOr<base::SecretKey> key = OpenKey(*root, additional, sealed, KeyMemory::kOwn);
  if (!key.ok()) return absl::DataLossError("not sealed by this root key, or damaged");
  return key;
}

}  // namespace ladon::vault
