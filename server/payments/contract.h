// A contract with a bank or another channel, as far as the money goes: how it is told apart, what
// it costs, and where what it takes in stands in the ledger. (How the bank speaks is the gateway's:
// server/channels.) Configured, and the same as long as the service runs.
// Threading: plain values; a Contracts is immutable.
#ifndef LADON_SERVER_PAYMENTS_CONTRACT_H_
#define LADON_SERVER_PAYMENTS_CONTRACT_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "server/base/id.h"

namespace ladon::payments {

inline constexpr size_t kContractNameMax = 32;
inline constexpr size_t kContractsMax = 100;
inline constexpr int64_t kPaidKopecksMax = 10'000'000'000;  // 100 million roubles.
inline constexpr uint32_t kFeeHundredthsMax = 10'000;       // Of a percent: all of it.
inline constexpr uint32_t kRefundDaysMax = 30;

struct Contract {
  std::string name;       // Small letters, digits and hyphens; the key of its payments, for ever.
  std::string time_zone;  // IANA: of its days.
  // The fee is taken from what is paid: so many hundredths of a percent of it, rounded half up,
  // once; at least the minimum.
  uint32_t fee_hundredths = 0;
  int64_t fee_kopecks_min = 0;
  // Of one payment.
  int64_t paid_kopecks_min = 1;
  int64_t paid_kopecks_max = kPaidKopecksMax;
  bool cancels = false;  // The channel may take an unspent payment back.
  // How much registries may credit on one day that was not paid online, without a second person.
  int64_t registry_kopecks_max = 0;
  bool registries = true;  // Whether the bank sends any.
  // The hour of the working day behind a day at which its registry is late, by time_zone.
  uint32_t registry_hour = 18;

  // Within so many days what is refunded is with its payer again (Law on Consumers' Rights, article
  // 31: ten).
  uint32_t refund_days = 10;

  // Set when the service starts.
  base::AccountId clearing;
  base::AccountId fees;
  base::AccountId suspense;
  base::AccountId refunds;

  // 0..paid; what is left is credited.
  [[nodiscard]] int64_t FeeOf(int64_t paid_kopecks) const;
};

// InvalidArgument: what is wrong, beginning with the key's name as the configuration has it.
[[nodiscard]] absl::Status CheckContract(const Contract& contract);

class Contracts {
 public:
  Contracts() = default;
  explicit Contracts(std::map<std::string, Contract, std::less<>> by_name)
      : by_name_(std::move(by_name)) {}

  // nullptr: there is none. Valid as long as the Contracts is.
  [[nodiscard]] const Contract* Find(std::string_view name) const;
  [[nodiscard]] const std::map<std::string, Contract, std::less<>>& all() const { return by_name_; }

 private:
  std::map<std::string, Contract, std::less<>> by_name_;
};

}  // namespace ladon::payments

#endif  // LADON_SERVER_PAYMENTS_CONTRACT_H_
