#include "server/cmd/security_watch.h"

#include <chrono>
#include <utility>

#include "ledger/proof/merkle.h"
#include "server/flow/security.h"

namespace ladon {
namespace {

using audit::ProcessEvent;
using rpc::LogLevel;

constexpr std::chrono::seconds kSignEvery{10};

}  // namespace

SecurityWatch::SecurityWatch(Options options) : options_(std::move(options)) {}

SecurityWatch::~SecurityWatch() {
  Stop();
  if (copy_ != nullptr) copy_->Stop();
}

absl::Status SecurityWatch::Begin() {
  const flow::House& house = *options_.house;
  absl::Status s = flow::RecordProcessEvent(house, ProcessEvent::kStarted);
  if (s.ok()) {
    s = flow::RecordProcessEvent(house, ProcessEvent::kConfiguration, options_.config->fingerprint);
  }
  if (s.ok()) {
    s = flow::RecordProcessEvent(house, ProcessEvent::kAccessMatrix,
                                 ledger::Sha256(house.matrix->text()));
  }
  if (!s.ok()) return s;
  begun_ = true;
  if (const std::string& directory = options_.config->audit.checkpoint_copy; !directory.empty()) {
    copy_ = std::make_shared<CopyThread>(
        CopyThread::Options{.directory = directory,
                            .now_ns = house.now_ns,
                            .on_failed = [this](const absl::Status& why) {
                              Alarm("security_checkpoint_not_copied", why);
                            }});
  }
  Watch();
  signer_.emplace(PeriodicSigner::Options{
      .checkpointer = house.security_checkpointer,
      .every = kSignEvery,
      .on_signed =
          [this](const std::string& note) {
            if (copy_ != nullptr) copy_->Keep(note);
          },
      .on_not_kept =
          [this](const absl::Status& why) { Alarm("security_checkpoint_not_kept", why); },
      .on_fatal = options_.on_fatal});
  const auto& config = options_.config->audit;
  if (config.archive.empty() || config.keep_days == 0) return absl::OkStatus();
  archiver_.emplace(AuditArchiver::Options{
      .archive = {.log = house.audit,
                  .ledger = house.ledger,
                  .checkpointer = house.security_checkpointer,
                  .directory = config.archive},
      .keep_days = config.keep_days,
      .now_ns = house.now_ns,
      .on_archived =
          [this](const audit::Archived& archived) {
            *archive_failing_ = false;
            options_.monitor->Log(LogLevel::kInfo, "security_records_archived",
                                  {{"first", archived.first},
                                   {"end", archived.end},
                                   {"file", rpc::LogText::OfOperator(archived.path)}});
          },
      .on_failed =
          [this](const absl::Status& why) {
            *archive_failing_ = true;
            Alarm("security_records_not_archived", why);
          }});
  return absl::OkStatus();
}

void SecurityWatch::Stop() {
  archiver_.reset();
  signer_.reset();
  if (!std::exchange(begun_, false)) return;
  // When nothing can be made durable any more, this cannot either, and the process says why it
  // ends.
  static_cast<void>(flow::RecordProcessEvent(*options_.house, ProcessEvent::kStopping).ok());
}

void SecurityWatch::End() {
  const absl::StatusOr<std::string> note = options_.house->security_checkpointer->Sign();
  if (note.ok() && copy_ != nullptr) {
    copy_->Keep(*note);
    copy_->Flush();
  }
  if (note.ok()) return;
  options_.monitor->Log(LogLevel::kError, "security_checkpoint_not_kept",
                        {{"reason", rpc::LogText::OfFault(note.status())}});
}

void SecurityWatch::Watch() {
  options_.monitor->Watch(
      "ladon_audit_copy_failing",
      "1 while checkpoints of the security log do not reach the second host",
      [copy = copy_] { return copy != nullptr && copy->failing() ? 1.0 : 0.0; });
  options_.monitor->Watch(
      "ladon_audit_copied_at_seconds",
      "When the second host had the newest checkpoint; 0: not since the start", [copy = copy_] {
        constexpr double kNsPerSecond = 1e9;
        return copy == nullptr ? 0.0 : static_cast<double>(copy->copied_at_ns()) / kNsPerSecond;
      });
  options_.monitor->Watch("ladon_audit_archive_failing",
                          "1 while old records of the security log cannot be archived",
                          [failing = archive_failing_] { return *failing ? 1.0 : 0.0; });
}

void SecurityWatch::Alarm(rpc::Literal event, const absl::Status& why) {
  options_.monitor->Log(LogLevel::kError, event, {{"reason", rpc::LogText::OfFault(why)}});
  static_cast<void>(flow::RecordProcessEvent(*options_.house, ProcessEvent::kAlarm).ok());
}

}  // namespace ladon
