#include "server/payments/contract.h"

#include <algorithm>

namespace ladon::payments {

int64_t Contract::FeeOf(int64_t paid_kopecks) const {
  constexpr int64_t kWhole = 10'000;  // Hundredths of a percent.
  const int64_t share = (paid_kopecks * fee_hundredths + kWhole / 2) / kWhole;
  return std::min(paid_kopecks, std::max(share, fee_kopecks_min));
}

absl::Status CheckContract(const Contract& contract) {
  const auto is_plain = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
  };
  if (contract.name.empty() || contract.name.size() > kContractNameMax ||
      !std::all_of(contract.name.begin(), contract.name.end(), is_plain)) {
    return absl::InvalidArgumentError("name must be 1 to 32 small letters, digits and hyphens");
  }
  if (contract.fee_hundredths > kFeeHundredthsMax) {
    return absl::InvalidArgumentError("fee_percent must be 0 to 100");
  }
  if (contract.paid_kopecks_min < 1 || contract.paid_kopecks_max > kPaidKopecksMax ||
      contract.paid_kopecks_min > contract.paid_kopecks_max) {
    return absl::InvalidArgumentError(
        "paid_min must be at least 0.01, and not above paid_max, which is at most 100000000.00");
  }
  // Otherwise somebody pays and gets nothing.
  if (contract.FeeOf(contract.paid_kopecks_min) >= contract.paid_kopecks_min) {
    return absl::InvalidArgumentError("paid_min must be more than its own fee");
  }
  constexpr uint32_t kHours = 24;
  if (contract.registry_hour >= kHours) {
    return absl::InvalidArgumentError("registry_hour must be 0 to 23");
  }
  if (contract.refund_days > kRefundDaysMax) {
    return absl::InvalidArgumentError("refund_days must be 0 to 30");
  }
  return absl::OkStatus();
}

const Contract* Contracts::Find(std::string_view name) const {
  const auto it = by_name_.find(name);
  return it == by_name_.end() ? nullptr : &it->second;
}

}  // namespace ladon::payments
