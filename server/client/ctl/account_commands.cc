#include <memory>
#include <string>

#include "ladon/v1/accounts_service.pb.h"
#include "server/base/id.h"
#include "server/client/ctl/commands.h"
#include "server/client/ctl/options.h"
#include "server/client/ctl/render.h"
#include "server/client/ctl/values.h"
#include "server/client/text/table.h"

namespace ladon::ctl {
namespace {

struct Arguments {
  std::string account;
  std::string amount;
  std::string payment_account;
  bool kopecks = false;
};

int TopUp(Context& context, const Arguments& given) {
  v1::TopUpRequest request;
  request.set_request_id(context.RequestId());
  request.set_account_id(BytesOf(given.account));
  request.set_amount_kopecks(KopecksOf(given.amount));
  v1::TopUpResponse response;
  if (const int code = context.Call(request, &response); code != kDone) {
    return code;
  }
  return context.Print(
      {{"transaction_id", base::HexOf(response.transaction_id())},
       {"journal_index", response.journal_index()},
       {"amount_kopecks", request.amount_kopecks()},
       {"balance_kopecks", response.balance_kopecks()},
       {"booked_at", FormatUtc(response.booked_at().seconds())},
       {"replayed", response.replayed()},
       {"request_id", base::HexOf(request.request_id())}},
      context.Say(
          response.replayed() ? "account.topped_up_before" : "account.topped_up",
          {context.Money(request.amount_kopecks()), context.Money(response.balance_kopecks())}));
}

int Balance(Context& context, const Arguments& given) {
  v1::GetBalanceRequest request;
  request.set_account_id(BytesOf(given.account));
  request.set_payment_account(given.payment_account);
  v1::GetBalanceResponse response;
  if (const int code = context.Call(request, &response); code != kDone) {
    return code;
  }
  if (given.kopecks) {
    return context.Print({{"balance_kopecks", response.balance_kopecks()}},
                         std::to_string(response.balance_kopecks()));
  }
  client::Table table;
  table.Column(context.Say("table.balance"), client::Align::kRight);
  table.Column(context.Say("table.overdraft"), client::Align::kRight);
  table.Column(context.Say("table.frozen"));
  table.Column(context.Say("table.closed"));
  table.Row({context.Money(response.balance_kopecks()),
             context.Money(response.overdraft_limit_kopecks()), YesNo(context, response.frozen()),
             YesNo(context, response.closed())});
  return context.Print({{"balance_kopecks", response.balance_kopecks()},
                        {"overdraft_limit_kopecks", response.overdraft_limit_kopecks()},
                        {"frozen", response.frozen()},
                        {"closed", response.closed()}},
                       table.Render());
}

int Statement(Context& context, const Arguments& given) {
  client::Table table;
  table.Column("№", client::Align::kRight);
  table.Column(context.Say("table.time"));
  table.Column(context.Say("table.service_date"));
  table.Column(context.Say("table.what"));
  table.Column(context.Say("table.sum"), client::Align::kRight);
  table.Column(context.Say("table.balance"), client::Align::kRight);
  Json all = Json::array();
  v1::GetStatementRequest request;
  request.set_account_id(BytesOf(given.account));
  const int listed =
      context.List<v1::GetStatementResponse>(request, [&](const v1::GetStatementResponse& page) {
        for (const v1::StatementLine& line : page.lines()) {
          all.push_back(JsonOf(line));
          std::string what = KindWord(context, line.kind());
          if (!line.item_name().empty()) what += ": " + line.item_name();
          const std::string by_list = ListWord(context, line.booking_reason());
          if (line.quantity() > 1) what += " × " + std::to_string(line.quantity());
          if (!by_list.empty()) what += " (" + by_list + ")";
          if (line.has_effective_date()) {
            what += context.Say("statement.for_day", {FormatDate(line.effective_date())});
          }
          if (line.fee_kopecks() > 0) {
            what += context.Say("statement.fee", {context.Money(line.fee_kopecks())});
          }
          table.Row({std::to_string(line.sequence()), FormatLocalTime(line.booked_at().seconds()),
                     FormatDate(line.service_date()), what, context.Money(line.amount_kopecks()),
                     context.Money(line.balance_kopecks())});
        }
      });
  if (listed != kDone) return listed;
  return context.Print(all, table.Render());
}

int Overdraft(Context& context, const Arguments& given) {
  v1::SetOverdraftLimitRequest request;
  request.set_request_id(context.RequestId());
  request.set_account_id(BytesOf(given.account));
  request.set_overdraft_limit_kopecks(KopecksOf(given.amount));
  v1::SetOverdraftLimitResponse response;
  if (const int code = context.Call(request, &response); code != kDone) {
    return code;
  }
  return context.Print(
      {{"journal_index", response.journal_index()}},
      context.Say("account.overdraft", {context.Money(request.overdraft_limit_kopecks())}));
}

int Freeze(Context& context, const Arguments& given, bool frozen) {
  v1::SetFrozenRequest request;
  request.set_request_id(context.RequestId());
  request.set_account_id(BytesOf(given.account));
  request.set_frozen(frozen);
  v1::SetFrozenResponse response;
  if (const int code = context.Call(request, &response); code != kDone) {
    return code;
  }
  return context.Print({{"journal_index", response.journal_index()}},
                       context.Say(frozen ? "account.frozen" : "account.unfrozen"));
}

}  // namespace

void AddAccountCommands(CLI::App* app, Context* context) {
  CLI::App* noun = app->add_subcommand("account", "Purses: cash, balance, statement, limits");
  noun->require_subcommand(1);
  const auto given = std::make_shared<Arguments>();

  CLI::App* command = AddCommand(noun, context, "top-up", "Book cash taken at the desk",
                                 [context, given] { return TopUp(*context, *given); });
  IdOption(command, "account", &given->account, "The purse")->required();
  RoublesOption(command, "amount", &given->amount, "Sum in roubles")->required();

  command = AddCommand(noun, context, "balance", "Show balance and state",
                       [context, given] { return Balance(*context, *given); });
  CLI::Option* const by_id = IdOption(command, "account", &given->account, "The purse");
  command
      ->add_option("--payment-account", given->payment_account,
                   "The number that parents pay to, instead of the purse")
      ->excludes(by_id);
  command->add_flag("--kopecks", given->kopecks, "Print the balance alone, in kopecks");

  command = AddCommand(noun, context, "statement", "Show every line, oldest first",
                       [context, given] { return Statement(*context, *given); });
  IdOption(command, "account", &given->account, "The purse")->required();

  command = AddCommand(noun, context, "overdraft", "Set how far below zero it may go",
                       [context, given] { return Overdraft(*context, *given); });
  IdOption(command, "account", &given->account, "The purse")->required();
  RoublesOption(command, "limit", &given->amount, "Limit in roubles; 0 for none")->required();

  command = AddCommand(noun, context, "freeze", "Allow top-ups only",
                       [context, given] { return Freeze(*context, *given, true); });
  IdOption(command, "account", &given->account, "The purse")->required();
  command = AddCommand(noun, context, "unfreeze", "Allow debits again",
                       [context, given] { return Freeze(*context, *given, false); });
  IdOption(command, "account", &given->account, "The purse")->required();
}

}  // namespace ladon::ctl
