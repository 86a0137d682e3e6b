#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <memory>
#include <string>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "ladon/v1/backup_service.pb.h"
#include "server/client/ctl/commands.h"
#include "server/client/ctl/options.h"
#include "server/client/ctl/server_program.h"
#include "server/client/ctl/values.h"
#include "server/client/host/drill.h"
#include "server/client/host/places.h"
#include "server/client/host/server_config.h"
#include "server/client/text/table.h"

namespace ladon::ctl {
namespace {

constexpr std::chrono::milliseconds kLookEvery{1'000};
constexpr uint64_t kMegabyte = 1'000'000;

std::string Megabytes(uint64_t bytes) {
  return std::to_string((bytes + kMegabyte - 1) / kMegabyte);
}

Json JsonOf(const v1::Backup& backup) {
  return {{"number", backup.number()},
          {"made_at", FormatUtc(backup.made_at().seconds())},
          {"size_bytes", backup.size_bytes()},
          {"journal_entries", backup.journal_entries()},
          {"checkpoint", backup.checkpoint()}};
}

// How far it has come, for people; nothing when nobody looks.
void ShowCopied(const Context& context, uint64_t bytes) {
  if (isatty(STDERR_FILENO) != 1) return;
  const std::string line = context.Say("backup.copied", {Megabytes(bytes)});
  std::fprintf(stderr, "\r\x1b[K%s", line.c_str());
  std::fflush(stderr);
}

int Create(Context& context) {
  v1::ListBackupsResponse state;
  if (const int code = context.Call(v1::ListBackupsRequest(), &state); code != kDone) {
    return code;
  }
  const uint32_t before = state.backups().empty() ? 0 : state.backups().rbegin()->number();
  v1::CreateBackupResponse started;
  if (const int code = context.Call(v1::CreateBackupRequest(), &started); code != kDone) {
    return code;
  }
  for (;;) {
    if (const int code = context.Call(v1::ListBackupsRequest(), &state); code != kDone) {
      return code;  // It goes on; `backup list` tells.
    }
    if (!state.under_way()) break;
    ShowCopied(context, state.copied_bytes());
    std::this_thread::sleep_for(kLookEvery);
  }
  if (isatty(STDERR_FILENO) == 1) std::fputs("\r\x1b[K", stderr);
  if (!state.last_failure().empty() || state.backups().empty() ||
      state.backups().rbegin()->number() <= before) {
    return context.Fail(
        absl::InternalError(absl::StrCat(context.Say("backup.failed"), " ", state.last_failure())));
  }
  const v1::Backup& made = *state.backups().rbegin();
  return context.Print(
      JsonOf(made),
      context.Say("backup.made", {std::to_string(made.number()), Megabytes(made.size_bytes()),
                                  std::to_string(made.journal_entries())}));
}

int List(Context& context) {
  v1::ListBackupsResponse state;
  if (const int code = context.Call(v1::ListBackupsRequest(), &state); code != kDone) {
    return code;
  }
  client::Table table;
  table.Column(context.Say("backup.number"), client::Align::kRight);
  table.Column(context.Say("backup.made_at"));
  table.Column(context.Say("backup.size"), client::Align::kRight);
  table.Column(context.Say("backup.entries"), client::Align::kRight);
  Json all = Json::array();
  for (const v1::Backup& one : state.backups()) {
    all.push_back(JsonOf(one));
    table.Row({std::to_string(one.number()), FormatUtc(one.made_at().seconds()),
               Megabytes(one.size_bytes()), std::to_string(one.journal_entries())});
  }
  std::string people = all.empty() ? context.Say("backup.none") : table.Render();
  if (state.under_way()) {
    people += "\n" + context.Say("backup.copied", {Megabytes(state.copied_bytes())});
  }
  if (!state.last_failure().empty()) {
    people += "\n" + context.Say("backup.failed") + " " + state.last_failure();
  }
  return context.Print({{"backups", all},
                        {"under_way", state.under_way()},
                        {"copied_bytes", state.copied_bytes()},
                        {"last_failure", state.last_failure()}},
                       people);
}

struct DrillArguments {
  std::string config;
  host::DrillPlan plan;
};

// What is not given is taken from the server's configuration, where there is one.
absl::Status Complete(DrillArguments* given) {
  const bool named = !given->config.empty();
  if (!named && !host::StatOf(host::kConfigPath)) return absl::OkStatus();
  const auto config =
      host::ServerConfig::Read(named ? given->config : std::string(host::kConfigPath));
  if (!config.ok()) return config.status();
  host::DrillPlan& plan = given->plan;
  const auto take = [](std::string* into, const std::string& from) {
    if (into->empty()) *into = from;
  };
  take(&plan.backups, (*config)("backup", "directory"));
  take(&plan.keys, (*config)("keys", "standby"));
  take(&plan.keys, (*config)("keys", "directory"));
  take(&plan.root_key, config->RootKeyFile());
  take(&plan.calibration, (*config)("matcher", "calibration"));
  take(&plan.origin, (*config)("ledger", "origin"));
  plan.time_zone = (*config)("ledger", "time_zone");
  plan.signing_key = (*config)("ledger", "signing_key");
  plan.signing_key_before = (*config)("ledger", "signing_key_before");
  return absl::OkStatus();
}

int Drill(Context& context, DrillArguments given) {
  if (absl::Status s = Complete(&given); !s.ok()) return context.Fail(s);
  if (given.plan.calibration.empty()) given.plan.calibration = "/usr/share/ladon/calibration.json";
  for (const auto& [name, value] :
       {std::pair("--backups", given.plan.backups), std::pair("--keys", given.plan.keys),
        std::pair("--root-key", given.plan.root_key)}) {
    if (value.empty()) return context.Usage(context.Say("drill.missing", {name}));
  }
  const auto report = host::RunDrill(given.plan, [&context](const char* key) {
    if (isatty(STDERR_FILENO) == 1) context.err() << context.Say(key) << std::endl;
  });
  if (!report.ok()) {
    return context.Fail(absl::Status(
        report.status().code(),
        absl::StrCat(context.Say("drill.failed"), " ", std::string(report.status().message()))));
  }
  const auto seconds = [](double value) { return absl::StrFormat("%.1f", value); };
  return context.Print({{"restore_seconds", report->restore_seconds},
                        {"open_seconds", report->open_seconds},
                        {"store_bytes", report->store_bytes},
                        {"proof", report->proof}},
                       report->proof + context.Say("drill.done", {seconds(report->restore_seconds),
                                                                  seconds(report->open_seconds),
                                                                  Megabytes(report->store_bytes)}));
}

void AddDrillCommand(CLI::App* noun, Context* context) {
  const auto given = std::make_shared<DrillArguments>();
  CLI::App* command = AddCommand(
      noun, context, "drill",
      "Restore a backup beside everything, derive every balance and root again, open every name "
      "and "
      "palm, then wipe it all: the proof that backup, standby copy and root key are enough",
      [context, given] { return Drill(*context, *given); });
  command->add_option("--config", given->config,
                      "The server's configuration, for what is not given; /etc/ladon/ladond.toml, "
                      "when it is there");
  command->add_option("--backups", given->plan.backups, "Directory of backups");
  command->add_option("--number", given->plan.number, "Which one; the latest when it is not given");
  command->add_option("--keys", given->plan.keys,
                      "Directory with the standby's copy of the key table; the server's own when "
                      "there is no standby");
  command->add_option("--root-key", given->plan.root_key, "The root key's file");
  command->add_option("--calibration", given->plan.calibration, "Thresholds of recognition");
  command->add_option("--origin", given->plan.origin,
                      "[ledger] origin, when the configuration that is lost had one");
  command->add_option("--scratch", given->plan.scratch, "Where there is room for a whole store")
      ->capture_default_str();
  command->footer(R"(
The server may be at work meanwhile. On a machine that has nothing else:
  ladonctl backup drill --backups BACKUPS --keys STANDBY --root-key root.key)");
}

}  // namespace

void AddBackupCommands(CLI::App* app, Context* context) {
  CLI::App* noun = app->add_subcommand("backup", "Backups of the server's store");
  noun->require_subcommand(1);
  AddCommand(noun, context, "create",
             "Make one while the server serves, and wait until it is complete",
             [context] { return Create(*context); });
  AddCommand(noun, context, "list", "Show those there are", [context] { return List(*context); });
  const auto config = std::make_shared<std::string>();
  const auto number = std::make_shared<uint32_t>(0);
  CLI::App* command = AddCommand(
      noun, context, "restore",
      "On the machine of a server that is stopped: put a backup where its store is to be, derive "
      "every balance and root again, and prove that it extends the checkpoint signed with it",
      [context, config, number] {
        return RunServerProgram(*context,
                                {"--config", *config, "--restore-backup", std::to_string(*number)});
      });
  command->add_option("--config", *config, "The server's configuration")->required();
  command->add_option("--number", *number, "Which one; the latest when it is not given");
  AddDrillCommand(noun, context);
}

}  // namespace ladon::ctl
