// Reads entries of a durable journal; in ascending order each block once.
//
// Threading: one thread at a time. The store must outlive it.
#ifndef LADON_LEDGER_JOURNAL_CURSOR_H_
#define LADON_LEDGER_JOURNAL_CURSOR_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "ledger/journal.h"
#include "ledger/proof/salt.h"
#include "storage/store.h"

namespace ladon::ledger {

class JournalCursor {
 public:
  JournalCursor(const storage::Store* store, const SaltSource* salts)
      : store_(store), salts_(salts) {}

  // Entry `index`, its openings checked against its leaf; `leaf`: its bytes, valid until the next
  // call. NotFound: it is not there. DataLoss: damaged. Others: as the store says.
  [[nodiscard]] absl::StatusOr<Entry> Read(uint64_t index, std::string_view* leaf = nullptr);
  // The first of entries `begin` .. `end` - 1, all there, that was booked at or after `at_ns`;
  // `end`: none. By halving: times grow from entry to entry. Errors as Read().
  [[nodiscard]] absl::StatusOr<uint64_t> FirstAt(uint64_t begin, uint64_t end, uint64_t at_ns);

 private:
  absl::Status Seek(uint64_t index);

  const storage::Store* store_;
  const SaltSource* salts_;
  std::string key_;
  std::string value_;  // The block that is read.
  std::optional<BlockReader> block_;
  uint64_t next_ = 0;  // Of the block's entries.
};

}  // namespace ladon::ledger

#endif  // LADON_LEDGER_JOURNAL_CURSOR_H_
