// Copies of signed checkpoints in a directory of a second host: what the server's own administrator
// cannot take back. One file a day, the day's last (UTC), and one that is always the newest.
// Threading: one thread at a time.
#ifndef LADON_SERVER_CMD_CHECKPOINT_COPY_H_
#define LADON_SERVER_CMD_CHECKPOINT_COPY_H_

#include <cstdint>
#include <string>
#include <utility>

#include "absl/status/status.h"

namespace ladon {

class CheckpointCopy {
 public:
  // `directory` must exist: one that is not mounted must not look like a place for copies.
  explicit CheckpointCopy(std::string directory) : directory_(std::move(directory)) {}

  // Writes security-checkpoint-YYYY-MM-DD and security-checkpoint-latest, each whole or not at all,
  // synced. The note of the last time is not written again. NotFound, Internal: told with errno's
  // text; it will be tried again.
  [[nodiscard]] absl::Status Keep(const std::string& note, uint64_t now_ns);

 private:
  const std::string directory_;
  std::string kept_;
};

}  // namespace ladon

#endif  // LADON_SERVER_CMD_CHECKPOINT_COPY_H_
