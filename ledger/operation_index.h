// Which journal entry an operation, or a used token, made: in memory for the newest, in the store
// for the rest.
//
// A key of its own in the store for every operation is what would bound the ledger's speed. So new
// ones are kept in memory and written behind, in sorted runs of kRunOperations, by a thread of its
// own. A run goes to the store only when the entries that it tells of are durable; after a crash
// the journal tells them again from done() on.
//
// Threading: Add(), MayKnow(), CloseGroup() from the committer's thread; Find() and done() from
// any; SetDurable() from any, with growing numbers.
#ifndef LADON_LEDGER_OPERATION_INDEX_H_
#define LADON_LEDGER_OPERATION_INDEX_H_

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "ledger/arrival_map.h"
#include "ledger/proof/ids.h"
#include "ledger/seen_filter.h"
#include "storage/store.h"

namespace ladon::ledger {

// A run is closed by the group that fills it, and has room for what that group brings beyond.
inline constexpr size_t kRunOperations = 260'000;
inline constexpr size_t kRunRoom = size_t{1} << 18;
// More than these waiting to be written hold the committer up.
inline constexpr size_t kWaitingOperationsMax = 4 * kRunOperations;

class OperationIndex {
 public:
  // `store` must outlive the index. `on_error` is told, once, that a run could not be written; the
  // store has stopped then.
  OperationIndex(storage::Store* store, std::function<void(const absl::Status&)> on_error);
  ~OperationIndex();
  OperationIndex(const OperationIndex&) = delete;
  OperationIndex& operator=(const OperationIndex&) = delete;

  // Learns what the store has; everything below `done` is there. Before all else.
  [[nodiscard]] absl::Status Load(uint64_t done);
  // Begins to write behind.
  void Start();

  // A zero operation or nonce is none.
  void Add(const OperationKey& operation, const Nonce& nonce, uint64_t index);
  // All entries below `next_index` were added.
  void CloseGroup(uint64_t next_index);
  void SetDurable(uint64_t size);
  // Every operation of an entry below this is in the store.
  [[nodiscard]] uint64_t done() const;

  // A hint: MayKnow() and Add() of it come soon. For the committer only.
  void Prefetch(const OperationKey& operation) const;
  // False: certainly not there. Cheap; for the committer only.
  [[nodiscard]] bool MayKnow(const OperationKey& operation) const;
  [[nodiscard]] bool MayKnow(const Nonce& nonce) const;
  // The entry of an operation or token, durable or not. Errors: as the store says; DataLoss.
  [[nodiscard]] absl::StatusOr<std::optional<uint64_t>> Find(const OperationKey& operation) const;
  [[nodiscard]] absl::StatusOr<std::optional<uint64_t>> Find(const Nonce& nonce) const;
  // The same, of those that are not in the store yet.
  [[nodiscard]] std::optional<uint64_t> FindNew(const OperationKey& operation) const;

 private:
  struct Run {
    ArrivalMap<OperationKey> operations;
    ArrivalMap<Nonce> nonces;
    uint64_t end = 0;  // All of entries below this.
    [[nodiscard]] size_t size() const { return operations.size() + nonces.size(); }
    void Clear() {
      operations.Clear();
      nonces.Clear();
    }
  };
  static std::unique_ptr<Run> NewRun();

  void WriteBehind();
  absl::Status WriteRun(const Run& run);

  storage::Store* const store_;
  const std::function<void(const absl::Status&)> on_error_;
  SeenFilter filter_;  // The committer's.

  // Guards what stands up to the blank line.
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::unique_ptr<Run> current_ = NewRun();
  std::unique_ptr<Run> closed_;            // Being written; null: nothing is.
  std::unique_ptr<Run> spare_ = NewRun();  // Written and emptied; null: in use.
  uint64_t durable_ = 0;
  uint64_t done_ = 0;
  bool stopping_ = false;
  bool failed_ = false;

  std::thread writer_;
};

}  // namespace ladon::ledger

#endif  // LADON_LEDGER_OPERATION_INDEX_H_
