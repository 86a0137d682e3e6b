// Meals by class list: what a senior cashier does for a child whom neither palm nor card names.
#include <algorithm>
#include <cctype>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "ladon/v1/admin_service.pb.h"
#include "ladon/v1/terminal_service.pb.h"
#include "server/base/id.h"
#include "server/client/ctl/commands.h"
#include "server/client/ctl/options.h"
#include "server/client/text/console.h"
#include "server/client/text/table.h"

namespace ladon::ctl {
namespace {

constexpr size_t kItemPrefixMin = 4;  // Digits of an item's id that may stand for it.
constexpr uint32_t kQuantityMax = 99;

struct Arguments {
  std::string class_name;
  std::string subject;
  std::string caterer;
  std::vector<std::string> items;
  std::string amount;
  std::string purse = "main";
  std::string reason;
  std::string day;
  std::string terminal;
  std::string booked;
  bool pin = false;
  bool yes = false;
};

int Show(Context& context, const Arguments& given) {
  std::vector<v1::ClassMember> members;
  v1::ListClassRequest request;
  request.set_class_name(given.class_name);
  const int listed =
      context.List<v1::ListClassResponse>(request, [&](const v1::ListClassResponse& page) {
        members.insert(members.end(), page.members().begin(), page.members().end());
      });
  if (listed != kDone) return listed;
  std::sort(members.begin(), members.end(), [](const auto& a, const auto& b) {
    return std::pair(a.display_name(), a.subject_id()) <
           std::pair(b.display_name(), b.subject_id());
  });
  Json json = Json::array();
  client::Table table;
  table.Column(context.Say("table.person"));
  table.Column(context.Say("table.pin"));
  table.Column(context.Say("table.subject"));
  for (const v1::ClassMember& member : members) {
    const std::string id = base::HexOf(member.subject_id());
    json.push_back(
        {{"subject_id", id}, {"name", member.display_name()}, {"has_pin", member.has_pin()}});
    table.Row({member.display_name(), context.Say(member.has_pin() ? "word.yes" : "word.no"), id});
  }
  return context.Print(json, table.Render());
}

// "ID" or "IDxQTY", with the price that the item has on the list.
absl::Status AddItem(const v1::PriceList& prices, const std::string& text, v1::BasketLine* line) {
  const size_t times = text.find('x');
  std::string prefix = text.substr(0, times);
  std::transform(prefix.begin(), prefix.end(), prefix.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  uint32_t quantity = 1;
  if (prefix.size() < kItemPrefixMin ||
      (times != std::string::npos && (!absl::SimpleAtoi(text.substr(times + 1), &quantity) ||
                                      quantity < 1 || quantity > kQuantityMax))) {
    return absl::InvalidArgumentError(absl::StrCat("--item ", text, ": ID or IDxQTY; ID is ",
                                                   kItemPrefixMin, " hex digits or more, QTY 1 to ",
                                                   kQuantityMax));
  }
  const v1::PriceListItem* found = nullptr;
  for (const v1::PriceListItem& item : prices.items()) {
    if (!base::HexOf(item.item_id()).starts_with(prefix)) continue;
    if (found != nullptr) {
      return absl::InvalidArgumentError(
          absl::StrCat("--item ", text, ": fits several items; give more digits"));
    }
    found = &item;
  }
  if (found == nullptr) {
    return absl::InvalidArgumentError(
        absl::StrCat("--item ", text, ": not on the price list of the day"));
  }
  line->set_item_id(found->item_id());
  line->set_category(found->category());
  line->set_quantity(quantity);
  line->set_unit_price_kopecks(found->unit_price_kopecks());
  return absl::OkStatus();
}

// The basket at the prices of the day of the meal.
int FillBasket(Context& context, const Arguments& given, v1::Basket* basket) {
  if (given.items.empty() && given.amount.empty()) {
    return context.Usage(context.Say("list.nothing"));
  }
  basket->set_caterer_id(BytesOf(given.caterer));
  v1::GetPriceListResponse prices;
  if (!given.items.empty()) {
    v1::GetPriceListRequest request;
    request.set_caterer_id(basket->caterer_id());
    *request.mutable_day() = given.day.empty() ? Today() : DateOf(given.day);
    if (const int code = context.Call(request, &prices); code != kDone) return code;
  }
  for (const std::string& item : given.items) {
    const absl::Status added = AddItem(prices.price_list(), item, basket->add_lines());
    if (!added.ok()) return context.Fail(added);
  }
  if (!given.amount.empty()) {
    v1::BasketLine* const line = basket->add_lines();
    line->set_quantity(1);
    line->set_unit_price_kopecks(KopecksOf(given.amount));
  }
  int64_t total_kopecks = 0;
  for (v1::BasketLine& line : *basket->mutable_lines()) {
    line.set_purse(PurseOf(given.purse));
    total_kopecks += line.unit_price_kopecks() * line.quantity();
  }
  basket->set_total_kopecks(total_kopecks);
  return kDone;
}

int Book(Context& context, const Arguments& given) {
  v1::BookByListRequest request;
  request.set_request_id(context.RequestId());
  request.set_subject_id(BytesOf(given.subject));
  request.set_reason(given.reason == "outage" ? v1::BOOKING_REASON_OUTAGE
                                              : v1::BOOKING_REASON_NOT_RECOGNISED);
  if (!given.day.empty()) *request.mutable_effective_date() = DateOf(given.day);
  if (!given.terminal.empty()) request.set_terminal_id(BytesOf(given.terminal));
  request.set_repeat_confirmed(given.yes);
  if (const int code = FillBasket(context, given, request.mutable_basket()); code != kDone) {
    return code;
  }
  if (given.pin) request.set_pin(client::AskUnseen(context.Say("pin.ask")));
  v1::BookByListResponse response;
  if (const int code = context.Call(request, &response); code != kDone) {
    return code;
  }
  const std::string id = base::HexOf(request.request_id());
  const std::string day = FormatDate(response.effective_date());
  return context.Print(
      {{"request_id", id},
       {"transaction_id", base::HexOf(response.transaction_id())},
       {"journal_index", response.journal_index()},
       {"name", response.payer().display_name()},
       {"service_date", FormatDate(response.service_date())},
       {"effective_date", day},
       {"replayed", response.replayed()}},
      context.Say("list.booked", {response.payer().display_name(),
                                  context.Money(request.basket().total_kopecks()), day, id}));
}

int Cancel(Context& context, const Arguments& given) {
  v1::CancelRequest request;
  request.set_request_id(context.RequestId());
  request.set_debit_request_id(BytesOf(given.booked));
  request.set_reason(given.reason == "wrong-basket"    ? v1::CANCEL_REASON_WRONG_BASKET
                     : given.reason == "meal-returned" ? v1::CANCEL_REASON_MEAL_RETURNED
                                                       : v1::CANCEL_REASON_WRONG_CHILD);
  v1::CancelResponse response;
  if (const int code = context.Call(request, &response); code != kDone) {
    return code;
  }
  return context.Print({{"transaction_id", base::HexOf(response.transaction_id())},
                        {"journal_index", response.journal_index()},
                        {"returned_kopecks", response.returned_kopecks()},
                        {"replayed", response.replayed()}},
                       context.Say("list.cancelled", {context.Money(response.returned_kopecks())}));
}

void AddBook(CLI::App* noun, Context* context) {
  const auto given = std::make_shared<Arguments>();
  CLI::App* command = AddCommand(noun, context, "book", "Book a meal of a child from the list",
                                 [context, given] { return Book(*context, *given); });
  IdOption(command, "--subject", &given->subject, "The child, from list show")->required();
  IdOption(command, "--caterer", &given->caterer, "Whose meal it was")->required();
  command->add_option("--item", given->items, "Item id (or its first digits), with xQTY");
  RoublesOption(command, "--amount", &given->amount, "Free amount in roubles");
  command->add_option("--purse", given->purse, "Which purse pays")
      ->check(CLI::IsMember({"main", "hot-meals", "buffet", "after-school"}))
      ->capture_default_str();
  command->add_option("--reason", given->reason, "Why by list")
      ->check(CLI::IsMember({"not-recognised", "outage"}))
      ->required();
  DateOption(command, "--day", &given->day,
             "When the meal was eaten, at most 5 school days ago; today when not given");
  IdOption(command, "--terminal", &given->terminal, "The till that it stands for");
  command->add_flag("--pin", given->pin, "The child types the PIN: a line of standard input");
  command->add_flag("--yes", given->yes, "Confirm that the child takes the same again");
}

}  // namespace

void AddListCommands(CLI::App* app, Context* context) {
  CLI::App* noun = app->add_subcommand("list", "Meals by class list (senior cashier)");
  noun->require_subcommand(1);
  const auto show = std::make_shared<Arguments>();
  CLI::App* command = AddCommand(noun, context, "show", "Show who of a class may eat",
                                 [context, show] { return Show(*context, *show); });
  command->add_option("--class", show->class_name,
                      "As spelt on the school's list; staff and visitors when not given");

  AddBook(noun, context);

  const auto cancel = std::make_shared<Arguments>();
  command = AddCommand(noun, context, "cancel", "Take back what you booked by list today",
                       [context, cancel] { return Cancel(*context, *cancel); });
  IdOption(command, "booked", &cancel->booked, "The request id that list book printed")->required();
  command->add_option("--reason", cancel->reason, "Why")
      ->check(CLI::IsMember({"wrong-child", "wrong-basket", "meal-returned"}))
      ->required();
}

}  // namespace ladon::ctl
