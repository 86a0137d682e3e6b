#include "server/audit/process_event.h"

#include <unistd.h>

#include <algorithm>

#include "server/base/version.h"

namespace ladon::audit {

std::string_view ProcessEventName(uint16_t event) {
  switch (static_cast<ProcessEvent>(event)) {
    case ProcessEvent::kStarted:
      return "process/started";
    case ProcessEvent::kStopping:
      return "process/stopping";
    case ProcessEvent::kConfiguration:
      return "process/configuration";
    case ProcessEvent::kAccessMatrix:
      return "process/access-matrix";
    case ProcessEvent::kEpochRotated:
      return "process/epoch-rotated";
    case ProcessEvent::kAlarm:
      return "process/alarm";
    case ProcessEvent::kNewLog:
      return "process/new-log";
    case ProcessEvent::kArchived:
      return "process/archived";
    case ProcessEvent::kClockStepped:
      return "process/clock-stepped-back";
    case ProcessEvent::kTwoAddresses:
      return "process/certificate-from-two-addresses";
    case ProcessEvent::kDeniedOften:
      return "process/denied-often";
    case ProcessEvent::kMissedOften:
      return "process/missed-often";
    case ProcessEvent::kPaymentDiffers:
      return "process/payment-differs";
    case ProcessEvent::kRegistryLate:
      return "process/registry-late";
    case ProcessEvent::kRefundOverdue:
      return "process/refund-overdue";
    case ProcessEvent::kEventParked:
      return "process/event-parked";
  }
  return {};
}

bool IsAlarm(ProcessEvent event) {
  switch (event) {
    case ProcessEvent::kAlarm:
    case ProcessEvent::kClockStepped:
    case ProcessEvent::kTwoAddresses:
    case ProcessEvent::kDeniedOften:
    case ProcessEvent::kMissedOften:
    case ProcessEvent::kPaymentDiffers:
    case ProcessEvent::kRegistryLate:
    case ProcessEvent::kRefundOverdue:
    case ProcessEvent::kEventParked:
      return true;
    default:
      return false;
  }
}

std::optional<ProcessEvent> ProcessEventOf(std::string_view name) {
  const auto* const found = std::find_if(
      kProcessEvents.begin(), kProcessEvents.end(),
      [&](ProcessEvent event) { return ProcessEventName(static_cast<uint16_t>(event)) == name; });
  if (found == kProcessEvents.end()) return std::nullopt;
  return *found;
}

ledger::AuditLeaf LeafOf(ProcessEvent event, const ledger::Digest& about, uint64_t now_ns) {
  ledger::AuditLeaf leaf;
  leaf.at_ns = now_ns;
  leaf.event = static_cast<uint16_t>(event);
  if (IsAlarm(event)) leaf.outcome = ledger::AuditOutcome::kFailed;
  leaf.request = about.bytes;
  leaf.process_id = static_cast<uint32_t>(getpid());
  leaf.software_version = base::kVersion;
  return leaf;
}

}  // namespace ladon::audit
