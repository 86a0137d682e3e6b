// The root key: seals the epoch key and nothing else.
//
// It is fetched for each use and wiped after it, so that it stays in memory for the blink of a
// start and of a rotation only. Nothing else of the program sees its bytes: a PKCS#11 token, which
// seals without giving its key away, can stand in this class's place.
// Threading: const, any thread; the source must be too.
#ifndef LADON_SERVER_VAULT_ROOT_KEY_H_
#define LADON_SERVER_VAULT_ROOT_KEY_H_

#include <functional>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/statusor.h"
#include "server/base/secret.h"

namespace ladon::vault {

class RootKey {
 public:
  using Source = std::function<absl::StatusOr<base::SecretKey>()>;

  explicit RootKey(Source source) : source_(std::move(source)) {}
  // The root key file at `path` (base/key_file.h), read at each use.
  [[nodiscard]] static RootKey InFile(const std::string& path);
  // The same as a systemd credential: such a file, in memory that is never swapped.
  [[nodiscard]] static RootKey InCredential(const std::string& path);

  // Nonce, ciphertext and tag of `key`. The source's error.
  [[nodiscard]] absl::StatusOr<std::string> Seal(std::string_view additional,
                                                 const base::SecretKey& key) const;
  // DataLoss: not sealed by this root key, or damaged. Otherwise the source's error.
  [[nodiscard]] absl::StatusOr<base::SecretKey> Open(std::string_view additional,
                                                     std::string_view sealed) const;

 private:
  Source source_;
};

}  // namespace ladon::vault

#endif  // LADON_SERVER_VAULT_ROOT_KEY_H_
