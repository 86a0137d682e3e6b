// What nobody calls about and somebody must look after: a bank's registry that is late, a refund
// that its payer waits for too long. Threading: one thread, which waits for what is recorded.
#ifndef LADON_SERVER_FLOW_PAYMENT_ALARMS_H_
#define LADON_SERVER_FLOW_PAYMENT_ALARMS_H_

#include <cstdint>
#include <functional>
#include <set>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "server/flow/house.h"
#include "server/payments/contract.h"

namespace ladon::flow {

// How far back days are looked at: what is older has been told, or was before anybody looked.
inline constexpr int32_t kRegistryDaysBack = 14;

class PaymentAlarms {
 public:
  // Called after an alarm is in the security log; `day`: of the payments, or by which the refund
  // was promised.
  using OnAlarm =
      std::function<void(audit::ProcessEvent event, const std::string& contract, uint32_t day)>;
  // `house` must outlive it.
  PaymentAlarms(const House* house, OnAlarm on_alarm)
      : house_(house), on_alarm_(std::move(on_alarm)) {}

  // Looks at every contract; each alarm is raised once, also over restarts. Unavailable: the ledger
  // stopped; DataLoss: a record is damaged.
  [[nodiscard]] absl::Status Look();

 private:
  [[nodiscard]] absl::Status LookAtRegistries(const payments::Contract& contract, uint64_t now_ns);
  [[nodiscard]] absl::Status LookAtRefunds(const payments::Contract& contract, uint64_t now_ns);
  [[nodiscard]] absl::Status Raise(audit::ProcessEvent event, const std::string& contract,
                                   const std::string& what, uint32_t day);

  const House* const house_;
  const OnAlarm on_alarm_;
  // Days that are done with: nothing more is booked on a day that is over.
  std::set<std::pair<std::string, uint32_t>> done_;
};

}  // namespace ladon::flow

#endif  // LADON_SERVER_FLOW_PAYMENT_ALARMS_H_
