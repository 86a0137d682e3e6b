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

absl::StatusOr<ledger::AuditLeaf> ReadRecord(RecordCursor* cursor, uint64_t index) {
  const absl::StatusOr<std::string_view> bytes = cursor->Read(index);
  if (!bytes.ok()) return bytes.status();
  absl::StatusOr<ledger::AuditLeaf> leaf = ledger::DecodeAuditLeaf(*bytes);
  if (leaf.ok() && leaf->index == index) return leaf;
  return absl::DataLossError("security log: record " + std::to_string(index) + " is damaged");
}

// The first of records begin .. end - 1 that is not before `at_ns`; times never go back.
absl::StatusOr<uint64_t> FirstAt(RecordCursor* cursor, uint64_t begin, uint64_t end,
                                 uint64_t at_ns) {
  while (begin < end) {
    const uint64_t middle = begin + (end - begin) / 2;
    const absl::StatusOr<ledger::AuditLeaf> leaf = ReadRecord(cursor, middle);
    if (!leaf.ok()) return leaf.status();
    if (leaf->at_ns < at_ns) {
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

absl::StatusOr<std::string_view> RecordCursor::Read(uint64_t index) {
  const bool near = at_.has_value() && scan_->Valid();
  if (near && *at_ + 1 == index) {
    scan_->Next();
  } else if (near && *at_ == index + 1) {
    scan_->Prev();
  } else {
    scan_->Seek(RecordKey(index));
  }
  at_ = index;
  if (scan_->Valid() && scan_->key() == RecordKey(index)) return scan_->value();
  at_.reset();
  if (absl::Status s = scan_->status(); !s.ok()) return s;
  return absl::NotFoundError("security log: record " + std::to_string(index) + " is not there");
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
    absl::StatusOr<ledger::AuditLeaf> leaf =
        ReadRecord(&cursor, query.newest_first ? --high : low++);
    if (!leaf.ok()) return leaf.status();
    if (query.filter.Passes(*leaf)) page.records.push_back(*std::move(leaf));
  }
  if (low < high) page.next = {.next = query.newest_first ? high : low, .end = at.end};
  return page;
}

}  // namespace ladon::audit
