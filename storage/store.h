// The seam to durable state: an ordered key-value store with atomic, synced batches.
//
// Invariants: a batch is there wholly or not at all; Write() returns OK only after the bytes are
// synced to the device; after a failed Write() nobody knows what reached the disk, so the store
// refuses every further call until it is opened again (DESIGN section 8, principle 8).
// Threading: Get(), NewScan() and size figures from any thread; Write() from one thread at a time
// (the committer's), Load() from one other, Backup() from a third.
// OK from Write() means: survives power loss.
#ifndef LADON_STORAGE_STORE_H_
#define LADON_STORAGE_STORE_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "storage/backup.h"
#include "storage/batch.h"
#include "storage/family.h"

namespace ladon::storage {

// Version of the layout of families and keys. A newer store is refused, older ones open.
inline constexpr uint32_t kStoreFormatVersion = 7;

// Largest value and key a store accepts; a batch is bounded by kBatchBytesMax (batch.h).
inline constexpr size_t kKeyBytesMax = 256;
inline constexpr size_t kValueBytesMax = size_t{8} << 20;

// Anything that answers point reads: the store itself, or a batch laid over it (overlay.h).
class Reader {
 public:
  virtual ~Reader() = default;
  // The value under `key`, or nullopt. DataLoss: the stored bytes are damaged. Unavailable: the
  // store stopped after a failed write.
  [[nodiscard]] virtual absl::StatusOr<std::optional<std::string>> Get(
      Family family, std::string_view key) const = 0;
};

// A forward or backward walk over a consistent snapshot. Not thread safe; must die before its
// store.
class Scan {
 public:
  virtual ~Scan() = default;
  // Positions at the first key >= `key` / the last key <= `key`.
  virtual void Seek(std::string_view key) = 0;
  virtual void SeekForPrev(std::string_view key) = 0;
  virtual void Next() = 0;
  virtual void Prev() = 0;
  [[nodiscard]] virtual bool Valid() const = 0;
  [[nodiscard]] virtual std::string_view key() const = 0;
  [[nodiscard]] virtual std::string_view value() const = 0;
  // DataLoss when the walk ended because of damage and not because of the last key.
  [[nodiscard]] virtual absl::Status status() const = 0;
};

class Store : public Reader {
 public:
  // Applies `batches` together, atomically, and syncs them; no key stands in two of them.
  // InvalidArgument: a key or value is too large; nothing was written. ResourceExhausted: the disk
  // is full. Internal or DataLoss: the write failed otherwise. After any failure but the first the
  // store is stopped for good.
  [[nodiscard]] virtual absl::Status Write(std::span<const Batch* const> batches) = 0;
  [[nodiscard]] absl::Status Write(const Batch& batch) {
    const Batch* const one = &batch;
    return Write({&one, 1});
  }
  // Adds many keys at once, past the log: a fraction of the price of Write() per key. All of them
  // are durable when it returns OK, or none is there. `next` tells the next pair, in ascending
  // order of the keys, each once; false: that was all. Errors as Write(). May run beside Write()
  // and reads, one Load() at a time.
  using NextPair = std::function<bool(std::string_view* key, std::string_view* value)>;
  [[nodiscard]] virtual absl::Status Load(Family family, const NextPair& next) = 0;
  [[nodiscard]] virtual std::unique_ptr<Scan> NewScan(Family family) const = 0;
  // A backup (backup.h) of what is durable when it is called, or later. May run beside everything
  // else, one at a time; takes as long as copying what is new. ResourceExhausted: no room for it.
  // Trouble with a backup does not stop the store.
  [[nodiscard]] virtual absl::StatusOr<BackupSummary> Backup(const BackupRequest& request) = 0;
  // A 128-bit random id given to the store when it was made, as 32 hex digits; outside files name
  // it.
  [[nodiscard]] virtual std::string store_id() const = 0;
};

}  // namespace ladon::storage

#endif  // LADON_STORAGE_STORE_H_
