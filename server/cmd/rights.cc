#include "server/cmd/rights.h"

#include <string>
#include <string_view>
#include <utility>

#include "server/audit/process_event.h"
#include "server/base/id.h"
#include "server/flow/security.h"
#include "server/rpc/log_field.h"

namespace ladon {
namespace {

using rpc::LogLevel;
using rpc::LogText;

flow::Epochs::Options EpochOptions(const Config& config, rpc::Monitor* monitor, Alarms* alarms,
                                   vault::KeyTable* keys, const std::function<uint64_t()>& now_ns,
                                   Rights* rights) {
  return {.keys = keys,
          .days = config.keys.epoch_days,
          .standby = config.keys.standby,
          .now_ns = now_ns,
          .on_begun =
              [monitor, rights](uint32_t epoch) {
                monitor->Log(LogLevel::kInfo, "epoch_begun", {{"epoch", epoch}});
                const absl::Status recorded =
                    flow::RecordProcessEvent(*rights->house, audit::ProcessEvent::kEpochRotated);
                if (!recorded.ok()) {
                  monitor->Log(LogLevel::kError, "epoch_not_recorded",
                               {{"reason", LogText::OfFault(recorded)}});
                }
                rights->eraser->Wake();  // What waited for an epoch to end,
              },
          .on_copied = [rights] { rights->eraser->Wake(); },  // for the standby too.
          .on_trouble =
              [monitor, alarms](flow::EpochTrouble what, const absl::Status& why) {
                alarms->Raise({.event = audit::ProcessEvent::kAlarm});
                if (what == flow::EpochTrouble::kNotBegun) {
                  monitor->Log(LogLevel::kError, "epoch_not_begun",
                               {{"reason", LogText::OfFault(why)}});
                } else {
                  monitor->Log(LogLevel::kError, "standby_copy_failed",
                               {{"reason", LogText::OfFault(why)}});
                }
              }};
}

flow::Eraser::Options EraserOptions(rpc::Monitor* monitor) {
  return {.on_step =
              [monitor](const registers::Erasure& erasure) {
                monitor->Log(LogLevel::kInfo, "erasure",
                             {{"erasure", erasure.id}, {"step", static_cast<int>(erasure.step)}});
              },
          .on_trouble =
              [monitor](const registers::Erasure& erasure, const absl::Status& why) {
                monitor->Log(LogLevel::kError, "erasure_waits",
                             {{"erasure", erasure.id}, {"reason", LogText::OfFault(why)}});
              }};
}

LogText PrincipalText(const access::Caller& caller) {
  return LogText::SafeBecause("a role and random ids", caller.uri);
}

LogText AddressText(std::string_view address) {
  return LogText::SafeBecause("an address of the operator's network", std::string(address));
}

access::Watch::Options WatchOptions(const Config& config, rpc::Monitor* monitor, Alarms* alarms) {
  return {.denied_burst = config.access.denied_burst,
          .denied_per_minute = config.access.denied_per_minute,
          .on_two_addresses =
              [monitor, alarms](const access::Caller& caller, std::string_view other) {
                alarms->Raise(AlarmAbout(audit::ProcessEvent::kTwoAddresses, caller));
                monitor->Log(LogLevel::kWarning, "certificate_from_two_addresses",
                             {{"principal", PrincipalText(caller)},
                              {"address", AddressText(access::HostOf(caller.peer))},
                              {"other_address", AddressText(other)}});
              },
          .on_denied_often =
              [monitor, alarms](const access::Caller& caller) {
                alarms->Raise(AlarmAbout(audit::ProcessEvent::kDeniedOften, caller));
                monitor->Log(
                    LogLevel::kWarning, "denied_often",
                    {{"principal", PrincipalText(caller)}, {"address", AddressText(caller.peer)}});
              }};
}

}  // namespace

absl::StatusOr<std::unique_ptr<Rights>> Rights::Open(const Config& config, rpc::Monitor* monitor,
                                                     Alarms* alarms, vault::KeyTable* keys,
                                                     const std::function<uint64_t()>& now_ns) {
  auto rights = std::make_unique<Rights>();
  absl::StatusOr<base::Calendar> calendar = base::Calendar::Statutory();
  if (!config.ledger.calendar.empty()) calendar = base::Calendar::Load(config.ledger.calendar);
  if (!calendar.ok()) return calendar.status();
  rights->calendar = std::make_unique<base::Calendar>(*std::move(calendar));
  rights->principal_rules = {.grants_required = config.access.grants_required,
                             .founders = Founders(config),
                             .idle_days_max = config.access.idle_days_max,
                             .refund_kopecks_max = config.access.refund_kopecks_max};
  rights->watch = std::make_unique<access::Watch>(WatchOptions(config, monitor, alarms));
  rights->epochs = std::make_unique<flow::Epochs>(
      EpochOptions(config, monitor, alarms, keys, now_ns, rights.get()));
  rights->eraser = std::make_unique<flow::Eraser>(EraserOptions(monitor));
  rights->retention = std::make_unique<flow::Retention>(
      flow::Retention::Options{.on_trouble = [monitor](const absl::Status& why) {
        monitor->Log(LogLevel::kError, "retention_waits", {{"reason", LogText::OfFault(why)}});
      }});
  return rights;
}

void Rights::Start(const flow::House* opened) {
  house = opened;
  eraser->Start(house);
  epochs->Start();
  retention->Start(house);
}

void Rights::Stop() {
  retention->Stop();
  epochs->Stop();
  eraser->Stop();
}

}  // namespace ladon
