// The configuration of ladon-gateway: one TOML file, every key known, nothing guessed.
// deploy/ladon-gateway.toml is the commented sample. Threading: pure functions.
#ifndef LADON_SERVER_CMD_GATEWAY_GATEWAY_CONFIG_H_
#define LADON_SERVER_CMD_GATEWAY_GATEWAY_CONFIG_H_

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "server/channels/core.h"
#include "server/channels/courier.h"
#include "server/channels/gateway.h"
#include "server/channels/order_poller.h"

namespace ladon::gateway {

inline constexpr size_t kConfigBytesMax = size_t{256} * 1024;
inline constexpr size_t kSecretBytesMax = 4'096;

// One [[contract]]: how its bank speaks.
struct ContractConfig {
  std::string name;  // As the core's configuration has it.
  std::string protocol;
  std::string path;
  std::string networks;  // Apart by spaces; empty: any address.
  std::string user;      // Empty: no HTTP Basic.
  std::string password_file;
  std::string certificate_dn;  // Empty: no client certificate.
  std::string token_file;      // Of checksums; empty: none.
  std::string charset = "utf-8";
  std::string time_zone = "Europe/Moscow";
  std::string account_pattern = "[0-9 -]{12,20}";  // RE2
  std::string repeat = "same";
  bool cancels = false;
  bool comments = true;
  bool http_status_tells = false;
  // Of acquiring and sbp: order_contract.h.
  std::string bank_url;
  std::string bank_user;
  std::string bank_password_file;
  std::string bank_ca_file;
  std::string bank_certificate_file;
  std::string return_url;
  std::string also;  // Another contract whose button stands on this one's page.
};

// One [[courier]]: who listens for a stream of the core's events.
struct CourierConfig {
  std::string stream;       // notices or receipts
  std::string url;          // https, or http on this machine
  std::string secret_file;  // channels/webhook_signature.h
  std::string ca_file;      // Whom to trust; empty: whom the system does.
};

struct GatewayConfig {
  std::string listen = "127.0.0.1:8080";
  std::string port_file;  // Written when it serves: "host:port".
  std::string proxies = "127.0.0.1 ::1";
  std::string server;
  std::string identity;  // Directory, as `ladonctl pki issue` makes it.
  std::string server_name;
  std::string courier_identity;  // Of role courier; only with [[courier]].
  std::string log_file;          // Empty: standard error.
  std::vector<ContractConfig> contracts;
  std::vector<CourierConfig> couriers;
};

// NotFound: no such file. InvalidArgument, naming file and line: not TOML, an unknown key, a value
// of another type or out of its range, a required key missing, a name or path twice.
[[nodiscard]] absl::StatusOr<GatewayConfig> LoadConfig(const std::string& path);

// What serves all contracts. The pollers are not started.
struct Served {
  channels::Endpoints endpoints;
  std::vector<std::unique_ptr<channels::OrderPoller>> pollers;
};
// InvalidArgument, FailedPrecondition, NotFound: a pattern, network, zone or secret's file is not
// what it should be.
[[nodiscard]] absl::StatusOr<Served> MakeEndpoints(const GatewayConfig& config,
                                                   const channels::Core* core,
                                                   const channels::OrderLog& log);

// The couriers, not started. Errors as of MakeEndpoints().
[[nodiscard]] absl::StatusOr<std::vector<std::unique_ptr<channels::Courier>>> MakeCouriers(
    const GatewayConfig& config, const channels::Core* core, const channels::CourierLog& log);

}  // namespace ladon::gateway

#endif  // LADON_SERVER_CMD_GATEWAY_GATEWAY_CONFIG_H_
