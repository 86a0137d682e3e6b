#include <memory>
#include <string>

#include "ladon/v1/operation_service.pb.h"
#include "server/base/id.h"
#include "server/client/ctl/commands.h"
#include "server/client/ctl/options.h"
#include "server/client/ctl/values.h"
#include "server/client/text/table.h"

namespace ladon::ctl {
namespace {

const char* WordOf(v1::OperationState state) {
  switch (state) {
    case v1::OPERATION_STATE_SUCCEEDED:
      return "succeeded";
    case v1::OPERATION_STATE_REFUSED:
      return "refused";
    case v1::OPERATION_STATE_BURNT:
      return "burnt";
    default:
      return "unknown";
  }
}

int Show(Context& context, const std::string& request_id) {
  v1::GetOperationRequest request;
  request.set_request_id(BytesOf(request_id));
  v1::GetOperationResponse response;
  if (const int code = context.Call(request, &response); code != kDone) {
    return code;
  }
  const std::string word = WordOf(response.state());
  const std::string reason = v1::ErrorReason_Name(response.reason());
  client::Table table;
  table.Column(context.Say("table.what"));
  table.Column(context.Say("table.value"));
  table.Row({context.Say("table.state"), context.Say("operation." + word)});
  Json machine = {{"state", word}};
  if (response.state() == v1::OPERATION_STATE_REFUSED) {
    constexpr std::string_view kPrefix = "ERROR_REASON_";
    const std::string key = reason.size() > kPrefix.size() ? reason.substr(kPrefix.size()) : "";
    table.Row({context.Say("table.remark"), base::HasText(key) ? context.Say(key) : reason});
    machine["reason"] = reason;
  }
  if (!response.transaction_id().empty()) {
    table.Row({context.Say("table.transaction"), base::HexOf(response.transaction_id())});
    table.Row({context.Say("table.sum"), context.Money(response.amount_kopecks())});
    table.Row({context.Say("table.time"), FormatLocalTime(response.booked_at().seconds())});
    machine["transaction_id"] = base::HexOf(response.transaction_id());
    machine["amount_kopecks"] = response.amount_kopecks();
    machine["booked_at"] = FormatUtc(response.booked_at().seconds());
  }
  if (response.state() != v1::OPERATION_STATE_UNKNOWN) {
    table.Row({context.Say("table.journal_index"), std::to_string(response.journal_index())});
    machine["journal_index"] = response.journal_index();
  }
  machine["lines_cancelled"] = Json::array();
  for (const bool cancelled : response.lines_cancelled()) {
    machine["lines_cancelled"].push_back(cancelled);
  }
  return context.Print(machine, table.Render());
}

}  // namespace

void AddOperationCommands(CLI::App* app, Context* context) {
  CLI::App* noun = app->add_subcommand("operation", "What became of a call");
  noun->require_subcommand(1);
  const auto request_id = std::make_shared<std::string>();
  CLI::App* command =
      AddCommand(noun, context, "show", "Show the outcome of a request id of this identity",
                 [context, request_id] { return Show(*context, *request_id); });
  IdOption(command, "request_id", request_id.get(), "The id that the call printed")->required();
}

}  // namespace ladon::ctl
