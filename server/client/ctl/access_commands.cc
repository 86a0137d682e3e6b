#include <memory>
#include <string>
#include <vector>

#include "ladon/v1/access_service.pb.h"
#include "server/base/principal.h"
#include "server/client/ctl/commands.h"
#include "server/client/ctl/options.h"
#include "server/client/ctl/rights_render.h"

namespace ladon::ctl {
namespace {

struct Arguments {
  std::string uri;
  std::string holder;
};

std::string CheckUri(const std::string& text) {
  return base::ParsePrincipal(text).ok() ? "" : "must be like ladon://<school or ->/<role>/<id>";
}

int Grant(Context& context, const Arguments& given) {
  v1::GrantRoleRequest request;
  request.set_request_id(context.RequestId());
  request.set_principal_uri(given.uri);
  request.set_holder(given.holder);
  v1::GrantRoleResponse response;
  if (const int code = context.Call(request, &response); code != kDone) {
    return code;
  }
  return context.Print(JsonOf(response.principal()), context.Say("principal.granted", {given.uri}));
}

int SetState(Context& context, const Arguments& given, v1::PrincipalState state) {
  v1::SetPrincipalStateRequest request;
  request.set_request_id(context.RequestId());
  request.set_principal_uri(given.uri);
  request.set_state(state);
  v1::SetPrincipalStateResponse response;
  if (const int code = context.Call(request, &response); code != kDone) {
    return code;
  }
  const bool blocked = state == v1::PRINCIPAL_STATE_BLOCKED;
  return context.Print(
      JsonOf(response.principal()),
      context.Say(blocked ? "principal.blocked" : "principal.activated", {given.uri}));
}

int Principals(Context& context) {
  std::vector<v1::Principal> principals;
  const int listed = context.List<v1::ListPrincipalsResponse>(
      v1::ListPrincipalsRequest(), [&](const v1::ListPrincipalsResponse& page) {
        principals.insert(principals.end(), page.principals().begin(), page.principals().end());
      });
  if (listed != kDone) return listed;
  Json all = Json::array();
  for (const v1::Principal& one : principals) all.push_back(JsonOf(one));
  return context.Print(all, TableOf(context, principals));
}

}  // namespace

void AddAccessCommands(CLI::App* app, Context* context) {
  CLI::App* noun = app->add_subcommand("access", "Who may act in a role, and the table of rights");
  noun->require_subcommand(1);
  const auto given = std::make_shared<Arguments>();
  const auto uri = [given](CLI::App* command) {
    command
        ->add_option("principal", given->uri,
                     "Whose certificate: ladon://<school or ->/<role>/<id>, as pki issue prints it")
        ->required()
        ->check(CheckUri)
        ->type_name("URI");
  };

  CLI::App* command =
      AddCommand(noun, context, "grant",
                 "Let the holder of a certificate act in its role; a second security administrator "
                 "must approve",
                 [context, given] { return Grant(*context, *given); });
  uri(command);
  command->add_option(
      "--holder", given->holder,
      "Personnel number of the person; by it roles that one person may not hold "
      "together are told. Only a keyed hash of it is kept. Not for payment channels");

  command = AddCommand(
      noun, context, "block", "Stop a certificate at its next call, on open connections too",
      [context, given] { return SetState(*context, *given, v1::PRINCIPAL_STATE_BLOCKED); });
  uri(command);
  command = AddCommand(
      noun, context, "activate",
      "Let a certificate act again that was blocked, or was away for too long",
      [context, given] { return SetState(*context, *given, v1::PRINCIPAL_STATE_ACTIVE); });
  uri(command);

  AddCommand(noun, context, "principals", "Who was granted a role or has called",
             [context] { return Principals(*context); });
  AddMatrixCommands(noun, context);
}

}  // namespace ladon::ctl
