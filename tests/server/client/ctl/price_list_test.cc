// Goal: a caterer's file becomes exactly the list it shows, or is refused by line.
// Method: good files with and without ids; one wrong cell at a time.
#include "server/client/ctl/price_list.h"

#include <string>

#include "server/client/ctl/values.h"
#include "tests/testing/status_testing.h"

namespace ladon::ctl {
namespace {

using ::ladon::testing::IsOk;
using ::ladon::testing::StatusIs;
using ::testing::HasSubstr;

const base::CatererId kCaterer =
    *base::IdOfHex<base::CatererId>("000102030405060708090a0b0c0d0e0f");

absl::StatusOr<v1::PriceList> Parse(const std::string& text) {
  const absl::StatusOr<CsvTable> csv = ParseCsv(text, base::Language::kEnglish);
  if (!csv.ok()) return csv.status();
  return PriceListOf(*csv, kCaterer, *ParseDate("2026-09-01"), base::Language::kEnglish);
}

TEST(PriceListTest, ReadsPricesExactly) {
  ASSERT_OK_AND_ASSIGN(const v1::PriceList list,
                       Parse("category;name;price\n1;Борщ;45\n2;Компот;19,99\n3;Хлеб;0.29\n"));
  EXPECT_EQ(list.caterer_id(), kCaterer.view());
  EXPECT_EQ(FormatDate(list.valid_from()), "2026-09-01");
  ASSERT_EQ(list.items_size(), 3);
  EXPECT_EQ(list.items(0).unit_price_kopecks(), 4500);
  EXPECT_EQ(list.items(1).unit_price_kopecks(), 1999);
  EXPECT_EQ(list.items(2).unit_price_kopecks(), 29);
  EXPECT_EQ(list.items(1).name(), "Компот");
  EXPECT_EQ(list.items(1).category(), 2u);
}

TEST(PriceListTest, DerivesStableIdsOrTakesTheGivenOnes) {
  const std::string given = "ffeeddccbbaa99887766554433221100";
  ASSERT_OK_AND_ASSIGN(
      const v1::PriceList list,
      Parse("Код;Категория;Наименование;Цена\n;1;Борщ;45\n" + given + ";2;Чай;10\n"));
  EXPECT_EQ(list.items(0).item_id(), DeriveItemId(kCaterer, "Борщ").view());
  EXPECT_EQ(base::HexOf(list.items(1).item_id()), given);
  // The first half of SHA-256 over the 16 bytes of the caterer and "tea", by sha256sum.
  EXPECT_EQ(base::HexOf(DeriveItemId(kCaterer, "tea")), "2e17dcf73ba9456f098d948ec2c4dd35");
  EXPECT_NE(DeriveItemId(kCaterer, "tea"), DeriveItemId(kCaterer, "Tea"));
}

TEST(PriceListTest, RefusesOneWrongCellByLine) {
  const std::string head = "item_id;category;name;price\n;1;Суп;10\n";
  for (const std::string row :
       {";0;x;1", ";10000;x;1", ";a;x;1", ";;x;1", ";1;;1", ";1;x;0", ";1;x;-1", ";1;x;1e2",
        ";1;x;", ";1;x;100000.01", ";1;x;1.999", "12;1;x;1",
        "00000000000000000000000000000000;1;x;1", ";2;Суп;20"}) {
    const absl::StatusOr<v1::PriceList> list = Parse(head + row + "\n");
    ASSERT_THAT(list, StatusIs(absl::StatusCode::kInvalidArgument)) << row;
    EXPECT_THAT(std::string(list.status().message()), HasSubstr("Line 3")) << row;
  }
}

TEST(PriceListTest, NeedsItsColumnsOnce) {
  for (const char* head : {"category;name", "name;price", "category;price",
                           "category;name;price;Цена", "category;name;price;NAME"}) {
    std::string row = "1";
    for (const char c : std::string(head)) row += c == ';' ? ";1" : "";
    EXPECT_THAT(Parse(std::string(head) + "\n" + row + "\n"),
                StatusIs(absl::StatusCode::kInvalidArgument))
        << head;
  }
}

TEST(PriceListTest, HoldsItsBounds) {
  const auto rows = [](size_t count) {
    std::string text = "category;name;price\n";
    for (size_t i = 0; i < count; ++i) text += "1;dish " + std::to_string(i) + ";1\n";
    return text;
  };
  EXPECT_THAT(Parse(rows(kPriceItemsMax)), IsOk());
  EXPECT_THAT(Parse(rows(kPriceItemsMax + 1)), StatusIs(absl::StatusCode::kInvalidArgument));
  std::string name;
  for (size_t i = 0; i < 100; ++i) name += "щ";
  EXPECT_THAT(Parse("category;name;price\n1;" + name + ";1\n"), IsOk());
  EXPECT_THAT(Parse("category;name;price\n1;" + name + "x;1\n"),
              StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(Parse("category;name;price\n9999;x;100000\n"), IsOk());
}

}  // namespace
}  // namespace ladon::ctl
