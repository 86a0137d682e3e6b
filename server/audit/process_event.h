// What the process itself does, as records of the security log: nobody called, so there is no actor
// and no role, but of an alarm about somebody. Threading: pure functions.
#ifndef LADON_SERVER_AUDIT_PROCESS_EVENT_H_
#define LADON_SERVER_AUDIT_PROCESS_EVENT_H_

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "ledger/proof/audit_leaf.h"
#include "ledger/proof/ids.h"

namespace ladon::audit {

// The numbers from kProcessEventsFirst on belong to no call (server/access/access.matrix) and are
// never reused. `about` is what stands in the record's field `request`.
inline constexpr uint16_t kProcessEventsFirst = 900;
inline constexpr uint16_t kProcessEventsLast = 999;
enum class ProcessEvent : uint16_t {
  kStarted = 901,         // Before the first call is served.
  kStopping = 902,        // After the last call was answered.
  kConfiguration = 903,   // In force from here on; about: SHA-256 of the file.
  kAccessMatrix = 904,    // In force from here on; about: SHA-256 of its text.
  kEpochRotated = 905,    // Every data key is wrapped anew.
  kAlarm = 906,           // Something an operator must see; the server's own log says what.
  kNewLog = 907,          // After a roll-back; about: SHA-256 of the last checkpoint before it.
  kArchived = 908,        // Records left for an archive; about: SHA-256 of its file.
  kClockStepped = 909,    // The machine's clock went back.
  kTwoAddresses = 910,    // A certificate called from two addresses within minutes; with its actor.
  kDeniedOften = 911,     // A certificate tries doors, and finds all shut now; with its actor.
  kMissedOften = 912,     // Palms, cards or PINs of nobody, one after the other; with the till.
  kPaymentDiffers = 913,  // A bank repeats a payment with another account or sum; with its gateway.
  kRegistryLate = 914,    // Payments of a day are in no registry, and it should be there by now.
  kRefundOverdue = 915,   // A refund that was promised by a day has not been paid by then.
  kEventParked = 916,     // An event could not be told for days; with its courier.
};
inline constexpr std::array kProcessEvents = {
    ProcessEvent::kStarted,        ProcessEvent::kStopping,     ProcessEvent::kConfiguration,
    ProcessEvent::kAccessMatrix,   ProcessEvent::kEpochRotated, ProcessEvent::kAlarm,
    ProcessEvent::kNewLog,         ProcessEvent::kArchived,     ProcessEvent::kClockStepped,
    ProcessEvent::kTwoAddresses,   ProcessEvent::kDeniedOften,  ProcessEvent::kMissedOften,
    ProcessEvent::kPaymentDiffers, ProcessEvent::kRegistryLate, ProcessEvent::kRefundOverdue,
    ProcessEvent::kEventParked};

// "process/started", as a call is "TerminalService/Debit". Empty: no such event.
[[nodiscard]] std::string_view ProcessEventName(uint16_t event);
[[nodiscard]] bool IsAlarm(ProcessEvent event);
[[nodiscard]] std::optional<ProcessEvent> ProcessEventOf(std::string_view name);

// The record of `event`, of this process and now; IsAlarm() is a failure, the rest a success.
[[nodiscard]] ledger::AuditLeaf LeafOf(ProcessEvent event, const ledger::Digest& about,
                                       uint64_t now_ns);

}  // namespace ladon::audit

#endif  // LADON_SERVER_AUDIT_PROCESS_EVENT_H_
