// Copies of signed checkpoints in a directory of a second host: what the server's own administrator
// cannot take back. One file a day, the day's last (UTC), and one that is always the newest.
// Threading: a CheckpointCopy one thread at a time; a CopyThread any, and its callback on that one
// or its own.
#ifndef LADON_SERVER_CMD_CHECKPOINT_COPY_H_
#define LADON_SERVER_CMD_CHECKPOINT_COPY_H_

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
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

// Keeps copies on a thread of its own: a directory of another machine may hang as long as that is
// down, and neither signing nor stopping waits for it.
class CopyThread {
 public:
  struct Options {
    std::string directory;
    std::function<uint64_t()> now_ns;
    // Copies fail, or one takes longer than `patience`: told once until one is kept again.
    std::function<void(const absl::Status&)> on_failed;
    std::chrono::milliseconds patience = std::chrono::seconds(30);
    std::chrono::milliseconds stop_patience = std::chrono::seconds(5);
  };
  explicit CopyThread(Options options);
  ~CopyThread() { Stop(); }
  CopyThread(const CopyThread&) = delete;
  CopyThread& operator=(const CopyThread&) = delete;

  // Never waits: the newest note is the next one copied. Call it once in a while, new note or not,
  // so that a copy that hangs is seen.
  void Keep(const std::string& note);
  // Waits until the newest note is kept or has failed, `stop_patience` at most.
  void Flush();

  // Waits for the copy under way, `stop_patience` at most; one that hangs is left to itself, and
  // calls nobody back. Idempotent.
  void Stop();

  [[nodiscard]] bool failing() const;
  [[nodiscard]] uint64_t copied_at_ns() const;  // The last time that all was well; 0: never.

 private:
  struct Shared;
  static void Run(const std::shared_ptr<Shared>& shared);

  const std::shared_ptr<Shared> shared_;  // With the thread, which may outlive this.
};

}  // namespace ladon

#endif  // LADON_SERVER_CMD_CHECKPOINT_COPY_H_
