#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_join.h"
#include "ladon/v1/accounts_service.pb.h"
#include "server/client/ctl/commands.h"
#include "server/client/ctl/options.h"
#include "server/client/text/table.h"

namespace ladon::ctl {
namespace {

struct Arguments {
  std::string account;
  bool school = false;
  std::string per_purchase;
  std::string per_day;
  std::vector<uint32_t> banned;
};

Json JsonOf(const v1::Limits& limits) {
  Json json = {{"per_purchase_kopecks", nullptr},
               {"per_service_day_kopecks", nullptr},
               {"banned_categories", Json::array()}};
  if (limits.has_per_purchase_kopecks()) {
    json["per_purchase_kopecks"] = limits.per_purchase_kopecks();
  }
  if (limits.has_per_service_day_kopecks()) {
    json["per_service_day_kopecks"] = limits.per_service_day_kopecks();
  }
  for (const uint32_t category : limits.banned_categories()) {
    json["banned_categories"].push_back(category);
  }
  return json;
}

std::string TableOf(const Context& context, const v1::Limits& limits) {
  client::Table table;
  table.Column(context.Say("table.per_purchase"), client::Align::kRight);
  table.Column(context.Say("table.per_day"), client::Align::kRight);
  table.Column(context.Say("table.banned"));
  const std::string none = context.Say("limits.none");
  table.Row(
      {limits.has_per_purchase_kopecks() ? context.Money(limits.per_purchase_kopecks()) : none,
       limits.has_per_service_day_kopecks() ? context.Money(limits.per_service_day_kopecks())
                                            : none,
       limits.banned_categories().empty() ? none
                                          : absl::StrJoin(limits.banned_categories(), ", ")});
  return table.Render();
}

int Show(Context& context, const Arguments& given) {
  v1::GetLimitsRequest request;
  if (!given.school) request.set_account_id(BytesOf(given.account));
  v1::GetLimitsResponse response;
  if (const int code = context.Call(request, &response); code != kDone) {
    return code;
  }
  return context.Print(JsonOf(response.limits()), TableOf(context, response.limits()));
}

int Set(Context& context, const Arguments& given) {
  v1::SetLimitsRequest request;
  request.set_request_id(context.RequestId());
  if (!given.school) request.set_account_id(BytesOf(given.account));
  v1::Limits* const limits = request.mutable_limits();
  if (!given.per_purchase.empty()) {
    limits->set_per_purchase_kopecks(KopecksOf(given.per_purchase));
  }
  if (!given.per_day.empty()) limits->set_per_service_day_kopecks(KopecksOf(given.per_day));
  for (const uint32_t category : given.banned) limits->add_banned_categories(category);
  v1::SetLimitsResponse response;
  if (const int code = context.Call(request, &response); code != kDone) {
    return code;
  }
  Json json = JsonOf(*limits);
  json["journal_index"] = response.journal_index();
  return context.Print(json, context.Say("limits.set") + "\n" + TableOf(context, *limits));
}

// Whose limits: one purse's, or those of the whole school.
void AddWhose(CLI::App* command, const std::shared_ptr<Arguments>& given) {
  CLI::Option_group* const whose = command->add_option_group("whose");
  IdOption(whose, "--account", &given->account, "A purse");
  whose->add_flag("--school", given->school, "Every purse of your school");
  whose->require_option(1);
}

}  // namespace

void AddLimitsCommands(CLI::App* app, Context* context) {
  CLI::App* noun = app->add_subcommand("limits", "What purses may be spent on");
  noun->require_subcommand(1);
  const auto given = std::make_shared<Arguments>();

  CLI::App* command = AddCommand(noun, context, "show", "Show the limits that were set",
                                 [context, given] { return Show(*context, *given); });
  AddWhose(command, given);

  command = AddCommand(noun, context, "set",
                       "Replace all limits; what is not given is not limited. They bind the next "
                       "debit, and the stricter of purse and school holds",
                       [context, given] { return Set(*context, *given); });
  AddWhose(command, given);
  RoublesOption(command, "--per-purchase", &given->per_purchase, "At most this much at once");
  RoublesOption(command, "--per-day", &given->per_day, "At most this much a service day");
  command->add_option("--ban", given->banned, "A category of the price list; may be repeated")
      ->check(CLI::Range(1, 9999));
}

}  // namespace ladon::ctl
