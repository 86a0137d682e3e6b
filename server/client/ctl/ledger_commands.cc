#include <unistd.h>

#include <filesystem>
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "server/client/ctl/commands.h"
#include "server/client/ctl/options.h"

namespace ladon::ctl {
namespace {

// The server's program does it: it has the keys, and the store lets nobody in beside itself.
int Verify(Context& context, const std::string& config) {
  std::error_code error;
  const std::filesystem::path self = std::filesystem::read_symlink("/proc/self/exe", error);
  std::string program = (self.parent_path() / "ladond").string();
  std::string config_flag = "--config";
  std::string path = config;
  std::string verify_flag = "--verify-ledger";
  char* const arguments[] = {program.data(), config_flag.data(), path.data(), verify_flag.data(),
                             nullptr};
  execv(program.c_str(), arguments);
  return context.Fail(absl::NotFoundError(absl::StrCat(program, ": cannot be started")));
}

}  // namespace

void AddLedgerCommands(CLI::App* app, Context* context) {
  CLI::App* noun = app->add_subcommand("ledger", "The ledger of a server that is stopped");
  noun->require_subcommand(1);
  const auto config = std::make_shared<std::string>();
  CLI::App* command =
      AddCommand(noun, context, "verify",
                 "Derive every balance, number, root and closing again from the whole journal",
                 [context, config] { return Verify(*context, *config); });
  command->add_option("--config", *config, "The server's configuration")->required();
}

}  // namespace ladon::ctl
