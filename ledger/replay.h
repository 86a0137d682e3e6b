// The ledger's state at start, from the store: pages of accounts that were written behind and the
// journal from there on, or the whole journal.
//
// What is read of the journal is verified: no hole, every commitment opened, every sequence number
// and balance derived again, the root equal after each block, and the head where the store says.
// Threading: one thread; works with a second one of its own.
#ifndef LADON_LEDGER_REPLAY_H_
#define LADON_LEDGER_REPLAY_H_

#include <cstdint>
#include <functional>
#include <memory>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "ledger/operation_index.h"
#include "ledger/proof/salt.h"
#include "ledger/state_machine.h"
#include "ledger/tree.h"
#include "storage/store.h"

namespace ladon::ledger {

struct ReplayOptions {
  storage::Store* store = nullptr;
  const SaltSource* salts = nullptr;
  // Read the whole journal, whatever was written behind.
  bool from_the_beginning = false;
  // Entries of the journal so far, skipped ones included. May be empty.
  std::function<void(uint64_t entries)> on_progress;
};

struct Replayed {
  StateMachine machine;
  std::unique_ptr<Tree> tree;
  std::unique_ptr<OperationIndex> operations;  // Not started.
  uint64_t last_booked_at_ns = 0;
  uint64_t size = 0;            // Entries.
  uint64_t verified_from = 0;   // The entries before were not read again.
  bool pages_complete = false;  // The store's pages have every account,
  uint64_t accounts_done = 0;   // as of this entry or later.
};

// DataLoss, naming the entry: the journal, or what was derived from it, does not verify. Others: as
// the store says. `on_error` is the operation index's.
[[nodiscard]] absl::StatusOr<Replayed> ReplayJournal(
    const ReplayOptions& options, std::function<void(const absl::Status&)> on_error);

// What the origin leaf says: whose journal this is.
[[nodiscard]] Digest OriginContent(const storage::Store& store);

}  // namespace ladon::ledger

#endif  // LADON_LEDGER_REPLAY_H_
