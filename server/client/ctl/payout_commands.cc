#include <memory>
#include <string>

#include "ladon/v1/accounts_service.pb.h"
#include "server/client/ctl/commands.h"
#include "server/client/ctl/options.h"
#include "server/client/ctl/values.h"
#include "server/client/text/table.h"

namespace ladon::ctl {
namespace {

struct Arguments {
  std::string caterer;
  std::string account;
  std::string amount;
  std::string document;
  std::string date;
  uint32_t category = 0;
  uint32_t uses = 1;
  std::string from;
  std::string to;
};

int PayOut(Context& context, const Arguments& given) {
  v1::PayOutRequest request;
  request.set_request_id(context.RequestId());
  request.set_caterer_id(BytesOf(given.caterer));
  request.set_amount_kopecks(KopecksOf(given.amount, kBankKopecksMax));
  request.set_document_id(given.document);
  *request.mutable_document_date() = DateOf(given.date);
  v1::PayOutResponse response;
  if (const int code = context.Call(request, &response); code != kDone) {
    return code;
  }
  return context.Print(
      {{"journal_index", response.journal_index()}, {"owed_kopecks", response.owed_kopecks()}},
      context.Say("payout.done", {context.Money(response.owed_kopecks())}));
}

int ShowEntitlements(Context& context, const Arguments& given) {
  v1::GetEntitlementsRequest request;
  request.set_account_id(BytesOf(given.account));
  v1::GetEntitlementsResponse response;
  if (const int code = context.Call(request, &response); code != kDone) {
    return code;
  }
  client::Table table;
  table.Column(context.Say("entitlements.category"), client::Align::kRight);
  table.Column(context.Say("entitlements.cap"), client::Align::kRight);
  table.Column(context.Say("entitlements.uses"), client::Align::kRight);
  table.Column(context.Say("entitlements.from"));
  table.Column(context.Say("entitlements.to"));
  Json all = Json::array();
  for (const v1::Entitlement& one : response.entitlements()) {
    all.push_back({{"category", one.category()},
                   {"cap_kopecks", one.cap_kopecks()},
                   {"uses_per_day", one.uses_per_day()},
                   {"valid_from", FormatDate(one.valid_from())},
                   {"valid_to", FormatDate(one.valid_to())}});
    table.Row({std::to_string(one.category()), context.Money(one.cap_kopecks()),
               std::to_string(one.uses_per_day()), FormatDate(one.valid_from()),
               FormatDate(one.valid_to())});
  }
  return context.Print(all, all.empty() ? context.Say("entitlements.none") : table.Render());
}

int SetEntitlements(Context& context, const Arguments& given, bool clear) {
  v1::SetEntitlementsRequest request;
  request.set_request_id(context.RequestId());
  request.set_account_id(BytesOf(given.account));
  if (!clear) {
    v1::Entitlement* const one = request.add_entitlements();
    one->set_category(given.category);
    one->set_cap_kopecks(KopecksOf(given.amount));
    one->set_uses_per_day(given.uses);
    *one->mutable_valid_from() = DateOf(given.from);
    *one->mutable_valid_to() = DateOf(given.to);
    one->set_document_id(given.document);
  }
  v1::SetEntitlementsResponse response;
  if (const int code = context.Call(request, &response); code != kDone) {
    return code;
  }
  return context.Print({{"journal_index", response.journal_index()}},
                       context.Say("entitlements.set"));
}

}  // namespace

void AddPayoutCommands(CLI::App* app, Context* context) {
  const auto given = std::make_shared<Arguments>();
  CLI::App* command =
      AddCommand(app, context, "payout", "Book a payment to a caterer, once for a bank document",
                 [context, given] { return PayOut(*context, *given); });
  IdOption(command, "--caterer", &given->caterer, "Who was paid")->required();
  BankSumOption(command, "--amount", &given->amount, "Sum in roubles")->required();
  command->add_option("--document", given->document, "Number of the bank document")->required();
  DateOption(command, "--date", &given->date, "Date of the bank document")->required();

  CLI::App* noun = app->add_subcommand("entitlements", "Meals that the school's budget pays for");
  noun->require_subcommand(1);
  command = AddCommand(noun, context, "show", "Show those of a purse",
                       [context, given] { return ShowEntitlements(*context, *given); });
  IdOption(command, "--account", &given->account, "The purse")->required();
  command = AddCommand(noun, context, "set", "Replace those of a purse by this one",
                       [context, given] { return SetEntitlements(*context, *given, false); });
  IdOption(command, "--account", &given->account, "The purse")->required();
  command->add_option("--category", given->category, "Of the price list")->required();
  RoublesOption(command, "--cap", &given->amount, "The most that is paid of one serving")
      ->required();
  command->add_option("--uses", given->uses, "Servings a day (default 1)");
  DateOption(command, "--from", &given->from, "First day")->required();
  DateOption(command, "--to", &given->to, "Last day")->required();
  command->add_option("--document", given->document, "What it rests on")->required();
  command = AddCommand(noun, context, "clear", "Take those of a purse away",
                       [context, given] { return SetEntitlements(*context, *given, true); });
  IdOption(command, "--account", &given->account, "The purse")->required();
}

}  // namespace ladon::ctl
