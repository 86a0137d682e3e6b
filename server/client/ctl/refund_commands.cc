#include <memory>
#include <string>

#include "ladon/v1/payment_service.pb.h"
#include "server/client/ctl/commands.h"
#include "server/client/ctl/options.h"
#include "server/client/ctl/render.h"
#include "server/client/ctl/values.h"
#include "server/client/text/table.h"

namespace ladon::ctl {
namespace {

struct Arguments {
  std::string contract;
  std::string account;
  std::string amount;
  std::string payment;
  std::string basis;
  std::string number;
  std::string document;
  std::string date;
};

std::string StateOf(const v1::Refund& refund) {
  switch (refund.state()) {
    case v1::REFUND_STATE_OPEN:
      return "open";
    case v1::REFUND_STATE_PAID:
      return "paid";
    case v1::REFUND_STATE_CANCELLED:
      return "cancelled";
    default:
      return "unknown";
  }
}

Json JsonOfRefund(const v1::Refund& refund) {
  return {{"refund_number", refund.refund_number()},
          {"state", StateOf(refund)},
          {"kopecks", refund.kopecks()},
          {"opened_at", FormatUtc(refund.opened_at().seconds())},
          {"due_date", FormatDate(refund.due_date())},
          {"overdue", refund.overdue()},
          {"payment_id", refund.payment_id()},
          {"order_number", refund.order_number()},
          {"basis", refund.basis()}};
}

int Open(Context& context, const Arguments& given) {
  v1::OpenRefundRequest request;
  request.set_request_id(context.RequestId());
  request.set_contract(given.contract);
  request.set_account_id(BytesOf(given.account));
  request.set_kopecks(KopecksOf(given.amount, kBankKopecksMax));
  request.set_payment_id(given.payment);
  request.set_basis(given.basis);
  v1::OpenRefundResponse response;
  if (const int code = context.Call(request, &response); code != kDone) return code;
  const v1::Refund& refund = response.refund();
  return context.Print(
      JsonOfRefund(refund),
      context.Say("refund.opened", {context.Money(refund.kopecks()), FormatDate(refund.due_date()),
                                    refund.refund_number()}));
}

int List(Context& context, const Arguments& given) {
  v1::ListRefundsRequest request;
  request.set_contract(given.contract);
  client::Table table;
  table.Column(context.Say("refund.due"));
  table.Column(context.Say("table.sum"), client::Align::kRight);
  table.Column(context.Say("refund.basis"));
  table.Column(context.Say("payment.id"));
  table.Column(context.Say("refund.number"));
  Json all = Json::array();
  const int listed =
      context.List<v1::ListRefundsResponse>(request, [&](const v1::ListRefundsResponse& page) {
        for (const v1::Refund& refund : page.refunds()) {
          all.push_back(JsonOfRefund(refund));
          std::string due = FormatDate(refund.due_date());
          if (refund.overdue()) due += " " + context.Say("refund.overdue");
          table.Row({due, context.Money(refund.kopecks()), refund.basis(), refund.payment_id(),
                     refund.refund_number()});
        }
      });
  if (listed != kDone) return listed;
  return context.Print(all, all.empty() ? context.Say("refund.none") : table.Render());
}

int Close(Context& context, const Arguments& given) {
  v1::CloseRefundRequest request;
  request.set_request_id(context.RequestId());
  request.set_contract(given.contract);
  request.set_refund_number(given.number);
  request.set_document_id(given.document);
  *request.mutable_document_date() = DateOf(given.date);
  v1::CloseRefundResponse response;
  if (const int code = context.Call(request, &response); code != kDone) return code;
  return context.Print(JsonOfRefund(response.refund()),
                       context.Say("refund.closed", {context.Money(response.refund().kopecks())}));
}

int Cancel(Context& context, const Arguments& given) {
  v1::CancelRefundRequest request;
  request.set_request_id(context.RequestId());
  request.set_contract(given.contract);
  request.set_refund_number(given.number);
  v1::CancelRefundResponse response;
  if (const int code = context.Call(request, &response); code != kDone) return code;
  return context.Print(
      JsonOfRefund(response.refund()),
      context.Say("refund.cancelled", {context.Money(response.refund().kopecks())}));
}

}  // namespace

void AddRefundCommands(CLI::App* app, Context* context) {
  CLI::App* noun =
      app->add_subcommand("refund", "Unspent money on its way back to who had paid it in");
  noun->require_subcommand(1);
  const auto given = std::make_shared<Arguments>();
  const auto contract = [&given](CLI::App* command) {
    command->add_option("--contract", given->contract, "The contract that it goes back through")
        ->required();
  };
  const auto number = [&given, &contract](CLI::App* command) {
    command->add_option("number", given->number, "The refund's number")->required();
    contract(command);
  };
  CLI::App* command =
      AddCommand(noun, context, "open", "Take it off the purse, with a second person of the school",
                 [context, given] { return Open(*context, *given); });
  contract(command);
  IdOption(command, "--account", &given->account, "The purse")->required();
  RoublesOption(command, "--amount", &given->amount, "How much")->required();
  command->add_option("--payment", given->payment,
                      "The payment that goes back, by its channel's id; else it is paid out by the "
                      "bank details of the application");
  command->add_option("--basis", given->basis, "The payer's application, as it is filed")
      ->required();
  contract(AddCommand(noun, context, "list", "What is owed to payers, and by when",
                      [context, given] { return List(*context, *given); }));
  command = AddCommand(noun, context, "close", "The bank has paid it out",
                       [context, given] { return Close(*context, *given); });
  number(command);
  command->add_option("--document", given->document, "Number of the bank's document")->required();
  DateOption(command, "--date", &given->date, "Its day")->required();
  number(AddCommand(noun, context, "cancel", "Put it back on the purse",
                    [context, given] { return Cancel(*context, *given); }));
}

}  // namespace ladon::ctl
