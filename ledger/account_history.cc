#include "ledger/account_history.h"

#include <algorithm>
#include <optional>
#include <string>

#include "absl/strings/str_cat.h"
#include "ledger/index.h"
#include "ledger/journal.h"

namespace ladon::ledger {
namespace {

using storage::Family;

absl::Status HistoryError(uint64_t index, std::string_view what) {
  return absl::DataLossError(absl::StrCat("ledger index: entry ", index, " ",
                                          absl::string_view(what.data(), what.size())));
}

bool Touches(const Entry& entry, const AccountId& account) {
  return std::any_of(entry.openings.begin(), entry.openings.end(),
                     [&](const Opening& opening) { return SequenceOf(opening).first == account; });
}

bool Passes(const Entry& entry, const EntryFilter& filter) {
  return entry.leaf.booked_at_ns >= filter.from_ns && entry.leaf.booked_at_ns < filter.until_ns &&
         (!filter.kind || entry.leaf.kind == *filter.kind) &&
         (!filter.other || Touches(entry, *filter.other));
}

}  // namespace

absl::StatusOr<Entry> AccountHistory::ReadEntry(uint64_t index) const {
  absl::StatusOr<Entry> entry = ReadJournalEntry(*store_, *salts_, index);
  if (absl::IsNotFound(entry.status())) return HistoryError(index, "is not there");
  return entry;
}

std::pair<uint64_t, uint64_t> AccountHistory::NumbersIn(const Entry& entry) const {
  std::pair<uint64_t, uint64_t> numbers;
  for (const Opening& opening : entry.openings) {
    const auto [account, sequence] = SequenceOf(opening);
    if (sequence == 0 || account != end_.account) continue;
    if (numbers.first == 0) numbers.first = sequence;
    numbers.second = sequence;
  }
  return numbers;
}

absl::StatusOr<AccountHistory::Anchor> AccountHistory::AnchorAt(uint64_t sequence) const {
  const std::unique_ptr<storage::Scan> scan = store_->NewScan(Family::kAccountIndex);
  const std::string first = AccountIndexKey(end_.account, sequence);
  scan->Seek(first);
  if (!scan->status().ok()) return scan->status();
  const std::string_view prefix = std::string_view(first).substr(0, end_.account.bytes.size());
  if (scan->Valid() && scan->key().starts_with(prefix)) {
    ByteReader in(scan->key().substr(prefix.size()));
    Anchor anchor;
    anchor.sequence = in.U64();
    const absl::StatusOr<uint64_t> index = DecodeIndex(scan->value());
    if (!index.ok()) return index.status();
    anchor.index = *index;
    if (!in.AtEnd()) return HistoryError(anchor.index, "is named by a key out of form");
    if (anchor.sequence <= end_.last_sequence) return anchor;
  }
  return Anchor{.sequence = end_.last_sequence, .index = end_.last_index};
}

absl::StatusOr<std::vector<Entry>> AccountHistory::WalkBack(const Anchor& anchor,
                                                            uint64_t from) const {
  std::vector<Entry> entries;
  uint64_t index = anchor.index;
  for (;;) {
    absl::StatusOr<Entry> entry = ReadEntry(index);
    if (!entry.ok()) return entry.status();
    const auto [lowest, highest] = NumbersIn(*entry);
    const bool follows = entries.empty() ? lowest <= anchor.sequence && anchor.sequence <= highest
                                         : highest + 1 == NumbersIn(entries.back()).first;
    if (lowest == 0 || !follows) return HistoryError(index, "is not the one that the index names");
    size_t numbered = 0;
    for (const Opening& opening : entry->openings) {
      const auto [account, sequence] = SequenceOf(opening);
      if (sequence == 0) continue;
      if (account == end_.account && sequence == lowest) break;
      ++numbered;
    }
    const bool tells = numbered < entry->previous.size();
    index = tells ? entry->previous[numbered] : kNoEntry;
    entries.push_back(*std::move(entry));
    if (lowest <= from) break;
    if (!tells) {  // Of an older store, which has every number in its index.
      const absl::StatusOr<Anchor> before = AnchorAt(lowest - 1);
      if (!before.ok()) return before.status();
      index = before->index;
    }
  }
  std::reverse(entries.begin(), entries.end());
  return entries;
}

absl::StatusOr<std::vector<Entry>> AccountHistory::Read(uint64_t from, size_t limit) const {
  std::vector<Entry> entries;
  for (uint64_t next = std::max<uint64_t>(from, 1);
       next <= end_.last_sequence && entries.size() < limit;) {
    const absl::StatusOr<Anchor> anchor = AnchorAt(next);
    if (!anchor.ok()) return anchor.status();
    absl::StatusOr<std::vector<Entry>> chunk = WalkBack(*anchor, next);
    if (!chunk.ok()) return chunk.status();
    for (Entry& entry : *chunk) {
      next = NumbersIn(entry).second + 1;
      if (entries.size() == limit) break;
      entries.push_back(std::move(entry));
    }
  }
  return entries;
}

// Halves the account's sequence numbers until what is left is one step of the index.
absl::StatusOr<uint64_t> AccountHistory::StartBefore(uint64_t time_ns) const {
  uint64_t low = 1;
  uint64_t high = end_.last_sequence;
  while (high - low > kIndexedSequences) {
    const uint64_t middle = low + (high - low) / 2;
    const absl::StatusOr<Anchor> anchor = AnchorAt(middle);
    if (!anchor.ok()) return anchor.status();
    const absl::StatusOr<Entry> entry = ReadEntry(anchor->index);
    if (!entry.ok()) return entry.status();
    if (entry->leaf.booked_at_ns >= time_ns) {
      high = middle;
    } else {
      low = middle;
    }
  }
  return low;
}

absl::StatusOr<EntryPage> AccountHistory::List(const EntryFilter& filter) const {
  const absl::StatusOr<uint64_t> start = StartBefore(filter.from_ns);
  if (!start.ok()) return start.status();
  const size_t limit = std::min(filter.limit, kStatementEntriesMax);
  EntryPage page;
  uint64_t next = std::max(filter.from_sequence, *start);
  size_t looked_at = 0;
  while (next <= end_.last_sequence) {
    // A filter that nothing passes must not hold a thread for as long as the account is old.
    if (looked_at >= kStatementEntriesMax) {
      page.next_sequence = next;
      return page;
    }
    absl::StatusOr<std::vector<Entry>> entries = Read(next, kIndexedSequences);
    if (!entries.ok()) return entries.status();
    looked_at += entries->size();
    for (Entry& entry : *entries) {
      if (entry.leaf.booked_at_ns >= filter.until_ns) return page;
      const auto [lowest, highest] = NumbersIn(entry);
      if (!Passes(entry, filter)) {
        next = highest + 1;
        continue;
      }
      if (page.entries.size() == limit) {
        page.next_sequence = lowest;
        return page;
      }
      next = highest + 1;
      page.entries.push_back(std::move(entry));
    }
  }
  return page;
}

absl::StatusOr<int64_t> AccountHistory::BalanceAt(uint64_t time_ns) const {
  const absl::StatusOr<uint64_t> start = StartBefore(time_ns);
  if (!start.ok()) return start.status();
  std::optional<int64_t> balance;
  bool open = *start > 1;
  // From one step earlier: terms and reservations tell no balance, so look on for the last posting.
  uint64_t from = *start;
  for (;;) {
    for (uint64_t next = from; next <= end_.last_sequence;) {
      const absl::StatusOr<std::vector<Entry>> entries = Read(next, kIndexedSequences);
      if (!entries.ok()) return entries.status();
      bool past = false;
      for (const Entry& entry : *entries) {
        past = past || entry.leaf.booked_at_ns >= time_ns;
        if (past) break;
        open = true;
        for (const Opening& opening : entry.openings) {
          const auto* const posting = std::get_if<Posting>(&opening);
          if (posting != nullptr && posting->account == end_.account) {
            balance = posting->balance_kopecks;
          }
        }
        next = NumbersIn(entry).second + 1;
      }
      if (past) break;
    }
    if (!open) return absl::NotFoundError("ledger: the account was not open then");
    if (balance || from == 1) return balance.value_or(0);
    from = from > kIndexedSequences ? from - kIndexedSequences : 1;
  }
}

}  // namespace ladon::ledger
