#include "server/client/terminal/basket.h"

#include <algorithm>
#include <cctype>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "server/base/id.h"
#include "server/base/roubles.h"

namespace ladon::terminal {
namespace {

constexpr int64_t kKopecksPerRouble = 100;

bool AllDigits(std::string_view text) {
  return !text.empty() &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

// Decimal digits with a bound; nullopt above it.
std::optional<int64_t> BoundedNumber(std::string_view digits, int64_t max) {
  int64_t value = 0;
  for (const char c : digits) {
    value = value * 10 + (c - '0');
    if (value > max) return std::nullopt;
  }
  return value;
}

struct Wanted {
  std::string id_hex;
  uint32_t quantity = 1;
};

absl::StatusOr<Wanted> ParseItem(const std::string& text) {
  Wanted wanted;
  const size_t times = text.find('x');
  wanted.id_hex = text.substr(0, times);
  std::transform(wanted.id_hex.begin(), wanted.id_hex.end(), wanted.id_hex.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  const bool hex = std::all_of(wanted.id_hex.begin(), wanted.id_hex.end(),
                               [](unsigned char c) { return std::isxdigit(c) != 0; });
  if (!hex || wanted.id_hex.size() < kItemPrefixMin || wanted.id_hex.size() > 2 * base::kIdBytes) {
    return absl::InvalidArgumentError(absl::StrCat("--item ", text, ": ID or IDxQTY; ID is ",
                                                   kItemPrefixMin, " to ", 2 * base::kIdBytes,
                                                   " hex digits"));
  }
  if (times == std::string::npos) return wanted;
  const std::string_view digits = std::string_view(text).substr(times + 1);
  const std::optional<int64_t> quantity =
      AllDigits(digits) ? BoundedNumber(digits, kQuantityMax) : std::nullopt;
  if (!quantity || *quantity == 0) {
    return absl::InvalidArgumentError(
        absl::StrCat("--item ", text, ": the quantity is 1 to ", kQuantityMax));
  }
  wanted.quantity = static_cast<uint32_t>(*quantity);
  return wanted;
}

absl::StatusOr<const v1::PriceListItem*> FindItem(const v1::PriceList& prices,
                                                  const std::string& prefix) {
  const v1::PriceListItem* found = nullptr;
  for (const v1::PriceListItem& item : prices.items()) {
    if (!base::HexOf(item.item_id()).starts_with(prefix)) continue;
    if (found != nullptr) {
      return absl::InvalidArgumentError(
          absl::StrCat("--item ", prefix, ": fits several items; give more digits"));
    }
    found = &item;
  }
  if (found != nullptr) return found;
  return absl::InvalidArgumentError(
      absl::StrCat("--item ", prefix, ": not on the price list of the day"));
}

}  // namespace

absl::StatusOr<int64_t> ParseRoubles(std::string_view text) {
  const absl::Status refused = absl::InvalidArgumentError(
      absl::StrCat("'", std::string(text), "': a sum is roubles, as 85 or 85.50, from 0.01 to ",
                   kAmountMaxKopecks / kKopecksPerRouble));
  const std::optional<int64_t> kopecks = base::KopecksOf(text, ".,", kAmountMaxKopecks);
  if (!kopecks || *kopecks == 0) return refused;
  return *kopecks;
}

absl::StatusOr<PricedBasket> PriceOrder(const Order& order, const v1::PriceList& prices,
                                        const std::string& free_amount_name) {
  const size_t count = order.items.size() + (order.free_amount_kopecks ? 1 : 0);
  if (count == 0 || count > kBasketLinesMax) {
    return absl::InvalidArgumentError(
        absl::StrCat("a sale has 1 to ", kBasketLinesMax, " lines: give --item or --amount"));
  }
  PricedBasket priced;
  priced.basket.set_caterer_id(order.caterer_id);
  int64_t sum_kopecks = 0;
  for (const std::string& text : order.items) {
    const absl::StatusOr<Wanted> wanted = ParseItem(text);
    if (!wanted.ok()) return wanted.status();
    const absl::StatusOr<const v1::PriceListItem*> item = FindItem(prices, wanted->id_hex);
    if (!item.ok()) return item.status();
    v1::BasketLine* line = priced.basket.add_lines();
    line->set_item_id((*item)->item_id());
    line->set_category((*item)->category());
    line->set_quantity(wanted->quantity);
    line->set_unit_price_kopecks((*item)->unit_price_kopecks());
    line->set_purse(order.purse);
    sum_kopecks += (*item)->unit_price_kopecks() * wanted->quantity;
    priced.lines.push_back({.name = (*item)->name(),
                            .quantity = wanted->quantity,
                            .unit_price_kopecks = (*item)->unit_price_kopecks()});
  }
  if (order.free_amount_kopecks) {
    v1::BasketLine* line = priced.basket.add_lines();
    line->set_quantity(1);
    line->set_unit_price_kopecks(*order.free_amount_kopecks);
    line->set_purse(order.purse);
    sum_kopecks += *order.free_amount_kopecks;
    priced.lines.push_back({.name = free_amount_name,
                            .quantity = 1,
                            .unit_price_kopecks = *order.free_amount_kopecks});
  }
  priced.basket.set_total_kopecks(order.total_kopecks.value_or(sum_kopecks));
  return priced;
}

}  // namespace ladon::terminal
