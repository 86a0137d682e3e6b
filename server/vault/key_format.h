// The bytes of the two key files; key_table.h says what they are for.
//
//   epoch.key      head "LDNE", then nonce 24 | sealed epoch key 48, under the root key; the
//                  additional data are the head
//   wrapped.table  head "LDNT", then records of 90 bytes:
//                    key   kind 1 | owner 16 | purpose u8 | nonce 24 | wrapped key 48
//                    gone  kind 2 | owner 16 | purpose u8 | epoch u32 | at_ns u64 | zeros 28 | tag
//                    32
//   head           magic 4 | version u8 = 2 | provider u8 | algorithm u8 | store id 16 | epoch u32
//                  and, in epoch.key, | begun_at_ns u64
//
// Provider and algorithm are those of blob.h. Additional data of a wrapped key: "ladon/dek/1",
// epoch, owner, purpose. The tag of a gone record is BLAKE2b-256 keyed with the epoch key over
// "ladon/gone/1", the epoch of the table, and the record up to the zeros. Version 1 had neither
// provider, algorithm nor begun_at_ns in its heads, and no gone records; it is read, never written.
// Threading: pure functions.
#ifndef LADON_SERVER_VAULT_KEY_FORMAT_H_
#define LADON_SERVER_VAULT_KEY_FORMAT_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "server/base/secret.h"
#include "server/vault/blob.h"

namespace ladon::vault {

inline constexpr size_t kDataKeysMax = 40'000'000;  // Two for each child of the country.
inline constexpr size_t kKeyRecordBytes = 90;
inline constexpr size_t kSealedKeyBytes = 24 + 48;
inline constexpr size_t kKeyHeadBytesMax = 35;

enum class KeyFile : uint8_t { kEpochKey, kTable };

struct KeyHead {
  uint8_t version = 2;
  uint32_t epoch = 0;
  uint64_t begun_at_ns = 0;  // Of the epoch; epoch.key only; 0: not known.

  [[nodiscard]] size_t bytes(KeyFile file) const;
};

[[nodiscard]] std::string EncodeHead(KeyFile file, const KeyHead& head, std::string_view store_id);
// InvalidArgument: not such a file, or of a newer version. FailedPrecondition: of another store.
// `path` is for the message.
[[nodiscard]] absl::StatusOr<KeyHead> DecodeHead(KeyFile file, std::string_view bytes,
                                                 std::string_view store_id,
                                                 const std::string& path);

// What lies in the table for one name.
using WrappedKey = std::array<uint8_t, kSealedKeyBytes>;
struct Destruction {
  uint32_t epoch = 0;  // In which it was destroyed.
  uint64_t at_ns = 0;
};

// Where an opened key lives: base/secret.h.
enum class KeyMemory : uint8_t { kOwn, kBrief };

[[nodiscard]] std::string SealKey(const base::SecretKey& with, std::string_view additional,
                                  const base::SecretKey& key);
// InvalidArgument.
[[nodiscard]] absl::StatusOr<base::SecretKey> OpenKey(const base::SecretKey& with,
                                                      std::string_view additional,
                                                      std::string_view sealed, KeyMemory memory);

// An epoch and its key: what wraps.
struct Epoch {
  KeyHead head;
  base::SecretKey key;
};

[[nodiscard]] WrappedKey Wrap(const Epoch& epoch, const KeyName& name, const base::SecretKey& key);
[[nodiscard]] absl::StatusOr<base::SecretKey> Unwrap(const Epoch& epoch, const KeyName& name,
                                                     const WrappedKey& wrapped);

[[nodiscard]] std::string EncodeKeyRecord(const KeyName& name, const WrappedKey& wrapped);
[[nodiscard]] std::string EncodeGoneRecord(const Epoch& epoch, const KeyName& name,
                                           const Destruction& gone);

struct KeyRecord {
  KeyName name;
  bool gone = false;
  WrappedKey wrapped{};     // Unless gone.
  Destruction destruction;  // If gone.
};
// A record that opens under `epoch`. InvalidArgument: it does not.
[[nodiscard]] absl::StatusOr<KeyRecord> DecodeKeyRecord(const Epoch& epoch, std::string_view bytes);

}  // namespace ladon::vault

#endif  // LADON_SERVER_VAULT_KEY_FORMAT_H_
