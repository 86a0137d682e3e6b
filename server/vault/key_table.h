// Data keys, wrapped under the epoch key, in files of their own outside the store.
//
// A directory (mode 0700) holds
//   epoch.key      the epoch key, sealed under the root key:
//                  "LDNE" | version u8 | store id 16 | epoch u32 | nonce 24 | sealed key 48
//   wrapped.table  "LDNT" | version u8 | store id 16 | epoch u32, then records of 90 bytes:
//                  kind u8 (1 = key) | owner 16 | purpose u8 | nonce 24 | wrapped key 48
// The additional data of a wrapped key are "ladon/dek/1", epoch, owner and purpose. Neither file
// goes into the store or its backups: destroying a subject's key and rotating the epoch makes every
// remnant of its records unreadable, wherever it lies (DESIGN section 6).
//
// Invariants: a key is synced to the table before Create() returns, so no record is ever sealed
// under a key that a crash could lose. Keys stay wrapped in memory and are opened one at a time.
// A torn last record (a crash while appending) was never used and is cut off at Open(); every other
// damage is refused. Threading: any thread.
#ifndef LADON_SERVER_VAULT_KEY_TABLE_H_
#define LADON_SERVER_VAULT_KEY_TABLE_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/base/secret.h"
#include "server/vault/blob.h"

namespace ladon::vault {

inline constexpr size_t kDataKeysMax = 40'000'000;  // Two for each child of the country.
inline constexpr size_t kWrappedKeyBytes = 90;

struct KeyTableOptions {
  std::string directory;
  std::string store_id;  // 16 bytes: the store these keys belong to.
  bool create = false;   // Make a new table when the directory holds none.
};

class KeyTable {
 public:
  // NotFound: no table and `create` is off. FailedPrecondition: directory or file open to others,
  // or keys of another store. InvalidArgument: truncated, damaged, of a newer version, or sealed
  // under another root key. Each says what to do.
  [[nodiscard]] static absl::StatusOr<std::unique_ptr<KeyTable>> Open(
      const KeyTableOptions& options, const base::SecretKey& root);
  ~KeyTable();
  KeyTable(const KeyTable&) = delete;
  KeyTable& operator=(const KeyTable&) = delete;

  // NotFound: there is no such key (never made, or destroyed).
  [[nodiscard]] absl::StatusOr<base::SecretKey> Find(const KeyName& name) const;
  // The existing key, or a fresh one, durable before it is returned. ResourceExhausted, Internal:
  // the table could not be extended; it then refuses every further Create().
  [[nodiscard]] absl::StatusOr<base::SecretKey> FindOrCreate(const KeyName& name);

  [[nodiscard]] size_t size() const;

 private:
  using Wrapped = std::array<uint8_t, 24 + 48>;  // nonce, then sealed key
  KeyTable(std::string directory, uint32_t epoch, base::SecretKey epoch_key);

  absl::Status Load(const KeyTableOptions& options);
  absl::StatusOr<base::SecretKey> Unwrap(const KeyName& name, const Wrapped& wrapped) const;
  absl::Status Append(const KeyName& name, const Wrapped& wrapped);

  const std::string directory_;
  const uint32_t epoch_;
  const base::SecretKey epoch_key_;
  mutable std::mutex mutex_;
  std::map<KeyName, Wrapped> keys_;
  int file_ = -1;        // wrapped.table, open for appending.
  bool broken_ = false;  // An append failed; what is on disk is not known.
};

}  // namespace ladon::vault

#endif  // LADON_SERVER_VAULT_KEY_TABLE_H_
