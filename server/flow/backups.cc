#include "server/flow/backups.h"

#include <utility>

#include "ledger/proof/checkpoint.h"
#include "ledger/proof/note.h"
#include "server/flow/refusal.h"

namespace ladon::flow {

Backups::Backups(Options options) : options_(std::move(options)) {
  if (options_.directory.empty()) return;
  auto known = storage::ListBackups(options_.directory);
  if (known.ok()) {
    state_.backups = *std::move(known);
    return;
  }
  // No reason to serve nobody: it is told, in the log and to whoever asks.
  state_.last_failure = std::string(known.status().message());
  if (options_.on_end) options_.on_end(known.status());
}

absl::Status Backups::Start() {
  if (options_.directory.empty()) return Refuse(Reason::kBackupsOff);
  const std::scoped_lock lock(mutex_);
  if (state_.under_way) return Refuse(Reason::kBackupUnderWay);
  copied_bytes_ = 0;
  if (!worker_.Run([this] { Make(); })) return Refuse(Reason::kStopping);
  state_.under_way = true;
  state_.last_failure.clear();
  return absl::OkStatus();
}

BackupsState Backups::state() const {
  const std::scoped_lock lock(mutex_);
  BackupsState state = state_;
  state.copied_bytes = copied_bytes_;
  return state;
}

void Backups::Stop() {
  stopping_ = true;
  worker_.Stop();
}

void Backups::Make() {
  absl::StatusOr<storage::BackupSummary> made = absl::UnavailableError("the server stops");
  absl::StatusOr<std::string> note = options_.sign();
  if (!note.ok()) {
    made = note.status();
  } else if (!stopping_) {
    made = options_.store->Backup({.directory = options_.directory,
                                   .note = *std::move(note),
                                   .bytes_per_second_max = options_.bytes_per_second_max,
                                   .keep = options_.keep,
                                   .on_progress = [this](uint64_t bytes) {
                                     copied_bytes_ = bytes;
                                     return !stopping_.load();
                                   }});
  }
  auto known = storage::ListBackups(options_.directory);
  {
    const std::scoped_lock lock(mutex_);
    state_.under_way = false;
    if (known.ok()) state_.backups = *std::move(known);
    if (!made.ok()) state_.last_failure = std::string(made.status().message());
  }
  if (options_.on_end) options_.on_end(made);
}

uint64_t EntriesOf(const std::string& note) {
  const absl::StatusOr<ledger::Note> parsed = ledger::ParseNote(note);
  if (!parsed.ok()) return 0;
  const absl::StatusOr<ledger::Checkpoint> checkpoint = ledger::ParseCheckpoint(parsed->text);
  return checkpoint.ok() ? checkpoint->size : 0;
}

void CreateBackup(const House& house, const access::Caller& caller, Done<bool> done) {
  const absl::Status started = house.backups->Start();
  Reply<bool>(house, caller, {}, started.ok() ? absl::StatusOr<bool>(true) : started,
              std::move(done));
}

void ListBackups(const House& house, const access::Caller& caller, Done<BackupsState> done) {
  Reply<BackupsState>(house, caller, {}, house.backups->state(), std::move(done));
}

}  // namespace ladon::flow
