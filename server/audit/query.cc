#include "server/audit/query.h"

#include <algorithm>
#include <string>

namespace ladon::audit {
namespace {

template <class T>
bool IsAmong(const std::vector<T>& list, const T& value) {
  return list.empty() || std::find(list.begin(), list.end(), value) != list.end();
}

template <class T>
bool Is(const std::optional<T>& wanted, const T& value) {
  return !wanted.has_value() || *wanted == value;
}

// The first of records begin .. end - 1 that is not before `at_ns`; times never go back.
absl::StatusOr<uint64_t> FirstAt(RecordCursor* cursor, uint64_t begin, uint64_t end,
                                 uint64_t at_ns) {
  while (begin < end) {
    const uint64_t middle = begin + (end - begin) / 2;
    const absl::StatusOr<const ledger::AuditLeaf*> leaf = cursor->Read(middle);
    if (!leaf.ok()) return leaf.status();
    if ((*leaf)->at_ns < at_ns) {
      begin = middle + 1;
    } else {
      end = middle;
    }
  }
  return begin;
}

}  // namespace

RecordCursor::RecordCursor(const Log& log)
    : scan_(log.store().NewScan(storage::Family::kAuditLog)) {}

absl::StatusOr<const ledger::AuditLeaf*> RecordCursor::Read(uint64_t index) {
  if (index < first_ || index - first_ >= leaves_.size()) {
    scan_->SeekForPrev(RecordKey(index));
    if (absl::Status s = Load(); !s.ok()) return s;
  }
  if (index < first_ || index - first_ >= leaves_.size()) {
    return absl::NotFoundError("security log: record " + std::to_string(index) + " is not there");
  }
  return &leaves_[static_cast<size_t>(index - first_)];
}

absl::StatusOr<uint64_t> RecordCursor::End() {
  scan_->SeekForPrev(RecordKey(~uint64_t{0}));
  if (absl::Status s = Load(); !s.ok()) return s;
  return first_ + leaves_.size();
}

absl::Status RecordCursor::Load() {
  leaves_.clear();
  first_ = 0;
  if (!scan_->Valid()) return scan_->status();
  absl::StatusOr<std::vector<ledger::AuditLeaf>> leaves =
      DecodeBlock(IndexOf(scan_->key()), scan_->value());
  if (!leaves.ok()) return leaves.status();
  first_ = IndexOf(scan_->key());
  leaves_ = *std::move(leaves);
  return absl::OkStatus();
}

bool RecordFilter::Passes(const ledger::AuditLeaf& leaf) const {
  return Is(actor, leaf.actor) && Is(school, leaf.school) && Is(object, leaf.object) &&
         IsAmong(events, leaf.event) && IsAmong(outcomes, leaf.outcome) &&
         IsAmong(roles, leaf.role);
}

absl::StatusOr<RecordPage> ListRecords(const Log& log, const RecordQuery& query) {
  const uint64_t durable = log.durable_size();
  RecordCursor cursor(log);  // Sees at least what first() and durable tell.
  const uint64_t oldest = log.first();
  RecordPosition at{.next = query.newest_first ? durable : oldest, .end = durable};
  if (query.position) at = *query.position;
  if (at.end > durable || at.next > at.end) {
    return absl::InvalidArgumentError("security log: no such position");
  }
  const absl::StatusOr<uint64_t> from = FirstAt(&cursor, oldest, at.end, query.filter.from_ns);
  if (!from.ok()) return from.status();
  const absl::StatusOr<uint64_t> until = FirstAt(&cursor, *from, at.end, query.filter.until_ns);
  if (!until.ok()) return until.status();
  // What is left to be looked at.
  uint64_t low = query.newest_first ? *from : std::max(*from, at.next);
  uint64_t high = query.newest_first ? std::min(*until, at.next) : *until;
  RecordPage page;
  const size_t limit = std::min(query.limit, kRecordsOfPageMax);
  for (uint64_t looked = 0; low < high && looked < kRecordsLookedAtMax; ++looked) {
    if (page.records.size() == limit) break;
    const absl::StatusOr<const ledger::AuditLeaf*> leaf =
        cursor.Read(query.newest_first ? --high : low++);
    if (!leaf.ok()) return leaf.status();
    if (query.filter.Passes(**leaf)) page.records.push_back(**leaf);
  }
  if (low < high) page.next = {.next = query.newest_first ? high : low, .end = at.end};
  return page;
}

}  // namespace ladon::audit
