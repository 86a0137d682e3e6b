// Reading the security log: single records in a row, and pages of those that pass a filter.
// Threading: any thread; a cursor belongs to one at a time.
#ifndef LADON_SERVER_AUDIT_QUERY_H_
#define LADON_SERVER_AUDIT_QUERY_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "absl/status/statusor.h"
#include "ledger/proof/audit_leaf.h"
#include "server/audit/log.h"
#include "storage/store.h"

namespace ladon::audit {

// Records that one page looks at: a fraction of a second.
inline constexpr uint64_t kRecordsLookedAtMax = 200'000;
inline constexpr size_t kRecordsOfPageMax = 1'000;

// Reads records as they were when the cursor was made; a whole block at a time.
class RecordCursor {
 public:
  explicit RecordCursor(const Log& log);
  // Record `index`, good until the next call. NotFound: it is in an archive, or not written yet.
  // DataLoss: it is damaged, or another one of its block. Others: as the store says.
  [[nodiscard]] absl::StatusOr<const ledger::AuditLeaf*> Read(uint64_t index);
  // One behind the last record there is; 0: there is none. Errors as Read().
  [[nodiscard]] absl::StatusOr<uint64_t> End();

 private:
  absl::Status Load();  // What the scan stands at.

  const std::unique_ptr<storage::Scan> scan_;
  uint64_t first_ = 0;  // Of the records that were read last.
  std::vector<ledger::AuditLeaf> leaves_;
};

// Which records. An empty list or nullopt: any.
struct RecordFilter {
  uint64_t from_ns = 0;              // At or after.
  uint64_t until_ns = ~uint64_t{0};  // Before.
  std::optional<std::array<uint8_t, 16>> actor;
  std::optional<std::array<uint8_t, 16>> school;
  std::optional<std::array<uint8_t, 16>> object;
  std::vector<uint16_t> events;
  std::vector<ledger::AuditOutcome> outcomes;
  std::vector<uint8_t> roles;

  [[nodiscard]] bool Passes(const ledger::AuditLeaf& leaf) const;  // Times aside.
};

// Where a list goes on: records before `end` only, so that a list which is looked at does not grow.
struct RecordPosition {
  uint64_t next = 0;  // Oldest first: the next to be looked at. Newest first: one behind it.
  uint64_t end = 0;

  friend bool operator==(const RecordPosition&, const RecordPosition&) = default;
};

struct RecordQuery {
  RecordFilter filter;
  bool newest_first = false;
  std::optional<RecordPosition> position;  // nullopt: from the first, or the last there is.
  size_t limit = kRecordsOfPageMax;        // At most this many, and kRecordsOfPageMax.
};

struct RecordPage {
  std::vector<ledger::AuditLeaf> records;
  std::optional<RecordPosition> next;  // nullopt: that was all.
};

// The next page. One may be short, or empty, and not the last: it looks at kRecordsLookedAtMax
// records. InvalidArgument: no such position. DataLoss: a record is damaged.
[[nodiscard]] absl::StatusOr<RecordPage> ListRecords(const Log& log, const RecordQuery& query);

}  // namespace ladon::audit

#endif  // LADON_SERVER_AUDIT_QUERY_H_
