#include "ledger/journal_cursor.h"

#include <utility>

#include "absl/strings/str_cat.h"

namespace ladon::ledger {

using storage::Family;

absl::Status JournalCursor::Seek(uint64_t index) {
  const std::unique_ptr<storage::Scan> scan = store_->NewScan(Family::kJournal);
  scan->SeekForPrev(JournalKey(index));
  if (!scan->status().ok()) return scan->status();
  if (!scan->Valid()) return absl::NotFoundError("journal: no such entry");
  block_.reset();
  key_.assign(scan->key());
  value_.assign(scan->value());
  absl::StatusOr<BlockReader> block = BlockReader::Open(key_, value_);
  if (!block.ok()) return block.status();
  next_ = block->first_index();
  block_ = *std::move(block);
  return absl::OkStatus();
}

absl::StatusOr<Entry> JournalCursor::Read(uint64_t index, std::string_view* leaf) {
  const bool here = block_ && index >= next_ && index < block_->first_index() + block_->count();
  if (!here) {
    if (absl::Status sought = Seek(index); !sought.ok()) return sought;
  }
  if (index >= block_->first_index() + block_->count()) {
    return absl::NotFoundError(absl::StrCat("journal: no entry ", index));
  }
  for (; next_ < index; ++next_) {
    if (absl::Status skipped = block_->Skip(); !skipped.ok()) return skipped;
  }
  absl::StatusOr<Entry> entry = block_->Next(leaf);
  ++next_;
  if (!entry.ok()) {
    block_.reset();
    return entry.status();
  }
  if (absl::Status sealed = CheckSeal(*salts_, *entry); !sealed.ok()) {
    return absl::DataLossError(
        absl::StrCat("journal: entry ", index, ": ", std::string(sealed.message())));
  }
  return entry;
}

absl::StatusOr<uint64_t> JournalCursor::FirstAt(uint64_t begin, uint64_t end, uint64_t at_ns) {
  while (begin < end) {
    const uint64_t middle = begin + (end - begin) / 2;
    const absl::StatusOr<Entry> entry = Read(middle);
    if (!entry.ok()) return entry.status();
    if (entry->leaf.booked_at_ns < at_ns) {
      begin = middle + 1;
    } else {
      end = middle;
    }
  }
  return begin;
}

}  // namespace ladon::ledger
