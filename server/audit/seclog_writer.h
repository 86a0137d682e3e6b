// Writes records of the security log to take away (ledger/proof/seclog.h), piece by piece.
//
// What it writes depends on nothing but the log, the request and the checkpoint: one that was
// interrupted goes on from the last position that was told.
// Threading: one thread at a time. The log must outlive it.
#ifndef LADON_SERVER_AUDIT_SECLOG_WRITER_H_
#define LADON_SERVER_AUDIT_SECLOG_WRITER_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "ledger/proof/bytes.h"
#include "ledger/proof/merkle_proof.h"
#include "server/audit/log.h"
#include "server/audit/query.h"

namespace ladon::audit {

struct SeclogRequest {
  uint64_t first = 0;  // Records first .. end - 1.
  uint64_t end = 0;
  std::string checkpoint;        // A signed note,
  uint64_t checkpoint_size = 0;  // over as many records.
};

// How far a file is written; only between two items.
struct SeclogPosition {
  uint8_t part = 0;   // 0 nothing, 1 the records, 2 the tree.
  uint64_t next = 0;  // Of the records: the next one. Of the tree: the next leaf.
};

class SeclogWriter {
 public:
  // InvalidArgument: no such range in a log of that size, or its begin is in an archive.
  [[nodiscard]] static absl::StatusOr<std::unique_ptr<SeclogWriter>> Begin(const Log* log,
                                                                           SeclogRequest request);

  // InvalidArgument: no such position.
  [[nodiscard]] absl::Status Seek(const SeclogPosition& position);
  // Adds items to `out` until it has `bytes`, or all are written; then done() is true. NotFound: a
  // record has gone into an archive meanwhile. Others: the store, or what lies in it.
  [[nodiscard]] absl::Status Write(size_t bytes, std::string* out);
  [[nodiscard]] const SeclogPosition& position() const { return position_; }
  [[nodiscard]] bool done() const {
    return position_.part == 2 && position_.next == request_.checkpoint_size;
  }
  [[nodiscard]] uint64_t records_total() const { return request_.end - request_.first; }
  [[nodiscard]] uint64_t records_done() const;

 private:
  SeclogWriter(const Log* log, SeclogRequest request)
      : log_(log), request_(std::move(request)), nodes_(log->Nodes(request_.checkpoint_size)) {}

  void WriteHead(ledger::ByteWriter* out);
  absl::Status WriteRecord(RecordCursor* cursor, ledger::ByteWriter* out);
  absl::Status WriteTreeItem(ledger::ByteWriter* out);

  const Log* const log_;
  const SeclogRequest request_;
  const ledger::ReadNode nodes_;
  SeclogPosition position_;
};

}  // namespace ladon::audit

#endif  // LADON_SERVER_AUDIT_SECLOG_WRITER_H_
