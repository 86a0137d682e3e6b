#include "server/audit/archive.h"

#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "ledger/proof/seclog_verifier.h"
#include "ledger/replaced_file.h"
#include "server/audit/process_event.h"
#include "server/audit/query.h"
#include "server/audit/record.h"
#include "server/audit/seclog_writer.h"

namespace ladon::audit {
namespace {

// A range of the longest records with their hashes is half of that.
constexpr size_t kArchiveBytesMax = size_t{64} << 20;

class Archiving {
 public:
  Archiving(const ArchiveOptions& options, uint64_t now_ns) : options_(options), now_ns_(now_ns) {
    archived_.first = options.log->first();
    archived_.end = (archived_.first / kMarkEvery + 1) * kMarkEvery;
  }

  [[nodiscard]] absl::StatusOr<bool> IsDue(uint64_t before_ns) const {
    if (archived_.end > options_.log->ArchivableEnd()) return false;
    RecordCursor cursor(*options_.log);
    const absl::StatusOr<const ledger::AuditLeaf*> last = cursor.Read(archived_.end - 1);
    return last.ok() ? absl::StatusOr<bool>((*last)->at_ns < before_ns) : last.status();
  }

  absl::StatusOr<std::optional<Archived>> Run() {
    // An earlier attempt may have written the file, and may have begun to delete.
    const absl::Status found = Find();
    if (!found.ok() && !absl::IsNotFound(found)) return found;
    if (!found.ok()) {
      if (absl::Status made = Make(); !made.ok()) return made;
    }
    if (absl::Status deleted = Delete(); !deleted.ok()) return deleted;
    return archived_;
  }

 private:
  [[nodiscard]] std::string PathOf(uint64_t first) const {
    return options_.directory + "/" + ArchiveName(first, archived_.end);
  }

  // OK: these records are in a file. NotFound: they are not. AlreadyExists.
  absl::Status Find() {
    for (const uint64_t first : {archived_.end - kMarkEvery, archived_.first}) {
      const absl::Status verified = Verify(first);
      if (absl::IsNotFound(verified)) continue;
      if (!verified.ok()) {
        return absl::AlreadyExistsError(absl::StrCat(PathOf(first),
                                                     " is there and is not what belongs there (",
                                                     verified.message(), "): move it away"));
      }
      archived_.path = PathOf(first);
      return absl::OkStatus();
    }
    return absl::NotFoundError("");
  }

  absl::Status Make() {
    absl::StatusOr<std::string> note = options_.checkpointer->Sign();
    if (!note.ok()) return note.status();
    const auto opened = ledger::OpenCheckpoint(*note, options_.checkpointer->verifiers());
    if (!opened.ok()) return opened.status();
    const auto writer =
        SeclogWriter::Begin(options_.log, {.first = archived_.first,
                                           .end = archived_.end,
                                           .checkpoint = *std::move(note),
                                           .checkpoint_size = opened->checkpoint.size});
    if (!writer.ok()) return writer.status();
    std::string bytes;
    if (absl::Status s = (*writer)->Write(kArchiveBytesMax, &bytes); !s.ok()) return s;
    archived_.path = PathOf(archived_.first);
    if (absl::Status s = ledger::ReplaceSyncedFile(archived_.path, bytes); !s.ok()) return s;
    const absl::Status verified = Verify(archived_.first);
    return verified.ok() ? verified : absl::DataLossError(verified.message());
  }

  // That the file of records `first` .. end - 1 holds them as this log has them.
  absl::Status Verify(uint64_t first) {
    const absl::StatusOr<std::string> bytes =
        ledger::ReadSmallFile(PathOf(first), kArchiveBytesMax);
    if (!bytes.ok()) return bytes.status();
    const std::vector<ledger::VerifierKey> keys = options_.checkpointer->verifiers();
    const ledger::VerifiedSeclog verified = ledger::VerifySeclog(*bytes, {.keys = keys});
    if (!verified.good()) return absl::DataLossError(verified.defects.front().what);
    const bool mine = verified.head.first == first && verified.head.end == archived_.end &&
                      verified.checkpoint.size <= options_.log->durable_size();
    const absl::StatusOr<ledger::Digest> root =
        mine ? options_.log->RootAt(verified.checkpoint.size) : ledger::Digest{};
    if (!root.ok()) return root.status();
    if (*root != verified.checkpoint.root) return absl::DataLossError("of another log");
    file_ = ledger::Sha256(*bytes);
    return absl::OkStatus();
  }

  absl::Status Delete() {
    Log* const log = options_.log;
    const auto told = RecordAndWait(
        options_.ledger, log, LeafOf(ProcessEvent::kArchived, file_, now_ns_),
        [&](uint64_t /*record*/, storage::Overlay* overlay) { log->Drop(archived_.end, overlay); });
    if (!told.ok()) return told.status();
    while (log->first() < archived_.end) {
      absl::Status dropped = CommitAndWait(
          options_.ledger, [&](storage::Overlay* overlay) { log->Drop(archived_.end, overlay); });
      if (!dropped.ok()) return dropped;
    }
    return absl::OkStatus();
  }

  const ArchiveOptions& options_;
  const uint64_t now_ns_;
  Archived archived_;
  ledger::Digest file_;  // SHA-256 of the file that was verified.
};

}  // namespace

std::string ArchiveName(uint64_t first, uint64_t end) {
  return absl::StrFormat("%012d-%012d.seclog", first, end);
}

absl::StatusOr<std::optional<Archived>> ArchiveNext(const ArchiveOptions& options,
                                                    uint64_t before_ns, uint64_t now_ns) {
  Archiving archiving(options, now_ns);
  const absl::StatusOr<bool> due = archiving.IsDue(before_ns);
  if (!due.ok()) return due.status();
  if (!*due) return std::nullopt;
  return archiving.Run();
}

}  // namespace ladon::audit
