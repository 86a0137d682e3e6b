// Signs what a log stands for, the journal or the security log, and never two stories.
//
// A checkpoint (ledger/proof/checkpoint.h) is signed over the durable prefix only, and only after
// the tree was shown to begin with the one signed last. Before it is published it is synced to a
// file outside the store: so a store that is restored from an old copy finds there what the log has
// already promised (C2SP tlog-checkpoint: a log must not sign inconsistent checkpoints;
// Sunlight keeps a lock store for the same).
//
// Threading: any thread. Signing reads O(log n) nodes and syncs one small file.
#ifndef LADON_LEDGER_CHECKPOINTER_H_
#define LADON_LEDGER_CHECKPOINTER_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "ledger/proof/checkpoint.h"
#include "ledger/signed_log.h"

namespace ladon::ledger {

struct CheckpointerOptions {
  const SignedLog* log = nullptr;  // Must outlive the checkpointer.
  // The first one's name is the origin. A key that takes its place signs beside it for a while: a
  // second signature line, same name.
  std::vector<SigningKey> keys;
  std::string path;  // The last checkpoint that was signed; its folder must exist.
};

// What a roll-back lost: the entries from `first` to what was signed last.
struct LostRange {
  uint64_t first = 0;  // The first entry that was signed once and is not there, as far as known.
  uint64_t last = 0;   // One behind the last.
  uint64_t origin_index = 0;  // Of the new log.
  std::string kept;           // Where the old checkpoint lies now.
};

// For a store that is older than the last checkpoint and is the best there is: begins a new log in
// it, whose first leaf names that checkpoint, and puts the old checkpoint beside its place. From
// then on the log has another name (LogName()), so that nobody takes it for the one that was
// signed. `keys_of_log(n)` gives the keys of the log before which n others were begun.
// nullopt: nothing was rolled back. NotFound: nothing was ever signed. Others: as Open(). May be
// repeated after a crash.
[[nodiscard]] absl::StatusOr<std::optional<LostRange>> AcceptRollBack(
    SignedLog* log, const std::string& path,
    const std::function<absl::StatusOr<std::vector<VerifierKey>>(size_t)>& keys_of_log);

// The name of the n-th log of a store: `origin`, then "<origin>/2" after the first roll-back.
[[nodiscard]] std::string LogName(const std::string& origin, size_t logs_before);

class Checkpointer {
 public:
  // FailedPrecondition: the log is shorter than what was signed last, or another one; the
  // message names both sizes and says what to do. InvalidArgument: the file is no checkpoint of
  // these keys, or `keys` is empty. Others: the file cannot be read, or a tile of the tree.
  [[nodiscard]] static absl::StatusOr<std::unique_ptr<Checkpointer>> Open(
      CheckpointerOptions options);

  // A signed note over all durable entries; the last one again when nothing was added.
  // DataLoss: the tree does not begin with what was signed last, so nothing is signed any more.
  // Internal: the file cannot be synced; nothing was published.
  [[nodiscard]] absl::StatusOr<std::string> Sign();

  // The last one signed; empty before the first.
  [[nodiscard]] std::string last() const;
  [[nodiscard]] std::vector<VerifierKey> verifiers() const;

 private:
  explicit Checkpointer(CheckpointerOptions options) : options_(std::move(options)) {}
  absl::Status CheckExtends(const Checkpoint& old, uint64_t size) const;

  const CheckpointerOptions options_;
  mutable std::mutex mutex_;
  Checkpoint last_;  // Size 0: none yet.
  std::string note_;
};

}  // namespace ladon::ledger

#endif  // LADON_LEDGER_CHECKPOINTER_H_
