#include "server/channels/order_contract.h"

#include <utility>

#include "absl/time/clock.h"
#include "server/base/secret.h"
#include "server/channels/acquiring_bank.h"
#include "server/channels/callback_signature.h"
#include "server/channels/order_endpoints.h"
#include "server/channels/sbp_bank.h"

namespace ladon::channels {
namespace {

absl::Status Wrong(const std::string& what) {
  return absl::InvalidArgumentError(what);
}

absl::Status CheckAcquiring(const OrderContractConfig& config) {
  if (config.bank_user.empty() || config.bank_password.empty()) {
    return Wrong("bank_user or bank_password_file is missing");
  }
  if (!IsPayerLink(config.return_url, /*loopback_allowed=*/true)) {
    return Wrong("return_url must be https://host/path");
  }
  if (config.token.empty() == config.bank_certificate.empty()) {
    return Wrong("set token_file or bank_certificate_file, as the bank signs its callbacks");
  }
  // A callback without a signature is refused for that, unless the certificate is no good.
  if (!config.bank_certificate.empty() &&
      absl::IsInvalidArgument(CheckRsa({}, config.bank_certificate))) {
    return Wrong("bank_certificate_file holds no certificate with an RSA key");
  }
  return absl::OkStatus();
}

absl::Status CheckSbp(const OrderContractConfig& config) {
  if (config.token.empty()) return Wrong("token_file is missing: webhooks are signed with it");
  if (!config.bank_certificate.empty()) return Wrong("bank_certificate_file is for acquiring");
  if (config.bank_user.empty() != config.bank_password.empty()) {
    return Wrong("bank_user and bank_password_file go together");
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<OrderContract> MakeOrderContract(const OrderContractConfig& config, const Core* core,
                                                OrderLog log,
                                                std::chrono::milliseconds poll_period) {
  const bool card = config.protocol == "acquiring";
  if (!card && config.protocol != "sbp") return Wrong("protocol must be acquiring or sbp");
  const absl::StatusOr<BankUrl> url = ParseBankUrl(config.bank_url);
  if (!url.ok()) return Wrong("bank_url: " + std::string(url.status().message()));
  if (absl::Status s = card ? CheckAcquiring(config) : CheckSbp(config); !s.ok()) return s;

  BankHttpOptions line{.url = *url, .ca_file = config.bank_ca_file};
  if (!card) {
    line.user = config.bank_user;
    line.password = config.bank_password;
  }
  auto http = std::make_unique<BankHttp>(std::move(line));
  std::shared_ptr<OrderBank> bank =
      card ? MakeAcquiringBank(std::move(http), {.user = config.bank_user,
                                                 .password = config.bank_password,
                                                 .return_url = config.return_url})
           : MakeSbpBank(std::move(http));
  const auto orders = std::make_shared<const Orders>(
      Orders::Parts{.contract = config.name,
                    .core = MakeOrderCore(core),
                    .bank = std::move(bank),
                    .now = [] { return absl::Now(); },
                    .fill = [](std::span<uint8_t> out) { base::FillRandom(out); }});

  OrderContract made;
  made.way = {.means = card ? OrderMeans::kCard : OrderMeans::kSbp, .orders = orders};
  if (card) {
    made.endpoints[config.path + "/callback"] = MakeOrderCallback(
        orders, {.token = config.token, .certificate_pem = config.bank_certificate});
  } else {
    made.endpoints[config.path + "/webhook"] = MakeOrderWebhook(orders, config.token);
  }
  made.poller = std::make_unique<OrderPoller>(
      OrderPoller::Options{.orders = orders, .period = poll_period, .log = std::move(log)});
  return made;
}

}  // namespace ladon::channels
