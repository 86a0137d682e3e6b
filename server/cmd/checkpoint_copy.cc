#include "server/cmd/checkpoint_copy.h"

#include <ctime>

#include "absl/strings/str_cat.h"
#include "ledger/replaced_file.h"

namespace ladon {

absl::Status CheckpointCopy::Keep(const std::string& note, uint64_t now_ns) {
  if (note == kept_) return absl::OkStatus();
  constexpr uint64_t kNsPerSecond = 1'000'000'000;
  const auto seconds = static_cast<time_t>(now_ns / kNsPerSecond);
  tm parts = {};
  gmtime_r(&seconds, &parts);
  char day[16];
  const size_t size = std::strftime(day, sizeof(day), "%Y-%m-%d", &parts);
  const std::string names[] = {std::string(day, size), "latest"};
  for (const std::string& name : names) {
    absl::Status kept =
        ledger::ReplaceSyncedFile(absl::StrCat(directory_, "/security-checkpoint-", name), note);
    if (!kept.ok()) return kept;
  }
  kept_ = note;
  return absl::OkStatus();
}

}  // namespace ladon
