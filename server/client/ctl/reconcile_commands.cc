#include <fstream>
#include <memory>
#include <string>
#include <utility>

#include "ladon/v1/payment_service.pb.h"
#include "server/client/ctl/commands.h"
#include "server/client/ctl/html.h"
#include "server/client/ctl/options.h"
#include "server/client/ctl/values.h"
#include "server/client/registry/bank_statement.h"
#include "server/client/text/table.h"

namespace ladon::ctl {
namespace {

constexpr size_t kStatementBytesMax = size_t{64} * 1024 * 1024;

struct Arguments {
  std::string contract;
  std::string day;
  std::string statement;
  std::string account;
  std::string credited_on;
  std::string out;
};

std::string KeyOf(v1::Reconciled state) {
  switch (state) {
    case v1::RECONCILED_MATCHED:
      return "matched";
    case v1::RECONCILED_ONLY_REGISTRY:
      return "only_registry";
    case v1::RECONCILED_ONLY_ONLINE:
      return "only_online";
    case v1::RECONCILED_DIFFERS:
      return "differs";
    default:
      return "unknown";
  }
}

std::string WordOf(const Context& context, v1::Reconciled state) {
  switch (state) {
    case v1::RECONCILED_MATCHED:
      return context.Say("reconcile.matched");
    case v1::RECONCILED_ONLY_REGISTRY:
      return context.Say("reconcile.only_registry");
    case v1::RECONCILED_ONLY_ONLINE:
      return context.Say("reconcile.only_online");
    default:
      return context.Say("reconcile.differs");
  }
}

int64_t Owned(const v1::Books& books) {
  return books.purses_kopecks() + books.owed_to_caterers_kopecks() + books.suspense_kopecks() +
         books.fees_kopecks() + books.refunds_kopecks() - books.subsidies_drawn_kopecks();
}

// What the bank credited for the registry, beside it.
struct Credited {
  bool asked = false;
  int64_t kopecks = 0;
};

absl::StatusOr<Credited> ReadStatement(const Arguments& given) {
  if (given.statement.empty()) return Credited{};
  const absl::StatusOr<std::string> bytes = ReadWholeFile(given.statement, kStatementBytesMax);
  if (!bytes.ok()) return bytes.status();
  const absl::StatusOr<registry::BankStatement> statement = registry::StatementOf(*bytes);
  if (!statement.ok()) return statement.status();
  const v1::Date day = DateOf(given.credited_on.empty() ? given.day : given.credited_on);
  const auto number =
      static_cast<registry::Day>(day.year() * 10'000 + day.month() * 100 + day.day());
  return Credited{
      .asked = true,
      .kopecks = registry::TotalCredited(
          *statement,
          {.account = given.account.empty() ? statement->account : given.account, .day = number})};
}

Json JsonOf(const v1::GetReconciliationResponse& response) {
  Json counts = Json::object();
  for (const v1::ReconciledCount& count : response.counts()) {
    counts[KeyOf(count.state())] = {{"payments", count.payments()},
                                    {"paid_kopecks", count.paid_kopecks()},
                                    {"fee_kopecks", count.fee_kopecks()}};
  }
  Json payments = Json::array();
  for (const v1::ReconciledPayment& one : response.payments()) {
    payments.push_back({{"payment_id", one.payment().payment_id()},
                        {"state", KeyOf(one.state())},
                        {"paid_kopecks", one.payment().paid_kopecks()},
                        {"registry_kopecks", one.registry_kopecks()}});
  }
  const v1::Books& books = response.books();
  return {{"counts", counts},
          {"payments", payments},
          {"registry_overdue", response.registry_overdue()},
          {"books",
           {{"purses_kopecks", books.purses_kopecks()},
            {"owed_to_caterers_kopecks", books.owed_to_caterers_kopecks()},
            {"suspense_kopecks", books.suspense_kopecks()},
            {"fees_kopecks", books.fees_kopecks()},
            {"refunds_kopecks", books.refunds_kopecks()},
            {"subsidies_drawn_kopecks", books.subsidies_drawn_kopecks()},
            {"clearing_kopecks", books.clearing_kopecks()},
            {"balance", Owned(books) == books.clearing_kopecks()}}}};
}

std::string TablesOf(const Context& context, const v1::GetReconciliationResponse& response) {
  client::Table counts;
  counts.Column(context.Say("reconcile.state"));
  counts.Column(context.Say("reconcile.payments"), client::Align::kRight);
  counts.Column(context.Say("table.sum"), client::Align::kRight);
  counts.Column(context.Say("reconcile.fee"), client::Align::kRight);
  for (const v1::ReconciledCount& count : response.counts()) {
    counts.Row({WordOf(context, count.state()), std::to_string(count.payments()),
                context.Money(count.paid_kopecks()), context.Money(count.fee_kopecks())});
  }
  std::string text = counts.Render();
  if (response.payments_size() > 0) {
    client::Table table;
    table.Column(context.Say("payment.id"));
    table.Column(context.Say("reconcile.state"));
    table.Column(context.Say("table.sum"), client::Align::kRight);
    table.Column(context.Say("reconcile.registry"), client::Align::kRight);
    for (const v1::ReconciledPayment& one : response.payments()) {
      table.Row({one.payment().payment_id(), WordOf(context, one.state()),
                 context.Money(one.payment().paid_kopecks()),
                 context.Money(one.registry_kopecks())});
    }
    text += "\n" + table.Render();
  }
  if (response.registry_overdue()) text += "\n" + context.Say("reconcile.overdue") + "\n";
  const v1::Books& books = response.books();
  text += "\n" +
          context.Say(Owned(books) == books.clearing_kopecks() ? "reconcile.balance"
                                                               : "reconcile.no_balance",
                      {context.Money(Owned(books)), context.Money(books.clearing_kopecks())}) +
          "\n";
  return text;
}

int Reconcile(Context& context, const Arguments& given) {
  const absl::StatusOr<Credited> credited = ReadStatement(given);
  if (!credited.ok()) return context.Fail(credited.status());
  v1::GetReconciliationRequest request;
  request.set_contract(given.contract);
  *request.mutable_day() = DateOf(given.day);
  v1::GetReconciliationResponse response;
  if (const int code = context.Call(request, &response); code != kDone) return code;
  Json machine = JsonOf(response);
  std::string people = TablesOf(context, response);
  if (credited->asked) {
    int64_t registry = 0;
    for (const v1::ReconciledCount& count : response.counts()) {
      if (count.state() != v1::RECONCILED_ONLY_ONLINE) registry += count.paid_kopecks();
    }
    machine["statement_kopecks"] = credited->kopecks;
    machine["statement_matches"] = credited->kopecks == registry;
    people += context.Say(credited->kopecks == registry ? "reconcile.statement_same"
                                                        : "reconcile.statement_differs",
                          {context.Money(credited->kopecks), context.Money(registry)}) +
              "\n";
  }
  if (!given.out.empty()) {
    std::ofstream file(given.out, std::ios::binary | std::ios::trunc);
    file << "<!DOCTYPE html><html><head><meta charset=\"utf-8\"><title>"
         << EscapeHtml(given.contract + " " + given.day)
         << "</title><style>@page{size:A4;margin:15mm}</style></head><body><h1>"
         << EscapeHtml(given.contract + ", " + given.day) << "</h1><pre>" << EscapeHtml(people)
         << "</pre></body></html>\n";
    if (!file.flush()) return context.Fail(absl::UnavailableError("cannot write " + given.out));
  }
  return context.Print(machine, people);
}

}  // namespace

void AddReconcileCommand(CLI::App* app, Context* context) {
  const auto given = std::make_shared<Arguments>();
  CLI::App* const command = AddCommand(app, context, "reconcile",
                                       "A day's payments beside the bank's registry, and the books",
                                       [context, given] { return Reconcile(*context, *given); });
  command->add_option("--contract", given->contract, "The contract's name")->required();
  DateOption(command, "--day", &given->day, "Day on which payments were booked")->required();
  command->add_option("--statement", given->statement,
                      "The bank's statement (1CClientBankExchange), to compare its total");
  command->add_option("--account", given->account,
                      "Account in it that was credited; left out: its own");
  DateOption(command, "--credited-on", &given->credited_on,
             "Day on which the bank credited it; left out: --day");
  command->add_option("--out", given->out, "Write a page to print (HTML), too");
}

}  // namespace ladon::ctl
