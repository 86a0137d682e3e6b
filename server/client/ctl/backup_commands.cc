#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <memory>
#include <string>
#include <thread>

#include "absl/strings/str_cat.h"
#include "ladon/v1/backup_service.pb.h"
#include "server/client/ctl/commands.h"
#include "server/client/ctl/options.h"
#include "server/client/ctl/server_program.h"
#include "server/client/ctl/values.h"
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
}

}  // namespace ladon::ctl
