#include <memory>
#include <string>
#include <vector>

#include "ladon/v1/subject_service.pb.h"
#include "server/base/id.h"
#include "server/client/ctl/commands.h"
#include "server/client/ctl/enum_words.h"
#include "server/client/ctl/options.h"
#include "server/client/ctl/rights_render.h"
#include "server/client/ctl/subject_target.h"
#include "server/client/ctl/values.h"

namespace ladon::ctl {
namespace {

struct OpenArguments {
  SubjectTarget target;
  std::string kind;
  std::string received;
  bool identity_checked = false;
};

struct CloseArguments {
  std::string request;
  std::string outcome = "done";
  std::string note;
};

int Open(Context& context, const OpenArguments& given) {
  v1::OpenRequestRequest request;
  request.set_request_id(context.RequestId());
  SetTarget(given.target, &request);
  request.set_kind(EnumOf<v1::RequestKind>(given.kind));
  request.set_identity_checked(given.identity_checked);
  if (!given.received.empty()) *request.mutable_received() = DateOf(given.received);
  v1::OpenRequestResponse response;
  if (const int code = context.Call(request, &response); code != kDone) {
    return code;
  }
  const v1::RightsRequest& opened = response.rights_request();
  Json json = JsonOf(opened);
  json["journal_index"] = response.journal_index();
  return context.Print(json, context.Say("rights.opened", {base::HexOf(opened.rights_request_id()),
                                                           FormatDate(opened.deadline())}));
}

int Close(Context& context, const CloseArguments& given, v1::RequestState state) {
  v1::CloseRequestRequest request;
  request.set_request_id(context.RequestId());
  request.set_rights_request_id(BytesOf(given.request));
  request.set_state(state);
  request.set_note(given.note);
  v1::CloseRequestResponse response;
  if (const int code = context.Call(request, &response); code != kDone) {
    return code;
  }
  const v1::RightsRequest& closed = response.rights_request();
  Json json = JsonOf(closed);
  json["journal_index"] = response.journal_index();
  const bool open = state == v1::REQUEST_STATE_OPEN;
  return context.Print(json, context.Say(open ? "rights.extended" : "rights.closed",
                                         {FormatDate(open ? closed.deadline() : closed.closed())}));
}

int List(Context& context, bool all) {
  v1::ListRequestsRequest request;
  request.set_closed_too(all);
  std::vector<v1::RightsRequest> requests;
  const int listed =
      context.List<v1::ListRequestsResponse>(request, [&](const v1::ListRequestsResponse& page) {
        requests.insert(requests.end(), page.requests().begin(), page.requests().end());
      });
  if (listed != kDone) return listed;
  Json json = Json::array();
  for (const v1::RightsRequest& one : requests) json.push_back(JsonOf(one));
  return context.Print(json, TableOf(context, requests));
}

}  // namespace

void AddRequestCommands(CLI::App* subject, Context* context) {
  CLI::App* noun = subject->add_subcommand(
      "request", "What people asked for, and by when the law wants it done");
  noun->require_subcommand(1);

  const auto open = std::make_shared<OpenArguments>();
  CLI::App* command = AddCommand(noun, context, "open",
                                 "Write down a request; the answer is the last day to fulfil it",
                                 [context, open] { return Open(*context, *open); });
  AddSubjectTarget(command, &open->target)->required();
  command->add_option("--kind", open->kind, "What was asked for")
      ->required()
      ->check(CLI::IsMember(EnumOptions<v1::RequestKind>()));
  DateOption(command, "--received", &open->received, "The day it came; today when not given");
  command->add_flag("--identity-checked", open->identity_checked,
                    "Who asks, and that they may ask for this person, was checked");

  const auto close = std::make_shared<CloseArguments>();
  command = AddCommand(noun, context, "close", "It is fulfilled, or refused", [context, close] {
    return Close(*context, *close,
                 close->outcome == "refused" ? v1::REQUEST_STATE_REFUSED : v1::REQUEST_STATE_DONE);
  });
  IdOption(command, "request", &close->request, "The request, as list shows it")->required();
  command->add_option("--outcome", close->outcome, "What came of it")
      ->check(CLI::IsMember({"done", "refused"}))
      ->capture_default_str();
  command->add_option("--note", close->note,
                      "Why, needed for a refusal; nobody's name, up to 500 characters");

  command =
      AddCommand(noun, context, "extend", "Take the longer term that the law allows, once",
                 [context, close] { return Close(*context, *close, v1::REQUEST_STATE_OPEN); });
  IdOption(command, "request", &close->request, "The request, as list shows it")->required();
  command->add_option("--note", close->note, "Why; nobody's name")->required();

  const auto all = std::make_shared<bool>(false);
  command = AddCommand(noun, context, "list", "Open requests, with what is due soon or overdue",
                       [context, all] { return List(*context, *all); });
  command->add_flag("--all", *all, "Also those that are closed");
}

}  // namespace ladon::ctl
