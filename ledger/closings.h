// Closings in the store: where they stand in the journal, and the rows behind their roots.
//
// Family kClosings:
//   'c', index of the closing leaf (u64)                        -> the ClosingHead (opening.h)
//   'r', tree size (u64), school (16 bytes), chunk (u32)        -> rows (proof/closing.h), at most
//                                                                  kClosingChunkRows, in order
// Rows are written before their closing leaf; a closing that a crash prevented leaves rows behind
// that nothing names.
// Integers are big endian. Threading: pure functions over a store.
#ifndef LADON_LEDGER_CLOSINGS_H_
#define LADON_LEDGER_CLOSINGS_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "ledger/proof/closing.h"
#include "storage/overlay.h"
#include "storage/store.h"

namespace ladon::ledger {

inline constexpr size_t kClosingChunkRows = 4'096;

struct BookedClosing {
  uint64_t index = 0;  // Of its leaf.
  ClosingHead head;
};

void PutClosing(const BookedClosing& closing, storage::Overlay* overlay);
// All of them, oldest first. DataLoss: damaged. Others: as the store says.
[[nodiscard]] absl::StatusOr<std::vector<BookedClosing>> ListClosings(const storage::Store& store);

// The keys and values that hold `rows`, which are sorted.
[[nodiscard]] std::vector<std::pair<std::string, std::string>> EncodeClosingRows(
    uint64_t tree_size, std::span<const ClosingRow> rows);
// All rows of a closing. DataLoss: they do not have its root.
[[nodiscard]] absl::StatusOr<std::vector<ClosingRow>> ReadClosingRows(const storage::Store& store,
                                                                      const ClosingKey& key,
                                                                      const ClosingHead& head);

}  // namespace ladon::ledger

#endif  // LADON_LEDGER_CLOSINGS_H_
