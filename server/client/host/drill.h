// The restore drill: whether a backup, a copy of the key table and the root key are enough to have
// everything back. All of it happens in a directory of its own, which is wiped at the end; neither
// the server at work nor its files are touched. Threading: one thread.
#ifndef LADON_SERVER_CLIENT_HOST_DRILL_H_
#define LADON_SERVER_CLIENT_HOST_DRILL_H_

#include <cstdint>
#include <functional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace ladon::host {

struct DrillPlan {
  std::string backups;   // Directory of backups.
  uint32_t number = 0;   // Which one; 0: the latest.
  std::string keys;      // Directory with the key table: the standby's copy, or the server's own.
  std::string root_key;  // Its file, mode 0400.
  std::string calibration;  // As [matcher] calibration.
  std::string origin;       // As [ledger] origin, signing_key and signing_key_before.
  std::string signing_key = "1";
  std::string signing_key_before = "0";
  std::string time_zone = "Europe/Moscow";
  std::string scratch = "/var/tmp";  // Where there is room for a whole store.
};

struct DrillReport {
  std::string proof;  // What the restored journal proves, in ladond's words.
  double restore_seconds = 0;
  double open_seconds = 0;
  uint64_t store_bytes = 0;
};

// Restores, derives every balance and root again, then opens everything as a start does: names,
// palms, cards. FailedPrecondition: it does not come back, with the reason in ladond's words, or
// something cannot be made. `on_step` gets a key of the catalogue before each step.
[[nodiscard]] absl::StatusOr<DrillReport> RunDrill(
    const DrillPlan& plan, const std::function<void(const char* key)>& on_step);

}  // namespace ladon::host

#endif  // LADON_SERVER_CLIENT_HOST_DRILL_H_
