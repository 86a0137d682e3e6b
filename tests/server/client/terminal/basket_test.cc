// Goal: a basket carries the list's prices and nothing the cashier mistyped.
// Method: sums and items at and beyond every limit.
#include "server/client/terminal/basket.h"

#include "tests/testing/status_testing.h"

namespace ladon::terminal {
namespace {

using ::ladon::testing::IsOk;
using ::ladon::testing::StatusIs;

TEST(ParseRoublesTest, IsExact) {
  const std::vector<std::pair<std::string, int64_t>> cases = {{"85", 8'500},
                                                              {"85.5", 8'550},
                                                              {"85,50", 8'550},
                                                              {"19.99", 1'999},
                                                              {"4.35", 435},
                                                              {"1.15", 115},
                                                              {"0.29", 29},
                                                              {"0.01", 1},
                                                              {"100.0", 10'000},
                                                              {"007", 700},
                                                              {"100000", kAmountMaxKopecks}};
  for (const auto& [text, kopecks] : cases) {
    ASSERT_OK_AND_ASSIGN(const int64_t parsed, ParseRoubles(text));
    EXPECT_EQ(parsed, kopecks) << text;
  }
}

TEST(ParseRoublesTest, RefusesEverythingElse) {
  for (const char* text : {"", "0", "0.00", "-1", "+1", "1e2", "1.234", "1.", ".5", "1.5.0", "12 ",
                           "100000.01", "999999999999999999999", "1,2,3", "0x10", "½"}) {
    EXPECT_THAT(ParseRoubles(text), StatusIs(absl::StatusCode::kInvalidArgument)) << text;
  }
}

v1::PriceList ListOf(const std::vector<std::string>& ids) {
  v1::PriceList list;
  uint32_t n = 0;
  for (const std::string& id : ids) {
    v1::PriceListItem* item = list.add_items();
    item->set_item_id(*base::BytesOfHex(id));
    item->set_category(++n);
    item->set_name("Блюдо " + std::to_string(n));
    item->set_unit_price_kopecks(n * 1'000 + 99);
  }
  return list;
}

const char* const kSoup = "aaaa0000000000000000000000000001";
const char* const kTea = "aaaa0000000000000000000000000002";
const char* const kBun = "bbbb0000000000000000000000000003";

Order OrderOf(std::vector<std::string> items) {
  Order order;
  order.caterer_id = std::string(16, 'c');
  order.items = std::move(items);
  return order;
}

TEST(PriceOrderTest, TakesPricesFromTheList) {
  Order order = OrderOf({std::string(kTea) + "x3", "BBBB"});
  order.free_amount_kopecks = 4'550;
  order.purse = v1::PURSE_BUFFET;
  ASSERT_OK_AND_ASSIGN(const PricedBasket priced,
                       PriceOrder(order, ListOf({kSoup, kTea, kBun}), "Сумма"));
  ASSERT_EQ(priced.basket.lines_size(), 3);
  EXPECT_EQ(priced.basket.lines(0).item_id(), *base::BytesOfHex(kTea));
  EXPECT_EQ(priced.basket.lines(0).quantity(), 3U);
  EXPECT_EQ(priced.basket.lines(0).unit_price_kopecks(), 2'099);
  EXPECT_EQ(priced.basket.lines(0).category(), 2U);
  EXPECT_EQ(priced.basket.lines(1).item_id(), *base::BytesOfHex(kBun));
  EXPECT_EQ(priced.basket.lines(2).item_id(), "");
  EXPECT_EQ(priced.basket.lines(2).category(), 0U);
  EXPECT_EQ(priced.basket.lines(2).purse(), v1::PURSE_BUFFET);
  EXPECT_EQ(priced.basket.total_kopecks(), 3 * 2'099 + 3'099 + 4'550);
  EXPECT_EQ(priced.lines, (std::vector<SlipLine>{
                              {"Блюдо 2", 3, 2'099}, {"Блюдо 3", 1, 3'099}, {"Сумма", 1, 4'550}}));
}

TEST(PriceOrderTest, TotalShownToTheChildGoesAlongAsGiven) {
  Order order = OrderOf({kTea});
  order.total_kopecks = 1;
  ASSERT_OK_AND_ASSIGN(const PricedBasket priced, PriceOrder(order, ListOf({kTea}), ""));
  EXPECT_EQ(priced.basket.total_kopecks(), 1);
}

TEST(PriceOrderTest, RefusesWhatIsNotOneItemOfTheList) {
  const v1::PriceList list = ListOf({kSoup, kTea, kBun});
  for (const char* item : {"", "bbb", "cccc", "aaaa", "bbbbx0", "bbbbx100", "bbbbx", "bbbbx-1",
                           "bbbbx2x2", "zzzz", "bbbb00000000000000000000000000030"}) {
    EXPECT_THAT(PriceOrder(OrderOf({item}), list, ""), StatusIs(absl::StatusCode::kInvalidArgument))
        << item;
  }
  EXPECT_THAT(PriceOrder(OrderOf({"bbbbx99"}), list, ""), IsOk());
}

TEST(PriceOrderTest, LineLimit) {
  const v1::PriceList list = ListOf({kBun});
  EXPECT_THAT(PriceOrder(OrderOf({}), list, ""), StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(PriceOrder(OrderOf(std::vector<std::string>(kBasketLinesMax, "bbbb")), list, ""),
              IsOk());
  EXPECT_THAT(PriceOrder(OrderOf(std::vector<std::string>(kBasketLinesMax + 1, "bbbb")), list, ""),
              StatusIs(absl::StatusCode::kInvalidArgument));
}

}  // namespace
}  // namespace ladon::terminal
