#include "server/cmd/revocation_watcher.h"

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "server/cmd/files.h"

namespace ladon {
namespace {

using rpc::LogLevel;

std::chrono::sys_seconds SecondsOf(uint64_t ns) {
  constexpr uint64_t kSecondNs = 1'000'000'000;
  return std::chrono::sys_seconds(std::chrono::seconds(ns / kSecondNs));
}

void LogReport(const access::Revocations::Report& report, rpc::Monitor* monitor) {
  std::string next = "not promised";
  if (report.next_update != std::chrono::sys_seconds::max()) {
    next = absl::FormatTime(absl::RFC3339_sec, absl::FromChrono(report.next_update),
                            absl::UTCTimeZone());
  }
  const rpc::LogText by = rpc::LogText::SafeBecause("a time", next);
  if (report.stale) {
    monitor->Log(LogLevel::kWarning, "revocations_stale",
                 {{"revoked", report.revoked}, {"next_update", by}});
    return;
  }
  monitor->Log(LogLevel::kInfo, "revocations",
               {{"lists", report.lists},
                {"revoked", report.revoked},
                {"added", report.added},
                {"next_update", by}});
}

}  // namespace

RevocationWatcher::RevocationWatcher(Options options)
    : options_(std::move(options)), thread_([this] { Run(); }) {}

RevocationWatcher::~RevocationWatcher() {
  {
    const std::scoped_lock lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_one();
  thread_.join();
}

void RevocationWatcher::Run() {
  std::unique_lock lock(mutex_);
  do {
    lock.unlock();
    Look();
    lock.lock();
  } while (!wake_.wait_for(lock, options_.every, [this] { return stopping_; }));
}

void RevocationWatcher::Look() {
  const absl::StatusOr<access::Revocations::Report> report =
      options_.revocations->Reload(SecondsOf(options_.now_ns()));
  if (!report.ok()) {
    if (report.status() != told_refused_) options_.on_refused(report.status());
    told_refused_ = report.status();
    return;
  }
  const bool good_again = !std::exchange(told_refused_, absl::OkStatus()).ok();
  const bool other_age = std::exchange(told_stale_, report->stale) != report->stale;
  if (report->changed || good_again || other_age) options_.on_report(*report);
}

absl::StatusOr<std::unique_ptr<access::Revocations>> ReadRevocations(const Config& config,
                                                                     uint64_t now_ns) {
  const absl::StatusOr<std::string> authorities = ReadPemFile(config.tls.client_ca, false);
  if (!authorities.ok()) return authorities.status();
  auto read = access::Revocations::Open({.path = config.tls.crl, .authorities_pem = *authorities},
                                        SecondsOf(now_ns));
  if (read.ok()) return read;
  return absl::Status(read.status().code(), absl::StrCat("[tls] crl: ", read.status().message(),
                                                         "; ladonctl pki crl writes a list"));
}

std::unique_ptr<RevocationWatcher> WatchRevocations(access::Revocations* revocations,
                                                    std::function<uint64_t()> now_ns,
                                                    rpc::Monitor* monitor, Alarms* alarms) {
  if (revocations == nullptr) return nullptr;
  return std::make_unique<RevocationWatcher>(
      RevocationWatcher::Options{.revocations = revocations,
                                 .now_ns = std::move(now_ns),
                                 .on_report =
                                     [monitor, alarms](const auto& report) {
                                       LogReport(report, monitor);
                                       if (report.stale)
                                         alarms->Raise({.event = audit::ProcessEvent::kAlarm});
                                     },
                                 .on_refused =
                                     [monitor, alarms](const absl::Status& why) {
                                       alarms->Raise({.event = audit::ProcessEvent::kAlarm});
                                       monitor->Log(LogLevel::kError, "revocations_refused",
                                                    {{"reason", rpc::LogText::OfFault(why)}});
                                     }});
}

}  // namespace ladon
