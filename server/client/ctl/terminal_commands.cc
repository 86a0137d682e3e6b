#include <memory>
#include <string>

#include "ladon/v1/admin_service.pb.h"
#include "server/base/id.h"
#include "server/client/ctl/commands.h"
#include "server/client/ctl/options.h"
#include "server/client/ctl/render.h"
#include "server/client/text/table.h"

namespace ladon::ctl {
namespace {

int Register(Context& context, const std::string& school, const std::string& label) {
  v1::RegisterTerminalRequest request;
  request.set_request_id(context.RequestId());
  request.set_school_id(BytesOf(school));
  request.set_label(label);
  v1::RegisterTerminalResponse response;
  if (const int code = context.Call(request, &response); code != kDone) {
    return code;
  }
  const std::string id = base::HexOf(response.terminal().terminal_id());
  return context.Print(JsonOf(response.terminal()),
                       context.Say("till.registered", {label, id, school}));
}

int SetState(Context& context, const std::string& terminal, v1::TerminalState state) {
  v1::SetTerminalStateRequest request;
  request.set_request_id(context.RequestId());
  request.set_terminal_id(BytesOf(terminal));
  request.set_state(state);
  v1::SetTerminalStateResponse response;
  if (const int code = context.Call(request, &response); code != kDone) {
    return code;
  }
  const char* key = state == v1::TERMINAL_STATE_BLOCKED ? "till.blocked" : "till.unblocked";
  return context.Print(JsonOf(response.terminal()),
                       context.Say(key, {response.terminal().label()}));
}

int List(Context& context, const std::string& school) {
  client::Table table;
  table.Column(context.Say("table.terminal"));
  table.Column(context.Say("table.name"));
  table.Column(context.Say("table.state"));
  Json all = Json::array();
  v1::ListTerminalsRequest request;
  request.set_school_id(BytesOf(school));
  const int listed =
      context.List<v1::ListTerminalsResponse>(request, [&](const v1::ListTerminalsResponse& page) {
        for (const v1::Terminal& terminal : page.terminals()) {
          const bool active = terminal.state() == v1::TERMINAL_STATE_ACTIVE;
          all.push_back(JsonOf(terminal));
          table.Row({base::HexOf(terminal.terminal_id()), terminal.label(),
                     context.Say(active ? "word.active" : "word.blocked")});
        }
      });
  if (listed != kDone) return listed;
  return context.Print(all, table.Render());
}

}  // namespace

void AddTerminalCommands(CLI::App* app, Context* context) {
  CLI::App* noun = app->add_subcommand("terminal", "Tills and kiosks of a school");
  noun->require_subcommand(1);

  const auto school = std::make_shared<std::string>();
  const auto label = std::make_shared<std::string>();
  CLI::App* command =
      AddCommand(noun, context, "register", "Register a terminal; then: pki issue --role terminal",
                 [context, school, label] { return Register(*context, *school, *label); });
  IdOption(command, "--school", school.get(), "The school")->required();
  command->add_option("--label", *label, "What people call it")->required();

  const auto terminal = std::make_shared<std::string>();
  command = AddCommand(
      noun, context, "block", "Refuse a terminal from now on",
      [context, terminal] { return SetState(*context, *terminal, v1::TERMINAL_STATE_BLOCKED); });
  IdOption(command, "terminal", terminal.get(), "The terminal")->required();
  command = AddCommand(noun, context, "unblock", "Let a terminal work again", [context, terminal] {
    return SetState(*context, *terminal, v1::TERMINAL_STATE_ACTIVE);
  });
  IdOption(command, "terminal", terminal.get(), "The terminal")->required();

  const auto of_school = std::make_shared<std::string>();
  command = AddCommand(noun, context, "list", "List the terminals of a school",
                       [context, of_school] { return List(*context, *of_school); });
  IdOption(command, "--school", of_school.get(), "The school")->required();
}

}  // namespace ladon::ctl
