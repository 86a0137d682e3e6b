// Goal: Cyrillic columns stand straight and a cell cannot command the terminal.
// Method: whole rendered tables compared with what they must be.
#include "server/client/text/table.h"

#include "gtest/gtest.h"

namespace ladon::client {
namespace {

TEST(TableTest, AlignsByCharactersNotBytes) {
  Table table;
  table.Column("Имя");
  table.Column("Сумма", Align::kRight);
  table.Row({"Ёлка", "1,50 ₽"});
  table.Row({"Ann", "100,00 ₽"});
  EXPECT_EQ(table.Render(),
            "Имя      Сумма\n"
            "----  --------\n"
            "Ёлка    1,50 ₽\n"
            "Ann   100,00 ₽\n");
}

TEST(TableTest, ShowsControlCharactersAsQuestionMarks) {
  Table table;
  table.Column("a");
  EXPECT_TRUE(table.empty());
  table.Row({"x\x1b[2J\ny\x7f"});
  EXPECT_FALSE(table.empty());
  EXPECT_EQ(table.Render(), "a\n--------\nx?[2J?y?\n");
}

TEST(TableTest, CountsCodePoints) {
  EXPECT_EQ(DisplayWidth(""), 0u);
  EXPECT_EQ(DisplayWidth("abc"), 3u);
  EXPECT_EQ(DisplayWidth("абв"), 3u);
  EXPECT_EQ(DisplayWidth("₽→"), 2u);
}

}  // namespace
}  // namespace ladon::client
