// Writes an extract (proof/extract.h) piece by piece, from a durable journal.
//
// What it writes depends on nothing but the journal, the request and the checkpoint: one that was
// interrupted goes on from the last position that was told.
// Threading: one thread at a time. The parts of the ledger must outlive it.
#ifndef LADON_LEDGER_EXTRACT_WRITER_H_
#define LADON_LEDGER_EXTRACT_WRITER_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "ledger/closings.h"
#include "ledger/journal_cursor.h"
#include "ledger/proof/extract.h"
#include "ledger/sequencer.h"
#include "ledger/tree.h"

namespace ladon::ledger {

struct ExtractRequest {
  ExtractScope scope = ExtractScope::kJournal;
  std::array<uint8_t, 16> subject{};  // An account or a school.
  // Scope journal: entries first .. last - 1. Otherwise the closings over that many entries, with
  // which it begins (0: from the beginning) and ends.
  uint64_t first = 0;
  uint64_t last = 0;
  std::string checkpoint;        // A signed note,
  uint64_t checkpoint_size = 0;  // over as many entries; the closing leaf is among them.
};

// How far an extract is written; only between two items.
struct ExtractPosition {
  uint8_t part = 0;     // 0 nothing, 1 the tree, 2 the body.
  uint64_t next = 0;    // Of the tree: the next leaf. Of the body: how many entries are shown.
  bool marked = false;  // What stands before the next entry is written.
};

class ExtractWriter {
 public:
  // InvalidArgument: the range is not one of the journal's, or names no closing. NotFound: the
  // closing that it ends with has nothing of the subject. Others: the store, or what lies in it.
  // Looks for all entries of the subject first: 20 to 30 us each.
  [[nodiscard]] static absl::StatusOr<std::unique_ptr<ExtractWriter>> Begin(
      const LedgerView& ledger, ExtractRequest request);

  // InvalidArgument: no such position.
  [[nodiscard]] absl::Status Seek(const ExtractPosition& position);
  // Adds items to `out` until it has `bytes`, or all are written; then done() is true.
  [[nodiscard]] absl::Status Write(size_t bytes, std::string* out);
  [[nodiscard]] const ExtractPosition& position() const { return position_; }
  [[nodiscard]] bool done() const { return position_.part == 2 && position_.next == shown_size(); }
  // Entries that are shown.
  [[nodiscard]] uint64_t shown_size() const {
    return journal() ? request_.last - request_.first : shown_.size();
  }

 private:
  ExtractWriter(const LedgerView& ledger, ExtractRequest request)
      : ledger_(ledger), request_(std::move(request)), cursor_(ledger.store, ledger.salts) {}

  // Numbers of an account up to one of its own: what was used before, and what is the last.
  struct Span {
    uint64_t from = 1;
    uint64_t to = 0;
  };

  [[nodiscard]] bool journal() const { return request_.scope == ExtractScope::kJournal; }
  [[nodiscard]] uint64_t ShownAt(uint64_t i) const {
    return journal() ? request_.first + i : shown_[static_cast<size_t>(i)];
  }
  [[nodiscard]] bool IsSubject(const ClosingRow& row) const;
  absl::Status Prepare();
  absl::StatusOr<BookedClosing> FindClosing(uint64_t tree_size) const;
  absl::Status PrepareSubject();
  absl::Status FindEntries(const AccountId& account, const Span& span, uint64_t last_index_below);
  absl::Status WriteTreeItem(ByteWriter* out);
  absl::Status WriteMarks(uint64_t index, ByteWriter* out);
  absl::Status WriteEntry(uint64_t index, ByteWriter* out);
  absl::StatusOr<Digest> LeafHash(uint64_t index);
  void AddRowsMark(const BookedClosing& closing, const std::vector<ClosingRow>& rows, bool range,
                   ByteWriter* out) const;

  const LedgerView ledger_;
  const ExtractRequest request_;
  std::vector<BookedClosing> closings_;                 // That are shown, oldest first.
  std::vector<uint64_t> shown_;                         // Entries, ascending. Not of a journal.
  absl::flat_hash_map<AccountId, Span, IdHash> spans_;  // Of the subject's accounts.
  std::string opening_rows_;                            // The item of the closing it begins with.
  std::string closing_rows_;
  ExtractPosition position_;

  JournalCursor cursor_;
  std::optional<uint64_t> tile_number_;
  std::vector<Digest> tile_;
};

}  // namespace ladon::ledger

#endif  // LADON_LEDGER_EXTRACT_WRITER_H_
