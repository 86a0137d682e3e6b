#include <memory>
#include <string>

#include "server/client/ctl/commands.h"
#include "server/client/ctl/options.h"
#include "server/client/ctl/server_program.h"

namespace ladon::ctl {

void AddLedgerCommands(CLI::App* app, Context* context) {
  CLI::App* noun = app->add_subcommand("ledger", "The ledger of a server that is stopped");
  noun->require_subcommand(1);
  const auto config = std::make_shared<std::string>();
  CLI::App* command =
      AddCommand(noun, context, "verify",
                 "Derive every balance, number, root and closing again from the whole journal",
                 [context, config] {
                   return RunServerProgram(*context, {"--config", *config, "--verify-ledger"});
                 });
  command->add_option("--config", *config, "The server's configuration")->required();
}

}  // namespace ladon::ctl
