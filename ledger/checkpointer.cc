#include "ledger/checkpointer.h"

#include <algorithm>
#include <filesystem>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"
#include "ledger/proof/merkle.h"
#include "ledger/replaced_file.h"

namespace ladon::ledger {
namespace {

absl::Status Behind(const Checkpoint& old, uint64_t size, const char* how, const SignedLog& log,
                    const std::string& path) {
  const std::string entries(log.words().entries);
  return absl::FailedPreconditionError(absl::StrCat(
      std::string(log.words().log), ": a checkpoint over ", old.size, " ", entries,
      " has been signed (", path, "), but this log of ", size, " ", entries, " ", how,
      ". An old copy of the store was put in the place of a newer one: bring back the newest copy. "
      "If there is none, begin a new log that names the lost one: ladond --new-origin"));
}

}  // namespace

std::string LogName(const std::string& origin, size_t logs_before) {
  return logs_before == 0 ? origin : absl::StrCat(origin, "/", logs_before + 1);
}

absl::StatusOr<std::optional<LostRange>> AcceptRollBack(
    SignedLog* log, const std::string& path,
    const std::function<absl::StatusOr<std::vector<VerifierKey>>(size_t)>& keys_of_log) {
  const absl::StatusOr<std::string> note = ReadSmallFile(path, kNoteBytesMax);
  if (!note.ok()) return note.status();
  absl::StatusOr<std::vector<uint64_t>> origins = log->NewOrigins();
  if (!origins.ok()) return origins.status();
  const Digest named = Sha256(*note);
  // A crash may have come between the leaf and the file: then the leaf is there, under a new name.
  bool booked = false;
  if (!origins->empty()) {
    const absl::StatusOr<Digest> last = log->CheckpointBefore(origins->back());
    if (!last.ok()) return last.status();
    booked = *last == named;
  }
  const auto keys = keys_of_log(origins->size() - (booked ? 1 : 0));
  if (!keys.ok()) return keys.status();
  const absl::StatusOr<OpenedCheckpoint> old = OpenCheckpoint(*note, *keys);
  if (!old.ok()) return old.status();
  const uint64_t size = log->Size();
  const Checkpoint& checkpoint = old->checkpoint;
  LostRange lost{.first = std::min(size, checkpoint.size), .last = checkpoint.size};
  if (!booked) {
    const absl::StatusOr<Digest> root =
        checkpoint.size <= size ? log->RootAt(checkpoint.size) : Digest{};
    if (!root.ok()) return root.status();
    if (*root == checkpoint.root) return std::nullopt;
    if (checkpoint.size <= size) lost.first = 0;  // Another log: nobody knows from where on.
    const absl::StatusOr<uint64_t> origin = log->BookNewOrigin(named);
    if (!origin.ok()) return origin.status();
    origins->push_back(*origin);
  } else {
    lost.first = std::min(origins->back(), checkpoint.size);
  }
  lost.origin_index = origins->back();
  lost.kept = absl::StrCat(path, ".lost-", checkpoint.size);
  if (absl::Status kept = ReplaceSyncedFile(lost.kept, *note); !kept.ok()) return kept;
  std::error_code error;
  std::filesystem::remove(path, error);
  if (error) {
    return absl::InternalError(
        absl::StrCat(std::string(log->words().log), ": ", path, " cannot be removed"));
  }
  return lost;
}

absl::Status Checkpointer::CheckExtends(const Checkpoint& old, uint64_t size) const {
  if (old.size == 0) return absl::OkStatus();
  if (size < old.size) return Behind(old, size, "is shorter", *options_.log, options_.path);
  const absl::StatusOr<Digest> root = options_.log->RootAt(old.size);
  if (!root.ok()) return root.status();
  return *root == old.root ? absl::OkStatus()
                           : Behind(old, size, "begins otherwise", *options_.log, options_.path);
}

absl::StatusOr<std::unique_ptr<Checkpointer>> Checkpointer::Open(CheckpointerOptions options) {
  const std::string name(options.log->words().log);
  if (options.keys.empty()) {
    return absl::InvalidArgumentError(absl::StrCat(name, ": no key to sign with"));
  }
  std::unique_ptr<Checkpointer> checkpointer(new Checkpointer(std::move(options)));
  const std::string& path = checkpointer->options_.path;
  absl::StatusOr<std::string> note = ReadSmallFile(path, kNoteBytesMax);
  if (absl::IsNotFound(note.status())) return checkpointer;
  if (!note.ok()) return note.status();
  absl::StatusOr<OpenedCheckpoint> opened = OpenCheckpoint(*note, checkpointer->verifiers());
  if (!opened.ok()) {
    return absl::InvalidArgumentError(absl::StrCat(
        name, ": ", path, " is not the last checkpoint of this log: ", opened.status().message(),
        ". Put back the file, or the keys it was made with"));
  }
  if (absl::Status extends =
          checkpointer->CheckExtends(opened->checkpoint, checkpointer->options_.log->Size());
      !extends.ok()) {
    return extends;
  }
  checkpointer->last_ = std::move(opened->checkpoint);
  checkpointer->note_ = *std::move(note);
  return checkpointer;
}

absl::StatusOr<std::string> Checkpointer::Sign() {
  const std::lock_guard lock(mutex_);
  const uint64_t size = options_.log->Size();
  if (absl::Status extends = CheckExtends(last_, size); !extends.ok()) {
    return absl::DataLossError(extends.message());
  }
  if (size == last_.size && !note_.empty()) return note_;
  const absl::StatusOr<Digest> root = options_.log->RootAt(size);
  if (!root.ok()) return root.status();
  const Checkpoint next = {
      .origin = options_.keys.front().verifier().name, .size = size, .root = *root};
  std::vector<const SigningKey*> keys;
  keys.reserve(options_.keys.size());
  for (const SigningKey& key : options_.keys) keys.push_back(&key);
  absl::StatusOr<std::string> note = SignNote(FormatCheckpoint(next), keys);
  if (!note.ok()) return note.status();
  if (absl::Status kept = ReplaceSyncedFile(options_.path, *note); !kept.ok()) return kept;
  last_ = next;
  note_ = *note;
  return note;
}

std::string Checkpointer::last() const {
  const std::lock_guard lock(mutex_);
  return note_;
}

std::vector<VerifierKey> Checkpointer::verifiers() const {
  std::vector<VerifierKey> verifiers;
  verifiers.reserve(options_.keys.size());
  for (const SigningKey& key : options_.keys) verifiers.push_back(key.verifier());
  return verifiers;
}

}  // namespace ladon::ledger
