#include <memory>
#include <string>

#include "server/base/key_file.h"
#include "server/client/ctl/commands.h"
#include "server/client/ctl/options.h"

namespace ladon::ctl {

void AddKeysCommands(CLI::App* app, Context* context) {
  CLI::App* noun = app->add_subcommand("keys", "The keys of the vault");
  noun->require_subcommand(1);
  const auto path = std::make_shared<std::string>();
  CLI::App* command = AddCommand(
      noun, context, "init", "Make a root key file; keep a copy in a safe place", [context, path] {
        if (absl::Status s = base::CreateRootKeyFile(*path); !s.ok()) {
          return context->Fail(s);
        }
        return context->Print({{"root_key_file", *path}}, context->Say("keys.made", {*path}));
      });
  command->add_option("file", *path, "File to make, mode 0400")->required();
  AddKeyServiceCommands(noun, context);
}

}  // namespace ladon::ctl
