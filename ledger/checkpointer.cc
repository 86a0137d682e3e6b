#include "ledger/checkpointer.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "ledger/replaced_file.h"

namespace ladon::ledger {
namespace {

absl::Status Behind(const Checkpoint& old, uint64_t size, const char* how,
                    const std::string& path) {
  return absl::FailedPreconditionError(
      absl::StrCat("ledger: a checkpoint over ", old.size, " entries has been signed (", path,
                   "), but this journal of ", size, " entries ", how,
                   ". An old copy of the store was put in the place of a newer one: bring back the "
                   "newest copy"));
}

}  // namespace

absl::Status Checkpointer::CheckExtends(const Checkpoint& old, uint64_t size) const {
  if (old.size == 0) return absl::OkStatus();
  if (size < old.size) return Behind(old, size, "is shorter", options_.path);
  const absl::StatusOr<Digest> root = options_.ledger->RootAt(old.size);
  if (!root.ok()) return root.status();
  return *root == old.root ? absl::OkStatus()
                           : Behind(old, size, "begins otherwise", options_.path);
}

absl::StatusOr<std::unique_ptr<Checkpointer>> Checkpointer::Open(CheckpointerOptions options) {
  if (options.keys.empty()) return absl::InvalidArgumentError("ledger: no key to sign with");
  std::unique_ptr<Checkpointer> checkpointer(new Checkpointer(std::move(options)));
  const std::string& path = checkpointer->options_.path;
  absl::StatusOr<std::string> note = ReadSmallFile(path, kNoteBytesMax);
  if (absl::IsNotFound(note.status())) return checkpointer;
  if (!note.ok()) return note.status();
  absl::StatusOr<OpenedCheckpoint> opened = OpenCheckpoint(*note, checkpointer->verifiers());
  if (!opened.ok()) {
    return absl::InvalidArgumentError(absl::StrCat(
        "ledger: ", path, " is not the last checkpoint of this ledger: ", opened.status().message(),
        ". Put back the file, or the keys it was made with"));
  }
  if (absl::Status extends = checkpointer->CheckExtends(
          opened->checkpoint, checkpointer->options_.ledger->Head().first);
      !extends.ok()) {
    return extends;
  }
  checkpointer->last_ = std::move(opened->checkpoint);
  checkpointer->note_ = *std::move(note);
  return checkpointer;
}

absl::StatusOr<std::string> Checkpointer::Sign() {
  const std::lock_guard lock(mutex_);
  const auto [size, root] = options_.ledger->Head();
  if (size == last_.size && root == last_.root) return note_;
  if (absl::Status extends = CheckExtends(last_, size); !extends.ok()) {
    return absl::DataLossError(extends.message());
  }
  const Checkpoint next = {
      .origin = options_.keys.front().verifier().name, .size = size, .root = root};
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
