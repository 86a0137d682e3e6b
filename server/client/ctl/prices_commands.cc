#include <memory>
#include <string>

#include "ladon/v1/admin_service.pb.h"
#include "server/base/id.h"
#include "server/client/ctl/commands.h"
#include "server/client/ctl/csv_file.h"
#include "server/client/ctl/options.h"
#include "server/client/ctl/price_list.h"
#include "server/client/ctl/render.h"
#include "server/client/ctl/values.h"
#include "server/client/text/table.h"

namespace ladon::ctl {
namespace {

struct Arguments {
  std::string file;
  std::string caterer;
  std::string day;
};

v1::Date DayOf(const Arguments& given) {
  return given.day.empty() ? Today() : DateOf(given.day);
}

std::string TableOf(const Context& context, const v1::PriceList& list) {
  client::Table table;
  table.Column(context.Say("table.category"), client::Align::kRight);
  table.Column(context.Say("table.name"));
  table.Column(context.Say("table.price"), client::Align::kRight);
  table.Column(context.Say("table.item"));
  for (const v1::PriceListItem& item : list.items()) {
    table.Row({std::to_string(item.category()), item.name(),
               context.Money(item.unit_price_kopecks()), base::HexOf(item.item_id())});
  }
  return table.Render();
}

int Put(Context& context, const Arguments& given) {
  const absl::StatusOr<CsvTable> csv = ReadCsvFile(given.file, context.language());
  if (!csv.ok()) return context.Fail(csv.status());
  const absl::StatusOr<v1::PriceList> list = PriceListOf(
      *csv, *base::IdOfHex<base::CatererId>(given.caterer), DayOf(given), context.language());
  if (!list.ok()) return context.Fail(list.status());
  v1::PutPriceListRequest request;
  request.set_request_id(context.RequestId());
  *request.mutable_price_list() = *list;
  v1::PutPriceListResponse response;
  if (const int code = context.Call(request, &response); code != kDone) {
    return code;
  }
  const std::string said = context.Say(
      "prices.put", {FormatDate(list->valid_from()), std::to_string(list->items_size())});
  return context.Print(JsonOf(*list), said + "\n" + TableOf(context, *list));
}

int Show(Context& context, const Arguments& given) {
  v1::GetPriceListRequest request;
  request.set_caterer_id(BytesOf(given.caterer));
  *request.mutable_day() = DayOf(given);
  v1::GetPriceListResponse response;
  if (const int code = context.Call(request, &response); code != kDone) {
    return code;
  }
  const v1::PriceList& list = response.price_list();
  return context.Print(JsonOf(list),
                       context.Say("prices.in_force", {FormatDate(list.valid_from())}) + "\n" +
                           TableOf(context, list));
}

}  // namespace

void AddPricesCommands(CLI::App* app, Context* context) {
  CLI::App* noun = app->add_subcommand("prices", "Price lists of a caterer");
  noun->require_subcommand(1);

  const auto put = std::make_shared<Arguments>();
  CLI::App* command = AddCommand(noun, context, "put", "Put a price list in force from a day",
                                 [context, put] { return Put(*context, *put); });
  command->add_option("file", put->file, "CSV with ';': item_id (optional), category, name, price")
      ->required();
  IdOption(command, "--caterer", &put->caterer, "The caterer")->required();
  DateOption(command, "--from", &put->day, "First day; today when not given");

  const auto show = std::make_shared<Arguments>();
  command = AddCommand(noun, context, "show", "Show the list in force on a day",
                       [context, show] { return Show(*context, *show); });
  IdOption(command, "--caterer", &show->caterer, "The caterer")->required();
  DateOption(command, "--day", &show->day, "The day; today when not given");
}

}  // namespace ladon::ctl
