// Backups of the store while the server serves: one at a time, in a directory of the configuration.
//
// A backup carries the newest signed checkpoint, made just before it: what is restored from it must
// hold at least those entries, under that root (ledger/restored.h).
// Threading: the class is safe from any thread; the calls as everywhere in flow.
#ifndef LADON_SERVER_FLOW_BACKUPS_H_
#define LADON_SERVER_FLOW_BACKUPS_H_

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/flow/commit.h"
#include "server/flow/worker_pool.h"
#include "storage/store.h"

namespace ladon::flow {

struct BackupsState {
  std::vector<storage::BackupSummary> backups;  // Oldest first; their notes are checkpoints.
  bool under_way = false;
  uint64_t copied_bytes = 0;  // Of the one under way.
  std::string last_failure;   // Empty: the last one is there, or there was none.
};

class Backups {
 public:
  struct Options {
    storage::Store* store = nullptr;
    std::string directory;  // Empty: backups are off.
    uint32_t keep = 0;      // As BackupRequest.
    uint64_t bytes_per_second_max = 0;
    std::function<absl::StatusOr<std::string>()> sign;  // The newest checkpoint.
    // Told what became of each.
    std::function<void(const absl::StatusOr<storage::BackupSummary>&)> on_end;
  };

  // Knows what is in the directory from here on; one that cannot be read is a failure to be told.
  explicit Backups(Options options);
  ~Backups() { Stop(); }

  // kBackupsOff, kBackupUnderWay.
  [[nodiscard]] absl::Status Start();
  [[nodiscard]] BackupsState state() const;
  // Gives up the one under way. Idempotent.
  void Stop();

 private:
  void Make();

  const Options options_;
  std::atomic<bool> stopping_ = false;
  std::atomic<uint64_t> copied_bytes_ = 0;
  mutable std::mutex mutex_;
  BackupsState state_;  // Without copied_bytes.
  WorkerPool worker_{1};
};

// How many entries a backup's checkpoint is over; 0: it is none.
[[nodiscard]] uint64_t EntriesOf(const std::string& note);

void CreateBackup(const House& house, const access::Caller& caller, Done<bool> done);
void ListBackups(const House& house, const access::Caller& caller, Done<BackupsState> done);

}  // namespace ladon::flow

#endif  // LADON_SERVER_FLOW_BACKUPS_H_
