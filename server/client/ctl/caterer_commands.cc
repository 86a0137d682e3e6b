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

int Create(Context& context, const std::string& school, const std::string& name) {
  v1::CreateCatererRequest request;
  request.set_request_id(context.RequestId());
  request.set_school_id(BytesOf(school));
  request.set_name(name);
  v1::CreateCatererResponse response;
  if (const int code = context.Call(request, &response); code != kDone) {
    return code;
  }
  return context.Print(
      JsonOf(response.caterer()),
      context.Say("caterer.created", {name, base::HexOf(response.caterer().caterer_id())}));
}

int List(Context& context, const std::string& school) {
  client::Table table;
  table.Column(context.Say("table.caterer"));
  table.Column(context.Say("table.name"));
  table.Column(context.Say("table.account"));
  Json all = Json::array();
  v1::ListCaterersRequest request;
  request.set_school_id(BytesOf(school));
  const int listed =
      context.List<v1::ListCaterersResponse>(request, [&](const v1::ListCaterersResponse& page) {
        for (const v1::Caterer& caterer : page.caterers()) {
          all.push_back(JsonOf(caterer));
          table.Row({base::HexOf(caterer.caterer_id()), caterer.name(),
                     base::HexOf(caterer.payable_account_id())});
        }
      });
  if (listed != kDone) return listed;
  return context.Print(all, table.Render());
}

}  // namespace

void AddCatererCommands(CLI::App* app, Context* context) {
  CLI::App* noun = app->add_subcommand("caterer", "Who cooks for a school");
  noun->require_subcommand(1);
  const auto school = std::make_shared<std::string>();
  const auto name = std::make_shared<std::string>();
  CLI::App* command =
      AddCommand(noun, context, "create", "Create a caterer of a school",
                 [context, school, name] { return Create(*context, *school, *name); });
  IdOption(command, "--school", school.get(), "The school")->required();
  command->add_option("--name", *name, "Name of the caterer")->required();
  command = AddCommand(noun, context, "list", "List the caterers of a school",
                       [context, school] { return List(*context, *school); });
  IdOption(command, "--school", school.get(), "The school")->required();
}

}  // namespace ladon::ctl
