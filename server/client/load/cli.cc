#include "server/client/load/cli.h"

#include <CLI/CLI.hpp>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "server/base/version.h"
#include "server/client/connection.h"
#include "server/client/demo/names.h"
#include "server/client/load/engine.h"
#include "server/client/load/identities.h"
#include "server/client/load/report.h"
#include "server/client/load/scenario.h"
#include "server/client/load/setup.h"
#include "server/client/text/choice.h"
#include "server/client/text/console.h"
#include "server/client/text/progress.h"

namespace ladon::load {
namespace {

constexpr int kExitDone = 0;
constexpr int kExitErrors = 1;
constexpr int kExitUsage = 2;
constexpr int kExitLocal = 4;

constexpr const char* kFooter = R"(
Examples:
  ladon-load setup --server localhost:7443 --identity pki/sysadmin --ca pki \
      --identities load-identities --children 1000 --palms 200 --scenario load.json
  ladon-load --scenario load.json --identities load-identities \
      --what debit-card --rate 100 --seconds 60 --json load-figures.json

Latency is counted from the moment a call was due, not from when it was sent.
Exit codes: 0 every call succeeded; 1 some did not; 2 usage; 4 local problem or failed set-up.
LADON_LANG=en prints English.)";

const std::map<std::string, What> kWhats = {
    {"debit-card", What::kDebitCard},
    {"identify-palm", What::kIdentifyPalm},
    {"identify-and-debit-palm", What::kIdentifyAndDebitPalm},
    {"book-by-list", What::kBookByList},
    {"ping", What::kPing},
    {"top-up", What::kTopUp}};

struct Options {
  LoadOptions load;
  SetupOptions setup;
  std::string scenario;
  std::string identities;
  std::string server;
  std::string server_name;
  std::string json;
  size_t channels = 0;
};

int Fail(const absl::Status& status) {
  std::fprintf(stderr, "%s\n", std::string(status.message()).c_str());
  return absl::IsInvalidArgument(status) ? kExitUsage : kExitLocal;
}

int DoSetup(const Options& options, base::Language language) {
  client::Progress progress(base::Text("load.setup.progress", language),
                            static_cast<int64_t>(options.setup.children));
  const absl::StatusOr<Scenario> scenario =
      SetUp(options.setup, [&](size_t done) { progress.Advance(static_cast<int64_t>(done)); });
  if (!scenario.ok()) {
    std::fprintf(stderr, "%s\n", std::string(scenario.status().message()).c_str());
    return kExitLocal;
  }
  if (absl::Status s = WriteScenario(options.scenario, *scenario); !s.ok()) return Fail(s);
  std::printf("%s\n", base::Text("load.setup.done", language,
                                 {std::to_string(scenario->cards.size()),
                                  std::to_string(scenario->probes.size()), options.scenario})
                          .c_str());
  return kExitDone;
}

absl::StatusOr<std::vector<client::ChannelPtr>> OpenChannels(const Options& options,
                                                             const std::string& server) {
  const bool by_cashier =
      options.load.what == What::kTopUp || options.load.what == What::kBookByList;
  const base::Role role = by_cashier ? base::Role::kSeniorCashier : base::Role::kTerminal;
  const absl::StatusOr<std::vector<std::string>> identities =
      IdentitiesOf(options.identities, role);
  if (!identities.ok()) return identities.status();
  const size_t count = options.channels == 0 ? identities->size() : options.channels;
  std::vector<client::ChannelPtr> channels;
  for (size_t i = 0; i < count; ++i) {
    auto channel = client::ConnectAndWait({.server = server,
                                           .identity = (*identities)[i % identities->size()],
                                           .server_name = options.server_name});
    if (!channel.ok()) return channel.status();
    channels.push_back(*std::move(channel));
  }
  return channels;
}

int DoLoad(const Options& options, base::Language language) {
  const absl::StatusOr<Scenario> scenario = ReadScenario(options.scenario);
  if (!scenario.ok()) return Fail(scenario.status());
  const auto channels =
      OpenChannels(options, options.server.empty() ? scenario->server : options.server);
  if (!channels.ok()) return Fail(channels.status());
  absl::StatusOr<LoadResult> result = absl::UnknownError("");
  {
    client::Progress progress(WhatName(options.load.what),
                              int64_t{options.load.rate_per_second} * options.load.seconds);
    result =
        RunCalls(options.load, *scenario, *channels, [&](int64_t due) { progress.Advance(due); });
  }
  if (!result.ok()) return Fail(result.status());
  std::fputs(ReportText(options.load, *result, language).c_str(), stdout);
  if (!options.json.empty()) {
    std::ofstream out(options.json);
    out << ReportJson(options.load, channels->size(), *result).dump(2) << "\n";
    out.flush();
    if (!out) {
      std::fprintf(stderr, "%s: cannot be written\n", options.json.c_str());
      return kExitLocal;
    }
  }
  return ErrorCount(*result) == 0 ? kExitDone : kExitErrors;
}

void AddSetup(CLI::App* setup, Options* options) {
  setup->add_option("--server", options->setup.server, "host:port of ladond")->required();
  setup->add_option("--server-name", options->setup.server_name,
                    "Name in the server's certificate, when it is not the host");
  setup->add_option("--identity", options->setup.sysadmin, "Identity directory of a sysadmin")
      ->required();
  setup->add_option("--ca", options->setup.authority, "Directory of ladonctl pki init")->required();
  setup->add_option("--identities", options->setup.identities, "Where to make identities")
      ->required();
  setup->add_option("--scenario", options->scenario, "File to write")->required();
  setup->add_option("--children", options->setup.children, "Children to create")
      ->check(CLI::Range(size_t{1}, demo::kInventedChildrenMax));
  setup->add_option("--palms", options->setup.palms, "Of them with an enrolled synthetic palm");
  setup->add_flag("--both-palms", options->setup.both_palms,
                  "Enrol both palms of them: 2 000 children make a school of 12 000 samples");
  setup->add_option("--tills", options->setup.tills, "Tills")
      ->check(CLI::Range(size_t{1}, kTillsMax));
  setup->add_option("--seed", options->setup.seed, "Seed of the synthetic palms");
}

void AddLoad(CLI::App* app, Options* options) {
  app->add_option("--scenario", options->scenario, "File that setup wrote");
  app->add_option("--identities", options->identities, "Directory with identity directories");
  app->add_option("--server", options->server, "host:port, when not the scenario's");
  app->add_option("--server-name", options->server_name,
                  "Name in the server's certificate, when it is not the host");
  app->add_option("--what", options->load.what, "Kind of call; debit-card unless told")
      ->transform(client::Choice(kWhats));
  app->add_option("--rate", options->load.rate_per_second, "Calls per second")
      ->check(CLI::Range(1, kRateMax));
  app->add_option("--in-flight", options->load.in_flight,
                  "Instead of a rate: keep as many calls waiting, as fast as answers come")
      ->check(CLI::Range(0, static_cast<int>(kOutstandingMax)));
  app->add_option("--seconds", options->load.seconds, "How long")
      ->check(CLI::Range(1, kSecondsMax));
  app->add_option("--channels", options->channels, "Connections; 0 = one per identity")
      ->check(CLI::Range(size_t{0}, kTillsMax));
  app->add_option("--json", options->json, "Also write the figures to this file");
}

}  // namespace

int RunLoad(int argc, const char* const* argv) {
  CLI::App app("Load on a ladond as school tills make it.", "ladon-load");
  app.set_version_flag("--version", base::kVersion);
  app.footer(kFooter);
  Options options;
  CLI::App* setup = app.add_subcommand("setup", "Prepare a running server and write a scenario");
  AddLoad(&app, &options);
  AddSetup(setup, &options);
  app.require_subcommand(0, 1);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? kExitDone : kExitUsage;
  }
  if (!setup->parsed() && (options.scenario.empty() || options.identities.empty())) {
    std::fputs("--scenario and --identities are required; see ladon-load --help\n", stderr);
    return kExitUsage;
  }
  const base::Language language = client::LanguageOfEnvironment();
  return setup->parsed() ? DoSetup(options, language) : DoLoad(options, language);
}

}  // namespace ladon::load
