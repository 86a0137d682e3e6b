// A contract whose payers pay at the bank's own page or by its link, put together from its
// configuration. Threading: pure functions.
#ifndef LADON_SERVER_CHANNELS_ORDER_CONTRACT_H_
#define LADON_SERVER_CHANNELS_ORDER_CONTRACT_H_

#include <chrono>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "server/channels/gateway.h"
#include "server/channels/order_endpoints.h"
#include "server/channels/order_poller.h"

namespace ladon::channels {

struct OrderContractConfig {
  std::string name;       // As the core's configuration has it.
  std::string protocol;   // "acquiring" or "sbp".
  std::string path;       // Of the page; callbacks come to path/callback, webhooks to path/webhook.
  std::string bank_url;   // https://host/prefix of the bank's order API.
  std::string bank_user;  // Of acquiring, in every request; of SBP, HTTP Basic, empty: none.
  std::string bank_password;
  std::string bank_ca_file;      // PEM, of whom the bank's TLS is trusted by; empty: the system's.
  std::string token;             // Of checksums (acquiring) or of webhooks (sbp).
  std::string bank_certificate;  // PEM, of callbacks signed with RSA, in place of the token.
  std::string return_url;        // Of acquiring: where the bank sends the payer back to.
};

struct OrderContract {
  Endpoints endpoints;                  // By path, for the Gateway; but for the page.
  PayWay way;                           // For the page, which may offer several.
  std::unique_ptr<OrderPoller> poller;  // Not started.
};

// `core` must outlive what is made; nullptr as long as nothing of it serves or is started. `log`
// may be empty. InvalidArgument, naming the key: what is missing, or not what it should be.
[[nodiscard]] absl::StatusOr<OrderContract> MakeOrderContract(
    const OrderContractConfig& config, const Core* core, OrderLog log,
    std::chrono::milliseconds poll_period = kPollPeriod);

}  // namespace ladon::channels

#endif  // LADON_SERVER_CHANNELS_ORDER_CONTRACT_H_
