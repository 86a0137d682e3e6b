#include <memory>
#include <string>
#include <vector>

#include "ladon/v1/report_service.pb.h"
#include "server/base/id.h"
#include "server/client/ctl/commands.h"
#include "server/client/ctl/options.h"
#include "server/client/ctl/values.h"
#include "server/client/text/table.h"

namespace ladon::ctl {
namespace {

using client::Align;

struct Days {
  std::string first;
  std::string last;
};

template <class Request>
Request RequestOf(const Days& days) {
  Request request;
  *request.mutable_first_day() = DateOf(days.first);
  *request.mutable_last_day() = DateOf(days.last);
  return request;
}

// --- a caterer -----------------------------------------------------------------------------------

Json JsonOf(const v1::SalesFigures& sales) {
  return {{"portions", sales.portions()},
          {"kopecks", sales.kopecks()},
          {"cancelled_portions", sales.cancelled_portions()},
          {"cancelled_kopecks", sales.cancelled_kopecks()}};
}

void AddSales(const Context& context, const v1::SalesFigures& sales,
              std::vector<std::string>* cells) {
  cells->push_back(std::to_string(sales.portions()));
  cells->push_back(context.Money(sales.kopecks()));
  cells->push_back(std::to_string(sales.cancelled_portions()));
  cells->push_back(context.Money(sales.cancelled_kopecks()));
}

client::Table TableOf(const Context& context, const v1::GetCatererReportResponse& report) {
  client::Table table;
  table.Column(context.Say("report.day"));
  table.Column(context.Say("report.product"));
  table.Column(context.Say("table.category"), Align::kRight);
  for (const char* const head :
       {"report.portions", "report.sold", "report.cancelled_portions", "report.cancelled"}) {
    table.Column(context.Say(head), Align::kRight);
  }
  for (const v1::ProductSales& product : report.products()) {
    std::string name = product.name();
    if (name.empty()) {
      name = product.item_id().empty() ? context.Say("report.free_amounts")
                                       : base::HexOf(product.item_id());
    }
    std::vector<std::string> cells = {FormatDate(product.service_date()), std::move(name),
                                      std::to_string(product.category())};
    AddSales(context, product.sales(), &cells);
    table.Row(std::move(cells));
  }
  std::vector<std::string> total = {context.Say("report.total"), "", ""};
  AddSales(context, report.total(), &total);
  table.Row(std::move(total));
  return table;
}

int OfCaterer(Context& context, const Days& days) {
  v1::GetCatererReportResponse report;
  const int code = context.Call(RequestOf<v1::GetCatererReportRequest>(days), &report);
  if (code != kDone) return code;
  Json products = Json::array();
  for (const v1::ProductSales& product : report.products()) {
    Json json = {{"day", FormatDate(product.service_date())},
                 {"item_id", base::HexOf(product.item_id())},
                 {"category", product.category()},
                 {"name", product.name()}};
    json.update(JsonOf(product.sales()));
    products.push_back(std::move(json));
  }
  return context.Print({{"products", products},
                        {"total", JsonOf(report.total())},
                        {"owed_kopecks", report.owed_kopecks()}},
                       TableOf(context, report).Render() +
                           context.Say("report.owed", {context.Money(report.owed_kopecks())}));
}

// --- schools -------------------------------------------------------------------------------------

Json JsonOf(const v1::MealFigures& figures) {
  return {{"suppressed", figures.suppressed()},
          {"days_left_out", figures.days_left_out()},
          {"purses", figures.purses()},
          {"debits", figures.debits()},
          {"portions", figures.portions()},
          {"meals_kopecks", figures.meals_kopecks()},
          {"subsidised_kopecks", figures.subsidised_kopecks()},
          {"subsidy_days_left_out", figures.subsidy_days_left_out()},
          {"topped_up_kopecks", figures.topped_up_kopecks()},
          {"top_up_days_left_out", figures.top_up_days_left_out()}};
}

// A table whose first column is `head`.
client::Table TableWith(const Context& context, const char* head) {
  client::Table table;
  table.Column(context.Say(head));
  for (const char* const column :
       {"report.purses", "report.debits", "report.portions", "report.meals", "report.subsidised",
        "report.topped_up", "report.days_left_out"}) {
    table.Column(context.Say(column), Align::kRight);
  }
  return table;
}

// "—" where nothing may be told, "12,00 ₽*" where days of the column are missing.
std::string SumOf(const Context& context, int64_t kopecks, bool suppressed, bool partial) {
  if (suppressed) return "—";
  return context.Money(kopecks) + (partial ? "*" : "");
}

void AddRow(const Context& context, const std::string& name, const v1::MealFigures& figures,
            client::Table* table) {
  const bool hidden = figures.suppressed();
  const auto count = [hidden](auto number) {
    return hidden ? std::string("—") : std::to_string(number);
  };
  table->Row(
      {name, count(figures.purses()), count(figures.debits()), count(figures.portions()),
       SumOf(context, figures.meals_kopecks(), hidden, figures.days_left_out() > 0),
       SumOf(context, figures.subsidised_kopecks(), hidden, figures.subsidy_days_left_out() > 0),
       SumOf(context, figures.topped_up_kopecks(), hidden, figures.top_up_days_left_out() > 0),
       std::to_string(figures.days_left_out())});
}

// The table with its last row, and what the marks in it mean.
std::string PageOf(const Context& context, const v1::MealFigures& total, client::Table* table) {
  AddRow(context, context.Say("report.total"), total, table);
  const bool whole = total.days_left_out() == 0 && total.subsidy_days_left_out() == 0 &&
                     total.top_up_days_left_out() == 0;
  return table->Render() + (whole ? "" : "\n" + context.Say("report.left_out"));
}

int OfMunicipality(Context& context, const Days& days) {
  v1::GetMunicipalReportResponse report;
  const int code = context.Call(RequestOf<v1::GetMunicipalReportRequest>(days), &report);
  if (code != kDone) return code;
  client::Table table = TableWith(context, "table.school");
  Json schools = Json::array();
  for (const v1::SchoolFigures& school : report.schools()) {
    Json json = {{"school_id", base::HexOf(school.school_id())}, {"name", school.name()}};
    json.update(JsonOf(school.figures()));
    schools.push_back(std::move(json));
    AddRow(context, school.name(), school.figures(), &table);
  }
  return context.Print({{"schools", schools}, {"total", JsonOf(report.total())}},
                       PageOf(context, report.total(), &table));
}

int OfSchool(Context& context, const Days& days) {
  v1::GetSchoolReportResponse report;
  const int code = context.Call(RequestOf<v1::GetSchoolReportRequest>(days), &report);
  if (code != kDone) return code;
  client::Table table = TableWith(context, "report.day");
  Json list = Json::array();
  for (const v1::DayFigures& day : report.days()) {
    Json json = {{"day", FormatDate(day.service_date())}};
    json.update(JsonOf(day.figures()));
    list.push_back(std::move(json));
    AddRow(context, FormatDate(day.service_date()), day.figures(), &table);
  }
  return context.Print({{"days", list}, {"total", JsonOf(report.total())}},
                       PageOf(context, report.total(), &table));
}

void AddReport(CLI::App* noun, Context* context, const std::string& name, const std::string& help,
               int (*print)(Context&, const Days&)) {
  const auto days = std::make_shared<Days>();
  CLI::App* const command = AddCommand(noun, context, name, help,
                                       [context, days, print] { return print(*context, *days); });
  DateOption(command, "--from", &days->first, "The first day")->required();
  DateOption(command, "--to", &days->last, "The last day, included; at most 62 days in all")
      ->required();
}

}  // namespace

void AddReportCommands(CLI::App* app, Context* context) {
  CLI::App* noun = app->add_subcommand(
      "report",
      "Figures of meals, derived from the journal; what fewer than five purses did on a "
      "day is left out");
  noun->require_subcommand(1);
  AddReport(noun, context, "caterer",
            "What the caterer that calls sold, by day and product, and what it is owed", OfCaterer);
  AddReport(noun, context, "municipality", "Sums of every school, for the municipality",
            OfMunicipality);
  AddReport(noun, context, "school", "Sums of every day of the school whose head calls", OfSchool);
}

}  // namespace ladon::ctl
