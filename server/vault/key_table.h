// Data keys, wrapped under the epoch key, in files of their own outside the store: the directory
// (mode 0700) holds epoch.key and wrapped.table (key_format.h). Neither goes into the store or its
// backups: destroying a subject's key and rotating the epoch makes every remnant of its records
// unreadable, wherever it lies (DESIGN section 6).
//
// Invariants: a key is synced to the table before Create() returns, so no record is ever sealed
// under a key that a crash could lose. Keys stay wrapped in memory and are opened one at a time.
// The table names for ever which keys were destroyed: whoever restores an old backup knows by it
// which records shall not open. A torn last record (a crash while appending) was never used and is
// cut off at Open(); every other damage is refused. Threading: any thread.
#ifndef LADON_SERVER_VAULT_KEY_TABLE_H_
#define LADON_SERVER_VAULT_KEY_TABLE_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <span>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/base/secret.h"
#include "server/vault/key_format.h"
#include "server/vault/root_key.h"

namespace ladon::vault {

struct KeyTableOptions {
  std::string directory;
  std::string store_id;  // 16 bytes: the store these keys belong to.
  bool create = false;   // Make a new table when the directory holds none.
  uint64_t now_ns = 0;   // When a first epoch begins; since 1970-01-01 UTC.
};

struct KeyTableState {
  uint32_t epoch = 0;
  uint64_t begun_at_ns = 0;  // 0: an epoch of an earlier format, whose begin nobody wrote down.
  size_t keys = 0;
  size_t destroyed = 0;         // Names whose key is gone.
  bool rotation_begun = false;  // One was cut short, or runs.
  uint64_t version = 0;         // Grows with every change of the files.
};

class KeyTable {
 public:
  // Finishes what a crash left of a rotation that had reached its end.
  // NotFound: no table and `create` is off. FailedPrecondition: directory or file open to others,
  // or keys of another store. InvalidArgument: truncated, damaged, of a newer version, or sealed
  // under another root key. Each says what to do. Otherwise the root key's error.
  [[nodiscard]] static absl::StatusOr<std::unique_ptr<KeyTable>> Open(
      const KeyTableOptions& options, RootKey root);
  ~KeyTable();
  KeyTable(const KeyTable&) = delete;
  KeyTable& operator=(const KeyTable&) = delete;

  // NotFound: there is no such key (never made, or destroyed).
  [[nodiscard]] absl::StatusOr<base::SecretKey> Find(const KeyName& name) const;
  [[nodiscard]] bool Has(const KeyName& name) const;
  // The existing key, or a fresh one, durable before it is returned; a destroyed one never comes
  // back, its name gets another. ResourceExhausted, Internal: the table could not be extended; it
  // then refuses every further change.
  [[nodiscard]] absl::StatusOr<base::SecretKey> FindOrCreate(const KeyName& name);
  // Durable before it returns; names without a key are passed over. The wrapped keys lie in the
  // file until the next rotation. Errors as FindOrCreate().
  [[nodiscard]] absl::Status Destroy(std::span<const KeyName> names, uint64_t now_ns);
  // The last destruction under this name; nullopt: none.
  [[nodiscard]] std::optional<Destruction> DestructionOf(const KeyName& name) const;
  // Every name of which a key was destroyed.
  [[nodiscard]] std::set<KeyName> Destroyed() const;

  // Begins a new epoch: every key is wrapped anew under a fresh epoch key, and the old one is
  // overwritten. Keys are found, made and destroyed meanwhile. One that was cut short (by a crash,
  // by `go_on`) goes on where it stopped. `go_on` is told how many keys of how many are wrapped;
  // false from it ends the attempt with Cancelled; the time it takes it takes its own. Takes some
  // 10 microseconds a key.
  using GoOn = std::function<bool(size_t done, size_t total)>;
  [[nodiscard]] absl::Status Rotate(uint64_t now_ns, const GoOn& go_on = {});

  // Puts a copy of both files into `directory` (made if need be), in place of the last copy there,
  // which is overwritten. It is a keys directory: Open() reads it. Returns the version copied.
  [[nodiscard]] absl::StatusOr<uint64_t> CopyTo(const std::string& directory) const;

  [[nodiscard]] KeyTableState state() const;
  [[nodiscard]] size_t size() const;

 private:
  using Keys = std::map<KeyName, WrappedKey>;
  using Gone = std::map<KeyName, Destruction>;
  using EpochPtr = std::shared_ptr<const Epoch>;
  struct Next;  // A rotation on its way; key_rotation.cc.

  KeyTable(const KeyTableOptions& options, RootKey root);

  absl::Status FinishRotation();
  absl::StatusOr<Epoch> ReadEpochKey(const std::string& path) const;
  absl::Status Load();
  absl::Status Append(std::string_view records);  // Under change_mutex_ alone.
  absl::Status BeginNext(uint64_t now_ns, Next* next) const;
  absl::Status ReadNext(Next* next) const;
  absl::Status WrapChunk(Next* next, bool* more) const;
  absl::Status CatchUp(Next* next) const;  // Under change_mutex_.
  absl::Status TakeOver(Next* next);
  [[nodiscard]] std::string PathOf(std::string_view file) const;

  const std::string directory_;
  const std::string store_id_;
  const RootKey root_;
  // Taken in this order. Keys are found under the last one, which is never held over a file: who is
  // identified does not wait for who is enrolled, nor for the end of a rotation.
  mutable std::mutex rotation_mutex_;  // One rotation or copy at a time.
  mutable std::mutex change_mutex_;    // One change of the files at a time.
  mutable std::mutex mutex_;           // What is below; changed with both, read with either.
  EpochPtr epoch_;
  Keys keys_;
  Gone gone_;
  int file_ = -1;          // wrapped.table, open for appending.
  size_t file_bytes_ = 0;  // Its length.
  uint64_t version_ = 1;
  bool rotation_begun_ = false;
  bool broken_ = false;  // An append failed; what is on disk is not known.
};

}  // namespace ladon::vault

#endif  // LADON_SERVER_VAULT_KEY_TABLE_H_
