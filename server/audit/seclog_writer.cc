#include "server/audit/seclog_writer.h"

#include "ledger/proof/audit_leaf.h"
#include "ledger/proof/extract.h"
#include "ledger/proof/fold.h"
#include "ledger/proof/seclog.h"

namespace ladon::audit {

absl::StatusOr<std::unique_ptr<SeclogWriter>> SeclogWriter::Begin(const Log* log,
                                                                  SeclogRequest request) {
  const bool is_range = request.first <= request.end && request.end <= request.checkpoint_size &&
                        request.checkpoint_size <= log->durable_size();
  // Nothing at all is shown of a whole tree only: otherwise it would not be told where.
  const bool shows = request.first < request.end || request.end == request.checkpoint_size;
  if (!is_range || !shows || request.first < log->first()) {
    return absl::InvalidArgumentError("security log: no such records");
  }
  return std::unique_ptr<SeclogWriter>(new SeclogWriter(log, std::move(request)));
}

absl::Status SeclogWriter::Seek(const SeclogPosition& position) {
  bool good = position.part <= 2;
  if (position.part == 0) good = position.next == 0;
  if (position.part == 1) good = position.next >= request_.first && position.next <= request_.end;
  if (position.part == 2) good = good && position.next <= request_.checkpoint_size;
  if (!good) return absl::InvalidArgumentError("security log: no such position");
  position_ = position;
  return absl::OkStatus();
}

uint64_t SeclogWriter::records_done() const {
  if (position_.part == 0) return 0;
  return position_.part == 1 ? position_.next - request_.first : records_total();
}

absl::Status SeclogWriter::Write(size_t bytes, std::string* out) {
  ledger::ByteWriter piece;
  RecordCursor cursor(*log_);
  absl::Status status;
  while (status.ok() && !done() && piece.size() < bytes) {
    if (position_.part == 0) {
      WriteHead(&piece);
    } else if (position_.part == 2) {
      status = WriteTreeItem(&piece);
    } else if (position_.next < request_.end) {
      status = WriteRecord(&cursor, &piece);
    } else {
      position_ = {.part = 2, .next = 0};
    }
  }
  out->append(piece.view());
  return status;
}

void SeclogWriter::WriteHead(ledger::ByteWriter* out) {
  ledger::AppendSeclogHead(
      {.first = request_.first, .end = request_.end, .checkpoint = request_.checkpoint}, out);
  position_ = {.part = 1, .next = request_.first};
}

absl::Status SeclogWriter::WriteRecord(RecordCursor* cursor, ledger::ByteWriter* out) {
  const absl::StatusOr<const ledger::AuditLeaf*> leaf = cursor->Read(position_.next);
  if (!leaf.ok()) return leaf.status();
  const absl::StatusOr<std::string> record = ledger::EncodeAuditLeaf(**leaf);
  if (!record.ok()) return record.status();
  ledger::AppendSeclogRecord(*record, out);
  ++position_.next;
  return absl::OkStatus();
}

absl::Status SeclogWriter::WriteTreeItem(ledger::ByteWriter* out) {
  const uint64_t at = position_.next;
  const bool shown = at >= request_.first && at < request_.end;
  // Before the first record and behind the last: the fewest complete subtrees.
  const unsigned height =
      shown
          ? 0
          : ledger::FoldHeight(at, at < request_.first ? request_.first : request_.checkpoint_size);
  const absl::StatusOr<ledger::Digest> root = nodes_(height, at >> height);
  if (!root.ok()) return root.status();
  shown ? ledger::AppendShown(*root, out) : ledger::AppendFolded(height, *root, out);
  position_.next += uint64_t{1} << height;
  return absl::OkStatus();
}

}  // namespace ladon::audit
