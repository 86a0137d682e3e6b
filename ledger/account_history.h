// What happened to one account, read from the journal of a durable ledger.
//
// The index has every kIndexedSequences-th sequence number of an account; from such an entry, or
// from the account's last one, each entry tells the one before it (journal.h).
// Threading: const functions from any thread. Errors of all: DataLoss, the stored bytes are
// damaged; others as the store says.
#ifndef LADON_LEDGER_ACCOUNT_HISTORY_H_
#define LADON_LEDGER_ACCOUNT_HISTORY_H_

#include <cstdint>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "ledger/proof/salt.h"
#include "ledger/sequencer.h"
#include "storage/store.h"

namespace ladon::ledger {

class AccountHistory {
 public:
  struct End {
    AccountId account;
    uint64_t last_sequence = 0;
    uint64_t last_index = 0;  // Durable.
  };
  AccountHistory(const storage::Store* store, const SaltSource* salts, const End& end)
      : store_(store), salts_(salts), end_(end) {}

  // The entries from the account's sequence number `from` on, oldest first.
  [[nodiscard]] absl::StatusOr<std::vector<Entry>> Read(uint64_t from, size_t limit) const;
  [[nodiscard]] absl::StatusOr<EntryPage> List(const EntryFilter& filter) const;
  // NotFound: the account was not open then.
  [[nodiscard]] absl::StatusOr<int64_t> BalanceAt(uint64_t time_ns) const;

 private:
  struct Anchor {
    uint64_t sequence = 0;
    uint64_t index = 0;
  };

  // The first known entry at or after sequence number `sequence`.
  absl::StatusOr<Anchor> AnchorAt(uint64_t sequence) const;
  // The entries that have the account's sequence numbers `from` to that of the anchor, oldest
  // first.
  absl::StatusOr<std::vector<Entry>> WalkBack(const Anchor& anchor, uint64_t from) const;
  absl::StatusOr<Entry> ReadEntry(uint64_t index) const;
  // The smallest and largest sequence number of the account in an entry; {0, 0}: none.
  [[nodiscard]] std::pair<uint64_t, uint64_t> NumbersIn(const Entry& entry) const;
  // A sequence number at or below that of the first entry booked at or after `time_ns`.
  absl::StatusOr<uint64_t> StartBefore(uint64_t time_ns) const;

  const storage::Store* store_;
  const SaltSource* salts_;
  End end_;
};

}  // namespace ladon::ledger

#endif  // LADON_LEDGER_ACCOUNT_HISTORY_H_
