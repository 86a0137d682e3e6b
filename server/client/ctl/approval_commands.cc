#include <unistd.h>

#include <iostream>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "ladon/v1/approval_service.pb.h"
#include "server/client/ctl/commands.h"
#include "server/client/ctl/options.h"
#include "server/client/ctl/rights_render.h"
#include "server/client/ctl/values.h"

namespace ladon::ctl {
namespace {

struct Arguments {
  std::string approval;
  bool all = false;
  bool yes = false;
};

int List(Context& context, const Arguments& given) {
  v1::ListApprovalsRequest request;
  request.set_decided_too(given.all);
  std::vector<v1::Approval> approvals;
  const int listed =
      context.List<v1::ListApprovalsResponse>(request, [&](const v1::ListApprovalsResponse& page) {
        approvals.insert(approvals.end(), page.approvals().begin(), page.approvals().end());
      });
  if (listed != kDone) return listed;
  Json all = Json::array();
  for (const v1::Approval& one : approvals) all.push_back(JsonOf(one));
  return context.Print(all, TableOf(context, approvals, NowUnixSeconds()));
}

// Nobody decides what they have not seen: a script says --yes, a person answers.
bool Agrees(Context& context, const std::string& question) {
  context.err() << question << ' ' << std::flush;
  std::string answer;
  std::getline(std::cin, answer);
  return answer == context.Say("word.yes") || answer == "yes" || answer == "y";
}

int Decide(Context& context, const Arguments& given, bool grant) {
  const bool asks = isatty(STDIN_FILENO) == 1 && !context.json;
  if (!given.yes && !asks) return context.Usage(context.Say("approval.say_yes"));
  std::optional<v1::Approval> approval;
  const std::string wanted = BytesOf(given.approval);
  v1::ListApprovalsRequest list;
  list.set_decided_too(true);
  const int listed =
      context.List<v1::ListApprovalsResponse>(list, [&](const v1::ListApprovalsResponse& page) {
        for (const v1::Approval& one : page.approvals()) {
          if (one.approval_id() == wanted) approval = one;
        }
      });
  if (listed != kDone) return listed;
  if (!approval) return context.Usage(context.Say("APPROVAL_UNKNOWN"));
  if (!context.json) context.err() << FactsOf(context, *approval, NowUnixSeconds());
  if (!given.yes &&
      !Agrees(context, context.Say(grant ? "approval.ask_grant" : "approval.ask_reject"))) {
    return context.Usage(context.Say("approval.left"));
  }
  v1::DecideApprovalRequest request;
  request.set_request_id(context.RequestId());
  request.set_approval_id(wanted);
  request.set_content_digest(approval->content_digest());
  request.set_grant(grant);
  v1::DecideApprovalResponse response;
  if (const int code = context.Call(request, &response); code != kDone) {
    return code;
  }
  return context.Print(
      JsonOf(response.approval()),
      context.Say(grant ? "approval.granted" : "approval.rejected", {given.approval}));
}

}  // namespace

void AddApprovalCommands(CLI::App* app, Context* context) {
  CLI::App* noun = app->add_subcommand(
      "approval", "Calls that one person may not make alone: look and decide as the second one");
  noun->require_subcommand(1);
  noun->footer(R"(
Whoever is refused with "a second person must approve" gets a number. The second person looks what
was asked for (approval list), decides (approval grant, approval reject), and the first one repeats
the same command. An approval is good for that one request, once, and for 72 hours.)");
  const auto given = std::make_shared<Arguments>();

  CLI::App* command = AddCommand(noun, context, "list", "Show what waits for a decision",
                                 [context, given] { return List(*context, *given); });
  command->add_flag("--all", given->all, "Also what was decided, used or is over its time");

  for (const bool grant : {true, false}) {
    command = AddCommand(noun, context, grant ? "grant" : "reject",
                         grant ? "Let it be done: shows it first and asks" : "Refuse it for good",
                         [context, given, grant] { return Decide(*context, *given, grant); });
    IdOption(command, "approval", &given->approval, "The number, as approval list shows it")
        ->required();
    command->add_flag("--yes", given->yes, "Do not ask; needed where nobody sits at a terminal");
  }
}

}  // namespace ladon::ctl
