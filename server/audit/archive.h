// Takes old records out of the store, into files that verify without it (ledger/proof/seclog.h).
//
// A file is synced, read back and verified before the first of its records is deleted; the deletion
// leaves a record of its own. A crash anywhere leaves a record in the store, in a file, or in both.
// The tree of what was taken out stays in its tiles, so the log goes on, signs and proves as
// before. Threading: one thread.
#ifndef LADON_SERVER_AUDIT_ARCHIVE_H_
#define LADON_SERVER_AUDIT_ARCHIVE_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "ledger/checkpointer.h"
#include "ledger/sequencer.h"
#include "server/audit/log.h"

namespace ladon::audit {

struct ArchiveOptions {
  Log* log = nullptr;
  ledger::Sequencer* ledger = nullptr;
  ledger::Checkpointer* checkpointer = nullptr;  // Of the security log.
  std::string directory;                         // Must exist.
};

struct Archived {
  uint64_t first = 0;  // Records first .. end - 1
  uint64_t end = 0;
  std::string path;  // are in this file, and in the store no more.
};

// "<first>-<end>.seclog", in twelve digits each, so that a list of names is in order.
[[nodiscard]] std::string ArchiveName(uint64_t first, uint64_t end);

// Archives the oldest records up to the next multiple of kMarkEvery, when all of them are from
// before `before_ns` and a later mark is there. nullopt: there are none such.
// AlreadyExists: a file with the archive's name is there and is not these records; it stays.
// DataLoss: what was written does not verify; nothing was deleted. Others: the file, the store or
// the committer says so.
[[nodiscard]] absl::StatusOr<std::optional<Archived>> ArchiveNext(const ArchiveOptions& options,
                                                                  uint64_t before_ns,
                                                                  uint64_t now_ns);

}  // namespace ladon::audit

#endif  // LADON_SERVER_AUDIT_ARCHIVE_H_
