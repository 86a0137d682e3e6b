#include "server/cmd/gateway/gateway_config.h"

#include <toml++/toml.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <set>
#include <span>
#include <sstream>
#include <string_view>
#include <utility>
#include <variant>

#include "absl/time/clock.h"
#include "server/channels/biller_endpoint.h"
#include "server/channels/order_contract.h"
#include "server/channels/webhook_signature.h"

namespace ladon::gateway {
namespace {

using Target = std::variant<std::string*, bool*>;

struct Key {
  std::string_view name;
  Target target;
};

std::string At(const std::string& path, const toml::source_region& where) {
  return path + ", line " + std::to_string(where.begin.line) + ": ";
}

absl::Status ReadTable(const std::string& path, std::string_view section, const toml::table& table,
                       std::span<const Key> keys) {
  for (const auto& [name, node] : table) {
    const std::string at = At(path, node.source()) + std::string(section) + " ";
    const auto key = std::find_if(keys.begin(), keys.end(),
                                  [n = name.str()](const Key& one) { return one.name == n; });
    if (key == keys.end()) {
      return absl::InvalidArgumentError(at + "unknown key " + std::string(name.str()) +
                                        "; deploy/ladon-gateway.toml lists every key");
    }
    if (auto* const* const text = std::get_if<std::string*>(&key->target)) {
      const auto value = node.value_exact<std::string>();
      if (!value) {
        return absl::InvalidArgumentError(at + std::string(key->name) +
                                          " must be a text in quotes");
      }
      **text = *value;
    } else {
      const auto value = node.value_exact<bool>();
      if (!value) {
        return absl::InvalidArgumentError(at + std::string(key->name) + " must be true or false");
      }
      *std::get<bool*>(key->target) = *value;
    }
  }
  return absl::OkStatus();
}

std::vector<Key> KeysOf(ContractConfig* one) {
  return {{"name", &one->name},
          {"protocol", &one->protocol},
          {"path", &one->path},
          {"networks", &one->networks},
          {"user", &one->user},
          {"password_file", &one->password_file},
          {"certificate_dn", &one->certificate_dn},
          {"token_file", &one->token_file},
          {"charset", &one->charset},
          {"time_zone", &one->time_zone},
          {"account_pattern", &one->account_pattern},
          {"repeat", &one->repeat},
          {"cancels", &one->cancels},
          {"comments", &one->comments},
          {"http_status_tells", &one->http_status_tells},
          {"bank_url", &one->bank_url},
          {"bank_user", &one->bank_user},
          {"bank_password_file", &one->bank_password_file},
          {"bank_ca_file", &one->bank_ca_file},
          {"bank_certificate_file", &one->bank_certificate_file},
          {"return_url", &one->return_url},
          {"also", &one->also}};
}

bool IsPath(std::string_view path) {
  constexpr size_t kBytesMax = 200;
  return path.size() > 1 && path.size() <= kBytesMax && path[0] == '/' &&
         std::all_of(path.begin(), path.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                  c == '/' || c == '-' || c == '_' || c == '.';
         });
}

bool HasOrders(const ContractConfig& one) {
  return one.protocol == "acquiring" || one.protocol == "sbp";
}

// What is wrong with it; empty: nothing.
std::string Wrong(const ContractConfig& one) {
  const auto among = [](const std::string& value, std::initializer_list<const char*> known) {
    return std::find(known.begin(), known.end(), value) != known.end();
  };
  if (one.name.empty()) return "name is missing";
  if (!among(one.protocol, {"osmp", "sber1", "sber2", "acquiring", "sbp"})) {
    return "protocol must be osmp, sber1, sber2, acquiring or sbp";
  }
  if (!IsPath(one.path)) return "path must be like /osmp: letters, digits, / - _ and .";
  if (!among(one.charset, {"utf-8", "windows-1251"})) {
    return "charset must be utf-8 or windows-1251";
  }
  if (!among(one.repeat, {"same", "code8"})) return "repeat must be same or code8";
  if (one.user.empty() != one.password_file.empty()) return "user and password_file go together";
  if (!one.also.empty() && !HasOrders(one)) return "also is for contracts with a page";
  if (HasOrders(one)) {  // order_contract.h checks the rest.
    const bool shut = !one.user.empty() || !one.networks.empty() || !one.certificate_dn.empty();
    return shut ? "its page is for every payer: leave out user, networks and certificate_dn" : "";
  }
  const bool guarded = !one.user.empty() || !one.networks.empty() || !one.certificate_dn.empty() ||
                       !one.token_file.empty();
  if (!guarded) {
    return "nobody would be kept out: set user, networks, certificate_dn or token_file";
  }
  return {};
}

absl::Status ReadContracts(const std::string& path, const toml::node& node, GatewayConfig* config) {
  const toml::array* const array = node.as_array();
  if (array == nullptr || !array->is_homogeneous<toml::table>()) {
    return absl::InvalidArgumentError(At(path, node.source()) + "write contracts as [[contract]]");
  }
  std::set<std::string> paths;
  std::set<std::string> names;
  for (const toml::node& one : *array) {
    ContractConfig contract;
    const std::vector<Key> keys = KeysOf(&contract);
    if (absl::Status s = ReadTable(path, "[[contract]]", *one.as_table(), keys); !s.ok()) return s;
    std::string wrong = Wrong(contract);
    if (wrong.empty() && !paths.insert(contract.path).second) wrong = "path stands there twice";
    // Two banks count their payments for themselves: under one name theirs would be taken for one.
    if (wrong.empty() && !names.insert(contract.name).second) wrong = "name stands there twice";
    if (!wrong.empty()) {
      return absl::InvalidArgumentError(At(path, one.source()) + "[[contract]] " + wrong);
    }
    config->contracts.push_back(std::move(contract));
  }
  return absl::OkStatus();
}

absl::Status ReadCouriers(const std::string& path, const toml::node& node, GatewayConfig* config) {
  const toml::array* const array = node.as_array();
  if (array == nullptr || !array->is_homogeneous<toml::table>()) {
    return absl::InvalidArgumentError(At(path, node.source()) + "write couriers as [[courier]]");
  }
  std::set<std::string> streams;
  for (const toml::node& one : *array) {
    CourierConfig courier;
    const std::vector<Key> keys = {{"stream", &courier.stream},
                                   {"url", &courier.url},
                                   {"secret_file", &courier.secret_file},
                                   {"ca_file", &courier.ca_file}};
    if (absl::Status s = ReadTable(path, "[[courier]]", *one.as_table(), keys); !s.ok()) return s;
    std::string wrong;
    if (courier.stream != "notices" && courier.stream != "receipts") {
      wrong = "stream must be notices or receipts";
    } else if (!streams.insert(courier.stream).second) {
      wrong = "stream stands there twice";
    } else if (courier.secret_file.empty()) {
      wrong = "secret_file is missing";
    }
    if (!wrong.empty()) {
      return absl::InvalidArgumentError(At(path, one.source()) + "[[courier]] " + wrong);
    }
    config->couriers.push_back(std::move(courier));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::string> ReadFile(const std::string& path, size_t bytes_max) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return absl::NotFoundError("cannot read " + path);
  std::string text(bytes_max + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<size_t>(file.gcount()));
  if (text.size() > bytes_max) {
    return absl::InvalidArgumentError(path + " is longer than " + std::to_string(bytes_max) +
                                      " bytes");
  }
  return text;
}

// A secret alone in its file, a line end behind it or not. Empty path: empty.
absl::StatusOr<std::string> ReadSecret(const std::string& path) {
  if (path.empty()) return std::string();
  absl::StatusOr<std::string> secret = ReadFile(path, kSecretBytesMax);
  if (!secret.ok()) return secret.status();
  while (!secret->empty() && (secret->back() == '\n' || secret->back() == '\r')) secret->pop_back();
  if (secret->empty()) return absl::InvalidArgumentError(path + " holds no secret");
  return secret;
}

absl::StatusOr<std::vector<channels::Network>> NetworksOf(const std::string& text) {
  std::vector<channels::Network> networks;
  std::istringstream words(text);
  for (std::string word; words >> word;) {
    absl::StatusOr<channels::Network> network = channels::Network::Parse(word);
    if (!network.ok()) return network.status();
    networks.push_back(*network);
  }
  return networks;
}

absl::StatusOr<channels::Dialect> DialectOf(const ContractConfig& contract) {
  channels::Dialect dialect{
      .account_pattern =
          std::make_shared<const re2::RE2>(contract.account_pattern, re2::RE2::Quiet),
      .charset =
          contract.charset == "utf-8" ? channels::Charset::kUtf8 : channels::Charset::kWindows1251,
      .cancels = contract.cancels,
      .comments = contract.comments};
  if (!dialect.account_pattern->ok()) {
    return absl::InvalidArgumentError("account_pattern: " + dialect.account_pattern->error());
  }
  if (!absl::LoadTimeZone(contract.time_zone, &dialect.time_zone)) {
    return absl::InvalidArgumentError("time_zone must be an IANA name like Europe/Moscow");
  }
  return dialect;
}

std::unique_ptr<channels::Protocol> ProtocolOf(const std::string& name,
                                               const channels::Dialect& dialect) {
  if (name == "sber1") return channels::MakeSberOne(dialect);
  return name == "sber2" ? channels::MakeSberTwo(dialect) : channels::MakeOsmp(dialect);
}

absl::StatusOr<std::unique_ptr<channels::Endpoint>> MakeEndpoint(
    const ContractConfig& contract, const std::vector<channels::Network>& proxies,
    const channels::Core* core) {
  const absl::StatusOr<channels::Dialect> dialect = DialectOf(contract);
  if (!dialect.ok()) return dialect.status();
  absl::StatusOr<std::vector<channels::Network>> networks = NetworksOf(contract.networks);
  if (!networks.ok()) return networks.status();
  absl::StatusOr<std::string> password = ReadSecret(contract.password_file);
  if (!password.ok()) return password.status();
  absl::StatusOr<std::string> token = ReadSecret(contract.token_file);
  if (!token.ok()) return token.status();
  channels::Biller biller(
      {.contract = contract.name,
       .charset = dialect->charset,
       .repeat = contract.repeat == "same" ? channels::Repeat::kSame : channels::Repeat::kCode8},
      ProtocolOf(contract.protocol, *dialect), *std::move(token));
  channels::Guard guard({.networks = *std::move(networks),
                         .user = contract.user,
                         .password = *std::move(password),
                         .certificate_dn = contract.certificate_dn},
                        proxies);
  return channels::MakeBillerEndpoint(core, std::move(biller), std::move(guard),
                                      contract.http_status_tells
                                          ? channels::StatusPolicy::kTells
                                          : channels::StatusPolicy::kAlways200);
}

absl::Status AddBiller(const ContractConfig& contract,
                       const std::vector<channels::Network>& proxies, const channels::Core* core,
                       Served* served) {
  absl::StatusOr<std::unique_ptr<channels::Endpoint>> endpoint =
      MakeEndpoint(contract, proxies, core);
  if (!endpoint.ok()) return endpoint.status();
  if (!served->endpoints.emplace(contract.path, *std::move(endpoint)).second) {
    return absl::InvalidArgumentError("path " + contract.path + " is another contract's");
  }
  return absl::OkStatus();
}

using WaysByContract = std::map<std::string, channels::PayWay>;

absl::Status AddOrders(const ContractConfig& contract, const channels::Core* core,
                       const channels::OrderLog& log, Served* served, WaysByContract* ways) {
  channels::OrderContractConfig config{.name = contract.name,
                                       .protocol = contract.protocol,
                                       .path = contract.path,
                                       .bank_url = contract.bank_url,
                                       .bank_user = contract.bank_user,
                                       .bank_ca_file = contract.bank_ca_file,
                                       .return_url = contract.return_url};
  for (const auto& [file, secret] :
       {std::pair(&contract.bank_password_file, &config.bank_password),
        std::pair(&contract.token_file, &config.token),
        std::pair(&contract.bank_certificate_file, &config.bank_certificate)}) {
    absl::StatusOr<std::string> read = ReadSecret(*file);
    if (!read.ok()) return read.status();
    *secret = *std::move(read);
  }
  absl::StatusOr<channels::OrderContract> made = channels::MakeOrderContract(config, core, log);
  if (!made.ok()) return made.status();
  for (auto& [path, endpoint] : made->endpoints) {
    if (!served->endpoints.emplace(path, std::move(endpoint)).second) {
      return absl::InvalidArgumentError("path " + path + " is another contract's");
    }
  }
  served->pollers.push_back(std::move(made->poller));
  ways->emplace(contract.name, std::move(made->way));
  return absl::OkStatus();
}

// The page of a contract, with the ways to pay that stand on it.
absl::Status AddPage(const ContractConfig& contract, const WaysByContract& ways, Served* served) {
  std::vector<channels::PayWay> offered = {ways.at(contract.name)};
  if (!contract.also.empty()) {
    const auto other = ways.find(contract.also);
    if (other == ways.end() || other->second.means == offered.front().means) {
      return absl::InvalidArgumentError(
          "also must name a contract with a page that is paid another way");
    }
    offered.push_back(other->second);
  }
  if (!served->endpoints.emplace(contract.path, channels::MakeOrderPage(std::move(offered)))
           .second) {
    return absl::InvalidArgumentError("path " + contract.path + " is another contract's");
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<GatewayConfig> LoadConfig(const std::string& path) {
  const absl::StatusOr<std::string> text = ReadFile(path, kConfigBytesMax);
  if (!text.ok()) return text.status();
  toml::table root;
  try {  // toml++ reports by exception.
    root = toml::parse(*text, path);
  } catch (const toml::parse_error& error) {
    return absl::InvalidArgumentError(At(path, error.source()) + std::string(error.description()));
  }
  GatewayConfig config;
  const std::vector<Key> gateway = {
      {"listen", &config.listen}, {"port_file", &config.port_file}, {"proxies", &config.proxies}};
  const std::vector<Key> core = {{"server", &config.server},
                                 {"identity", &config.identity},
                                 {"server_name", &config.server_name},
                                 {"courier_identity", &config.courier_identity}};
  const std::vector<Key> log = {{"file", &config.log_file}};
  for (const auto& [name, node] : root) {
    const std::string_view section = name.str();
    absl::Status s = absl::InvalidArgumentError(At(path, node.source()) +
                                                "unknown section or key " + std::string(section));
    if (section == "contract") {
      s = ReadContracts(path, node, &config);
    } else if (section == "courier") {
      s = ReadCouriers(path, node, &config);
    } else if (const toml::table* const table = node.as_table(); table != nullptr) {
      if (section == "gateway") s = ReadTable(path, "[gateway]", *table, gateway);
      if (section == "core") s = ReadTable(path, "[core]", *table, core);
      if (section == "log") s = ReadTable(path, "[log]", *table, log);
    }
    if (!s.ok()) return s;
  }
  if (config.server.empty()) return absl::InvalidArgumentError(path + ": [core] server is missing");
  if (config.identity.empty() && !config.contracts.empty()) {
    return absl::InvalidArgumentError(path + ": [core] identity is missing");
  }
  if (config.courier_identity.empty() != config.couriers.empty()) {
    return absl::InvalidArgumentError(path +
                                      ": [core] courier_identity and [[courier]] go together");
  }
  if (config.contracts.empty() && config.couriers.empty()) {
    return absl::InvalidArgumentError(path +
                                      ": no [[contract]] and no [[courier]]: there is nobody to "
                                      "serve");
  }
  return config;
}

absl::StatusOr<Served> MakeEndpoints(const GatewayConfig& config, const channels::Core* core,
                                     const channels::OrderLog& log) {
  const auto proxies = NetworksOf(config.proxies);
  if (!proxies.ok()) return proxies.status();
  Served served;
  WaysByContract ways;
  const auto each = [&](const auto& add) {
    for (const ContractConfig& contract : config.contracts) {
      const absl::Status added = add(contract);
      if (added.ok()) continue;
      return absl::Status(added.code(),
                          "contract " + contract.name + ": " + std::string(added.message()));
    }
    return absl::OkStatus();
  };
  absl::Status all = each([&](const ContractConfig& contract) {
    return HasOrders(contract) ? AddOrders(contract, core, log, &served, &ways)
                               : AddBiller(contract, *proxies, core, &served);
  });
  // Behind all others: a page may show the way of a contract that stands below it.
  if (all.ok()) {
    all = each([&](const ContractConfig& contract) {
      return HasOrders(contract) ? AddPage(contract, ways, &served) : absl::OkStatus();
    });
  }
  if (!all.ok()) return all;
  return served;
}

absl::StatusOr<std::vector<std::unique_ptr<channels::Courier>>> MakeCouriers(
    const GatewayConfig& config, const channels::Core* core, const channels::CourierLog& log) {
  std::vector<std::unique_ptr<channels::Courier>> couriers;
  for (const CourierConfig& courier : config.couriers) {
    const auto wrong = [&](const absl::Status& status) {
      return absl::Status(status.code(),
                          "courier " + courier.stream + ": " + std::string(status.message()));
    };
    const absl::StatusOr<channels::BankUrl> url = channels::ParseBankUrl(courier.url);
    if (!url.ok()) return wrong(url.status());
    const absl::StatusOr<std::string> secret = ReadSecret(courier.secret_file);
    if (!secret.ok()) return wrong(secret.status());
    absl::StatusOr<std::string> key = channels::ParseWebhookSecret(*secret);
    if (!key.ok()) return wrong(key.status());
    couriers.push_back(std::make_unique<channels::Courier>(channels::Courier::Options{
        .stream =
            courier.stream == "receipts" ? v1::EVENT_STREAM_RECEIPTS : v1::EVENT_STREAM_NOTICES,
        .core = channels::MakeEventCore(core),
        .listener = std::make_shared<channels::BankHttp>(
            channels::BankHttpOptions{.url = *url, .ca_file = courier.ca_file}),
        .key = *std::move(key),
        .now_seconds = [] { return absl::ToUnixSeconds(absl::Now()); },
        .log = log}));
  }
  return couriers;
}

}  // namespace ladon::gateway
