// Whether somebody who was identified may be served, and how a till may show them.
// Threading: pure functions over their arguments.
#ifndef LADON_SERVER_FLOW_PAYER_H_
#define LADON_SERVER_FLOW_PAYER_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "ledger/command.h"
#include "server/flow/house.h"
#include "server/flow/token.h"
#include "storage/store.h"

namespace ladon::flow {

// The purse every subject has; numbers are those of ladon.v1.Purse.
inline constexpr uint8_t kMainPurse = 1;

// As a till may show it.
struct Payer {
  std::string display_name;
  bool low_money = false;
  std::optional<int64_t> balance_kopecks;  // Only where the school allows it.
};

// OK: may be served by these means on `today`. Refusals: kSubjectUnknown, kSubjectBlocked,
// kBiometricsOff, kConsentMissing, kCardBlocked, kCardLost, kCardExpired. Asked when somebody is
// identified and again, on the applier thread, when the money moves: a consent withdrawn in
// between wins.
[[nodiscard]] absl::Status CheckPayer(const House& house, const storage::Reader& reader,
                                      const Identified& who, uint32_t today);

// Consents of both kinds that are valid on `today` (152-FZ article 11: biometrics only with a
// written consent of its own). That of a representative ends with the 18th birthday, where the
// birthday is known (0: it is not). kConsentMissing, naming the kind.
[[nodiscard]] absl::Status CheckPalmConsents(const House& house, const storage::Reader& reader,
                                             const vault::SubjectRef& subject, uint32_t birth_day,
                                             uint32_t today);

// The account of a purse; kPurseNotOpen.
[[nodiscard]] absl::StatusOr<base::AccountId> PurseAccount(const vault::SubjectRecord& record,
                                                           uint8_t purse);

// How to show `subject` with `balance_kopecks` in the purse concerned.
[[nodiscard]] absl::StatusOr<Payer> ShowPayer(const House& house, const vault::SubjectRef& subject,
                                              int64_t balance_kopecks);

[[nodiscard]] inline ledger::AccountId ToLedger(const base::AccountId& id) {
  return ledger::AccountId{id.bytes};
}
[[nodiscard]] inline base::AccountId ToBase(const ledger::AccountId& id) {
  return base::AccountId{id.bytes};
}

}  // namespace ladon::flow

#endif  // LADON_SERVER_FLOW_PAYER_H_
