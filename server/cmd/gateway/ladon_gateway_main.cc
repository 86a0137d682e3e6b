#include <signal.h>
#include <spdlog/sinks/basic_file_sink.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <charconv>
#include <cstdio>
#include <exception>
#include <fstream>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "server/base/version.h"
#include "server/channels/core.h"
#include "server/channels/courier.h"
#include "server/channels/gateway.h"
#include "server/client/connection.h"
#include "server/client/connection_keeper.h"
#include "server/cmd/gateway/gateway_config.h"

namespace ladon::gateway {
namespace {

constexpr int kExitStopped = 0;
constexpr int kExitConfiguration = 2;
constexpr int kExitCannotOpen = 3;

using Logger = std::shared_ptr<spdlog::logger>;

int Fail(int code, const absl::Status& status) {
  std::cerr << "ladon-gateway: " << status.message() << "\n";
  return code;
}

// One JSON object a line, as ladond's: words of ours, numbers and times; no account, no sum.
Logger OpenLog(const std::string& file) {
  spdlog::sink_ptr sink;
  if (file.empty()) {
    sink = std::make_shared<spdlog::sinks::stderr_sink_mt>();
  } else {
    sink = std::make_shared<spdlog::sinks::basic_file_sink_mt>(file);
  }
  auto logger = std::make_shared<spdlog::logger>("ladon-gateway", sink);
  logger->set_pattern("%v");
  logger->flush_on(spdlog::level::info);
  return logger;
}

void Log(const Logger& logger, nlohmann::ordered_json line) {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  line["at_ms"] = std::chrono::duration_cast<std::chrono::milliseconds>(now).count();
  logger->info(line.dump(-1, ' ', true, nlohmann::json::error_handler_t::replace));
}

// host:port in one piece, for who waits for it.
absl::Status WritePortFile(const std::string& path, const std::string& address) {
  const std::string fresh = path + ".new";
  {
    std::ofstream file(fresh, std::ios::trunc);
    file << address << "\n";
    if (!file.flush()) return absl::UnavailableError("cannot write " + fresh);
  }
  if (rename(fresh.c_str(), path.c_str()) != 0) {
    return absl::UnavailableError("cannot write " + path);
  }
  return absl::OkStatus();
}

absl::StatusOr<std::pair<std::string, int>> HostAndPort(const std::string& listen) {
  const size_t colon = listen.rfind(':');
  uint16_t port = 0;
  if (colon != std::string::npos && colon > 0) {
    const char* const end = listen.data() + listen.size();
    const auto [rest, error] = std::from_chars(listen.data() + colon + 1, end, port);
    if (error == std::errc() && rest == end) return std::pair(listen.substr(0, colon), int{port});
  }
  return absl::InvalidArgumentError("[gateway] listen must be host:port, the port 0 to 65535");
}

absl::StatusOr<client::ChannelPtr> ConnectAs(const GatewayConfig& config,
                                             const std::string& identity) {
  return client::Connect(
      {.server = config.server, .identity = identity, .server_name = config.server_name});
}

// Couriers with a connection of their own, under their own certificate.
struct Deliveries {
  std::unique_ptr<client::ConnectionKeeper> keeper;
  std::unique_ptr<channels::Core> core;
  std::vector<std::unique_ptr<channels::Courier>> couriers;
};

absl::StatusOr<Deliveries> MakeDeliveries(const GatewayConfig& config, const Logger& logger) {
  const absl::StatusOr<client::ChannelPtr> channel = ConnectAs(config, config.courier_identity);
  if (!channel.ok()) return channel.status();
  Deliveries deliveries{.keeper = std::make_unique<client::ConnectionKeeper>(*channel),
                        .core = std::make_unique<channels::Core>(*channel)};
  auto couriers =
      MakeCouriers(config, deliveries.core.get(), [logger](const channels::RoundNews& news) {
        nlohmann::ordered_json line = {{"event", "told"},
                                       {"stream", v1::EventStream_Name(news.stream)},
                                       {"told", news.told},
                                       {"failed", news.failed},
                                       {"parked", news.parked}};
        if (!news.fault.empty()) line["fault"] = news.fault;
        Log(logger, std::move(line));
      });
  if (!couriers.ok()) return couriers.status();
  deliveries.couriers = *std::move(couriers);
  return deliveries;
}

int Serve(const GatewayConfig& config) {
  sigset_t end;
  sigemptyset(&end);
  for (const int signal : {SIGTERM, SIGINT}) sigaddset(&end, signal);
  pthread_sigmask(SIG_BLOCK, &end, nullptr);  // Before any thread: sigwait() takes them.
  signal(SIGPIPE, SIG_IGN);                   // A bank that hangs up.
  const auto host_port = HostAndPort(config.listen);
  if (!host_port.ok()) return Fail(kExitConfiguration, host_port.status());
  // A gateway that carries events alone has no bank's business, and no certificate for it.
  const absl::StatusOr<client::ChannelPtr> channel =
      ConnectAs(config, config.contracts.empty() ? config.courier_identity : config.identity);
  if (!channel.ok()) return Fail(kExitCannotOpen, channel.status());
  const client::ConnectionKeeper keeper(*channel);
  const channels::Core core(*channel);
  const Logger logger = OpenLog(config.log_file);
  std::optional<Deliveries> deliveries;
  if (!config.couriers.empty()) {
    absl::StatusOr<Deliveries> made = MakeDeliveries(config, logger);
    if (!made.ok()) return Fail(kExitConfiguration, made.status());
    deliveries = *std::move(made);
  }
  absl::StatusOr<Served> served =
      MakeEndpoints(config, &core, [logger](const channels::OrderNews& news) {
        nlohmann::ordered_json line = {
            {"event", "order"}, {"contract", news.contract}, {"order", news.order_number}};
        if (!news.settled.fault.empty()) line["fault"] = news.settled.fault;
        Log(logger, std::move(line));
      });
  if (!served.ok()) return Fail(kExitConfiguration, served.status());
  auto gateway = channels::Gateway::Start(
      {.host = host_port->first,
       .port = host_port->second,
       .endpoints = std::move(served->endpoints),
       .on_answer = [logger](const channels::Visit& visit) {
         nlohmann::ordered_json line = {
             {"event", "answered"},
             {"contract", visit.contract},
             {"verb", visit.verb},
             {"verdict", visit.verdict},
             {"status", visit.status},
             {"us", std::chrono::duration_cast<std::chrono::microseconds>(visit.took).count()}};
         if (!visit.trace.empty()) line["trace"] = visit.trace;
         if (!visit.fault.empty()) line["fault"] = visit.fault;
         Log(logger, std::move(line));
       }});
  if (!gateway.ok()) return Fail(kExitCannotOpen, gateway.status());
  const std::string address = host_port->first + ":" + std::to_string((*gateway)->port());
  Log(logger, {{"event", "serving"}, {"address", address}, {"version", base::kVersion}});
  if (!config.port_file.empty()) {
    if (absl::Status s = WritePortFile(config.port_file, address); !s.ok()) {
      return Fail(kExitCannotOpen, s);
    }
  }
  for (const auto& poller : served->pollers) poller->Start();
  if (deliveries) {
    for (const auto& courier : deliveries->couriers) courier->Start();
  }
  int signal = 0;
  sigwait(&end, &signal);
  if (deliveries) {
    for (const auto& courier : deliveries->couriers) courier->Stop();
  }
  for (const auto& poller : served->pollers) poller->Stop();
  (*gateway)->Stop();
  Log(logger, {{"event", "stopped"}});
  return kExitStopped;
}

int Run(int argc, char** argv) {
  CLI::App app{
      "ladon-gateway: what banks speak, in front of ladond. It keeps nothing: stop and start it at "
      "any time."};
  std::string path;
  bool check = false;
  app.add_option("--config", path, "configuration file (TOML); deploy/ladon-gateway.toml")
      ->required();
  app.add_flag("--check-config", check, "read and verify the configuration, then exit");
  app.set_version_flag("--version", base::kVersion);
  app.footer(
      "Exit codes: 0 stopped on request; 2 wrong command line or configuration; 3 something "
      "needed\n"
      "cannot be opened.\nExample: ladon-gateway --config /etc/ladon/ladon-gateway.toml");
  try {  // CLI11 reports by exception.
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? kExitStopped : kExitConfiguration;
  }
  prctl(PR_SET_DUMPABLE, 0);  // Passwords of banks are in memory.
  const rlimit none{.rlim_cur = 0, .rlim_max = 0};
  setrlimit(RLIMIT_CORE, &none);
  const absl::StatusOr<GatewayConfig> config = LoadConfig(path);
  if (!config.ok()) return Fail(kExitConfiguration, config.status());
  if (!check) return Serve(*config);
  const auto served = MakeEndpoints(*config, nullptr, {});
  if (!served.ok()) return Fail(kExitConfiguration, served.status());
  const auto couriers = MakeCouriers(*config, nullptr, {});
  if (!couriers.ok()) return Fail(kExitConfiguration, couriers.status());
  std::cout << "ladon-gateway: " << config->contracts.size() << " contracts, " << couriers->size()
            << " couriers, nothing wrong\n";
  return kExitStopped;
}

}  // namespace
}  // namespace ladon::gateway

int main(int argc, char** argv) {
  try {
    return ladon::gateway::Run(argc, argv);
  } catch (const std::exception& error) {
    std::cerr << "ladon-gateway: " << error.what() << "\n";
    return ladon::gateway::kExitCannotOpen;
  }
}
