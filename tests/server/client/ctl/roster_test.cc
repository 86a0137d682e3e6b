// Goal: a school's list becomes rows with names, class and id, whatever its columns are called.
// Method: usual heads, renamed heads, one wrong cell at a time.
#include "server/client/ctl/roster.h"

#include <string>
#include <utility>
#include <vector>

#include "tests/testing/status_testing.h"

namespace ladon::ctl {
namespace {

using ::ladon::testing::IsOk;
using ::ladon::testing::StatusIs;
using ::testing::HasSubstr;

absl::StatusOr<std::vector<RosterRow>> Parse(const std::string& text, const ColumnMap& map = {}) {
  const absl::StatusOr<CsvTable> csv = ParseCsv(text, base::Language::kEnglish);
  if (!csv.ok()) return csv.status();
  return RosterOf(*csv, map, base::Language::kEnglish);
}

TEST(RosterTest, ReadsTheUsualHeadsInAnyOrder) {
  ASSERT_OK_AND_ASSIGN(const auto rows, Parse("ЛС;класс;ИМЯ;Дата рождения;Фамилия;x\n"
                                              "A-7;5А;Пётр;28.02.2015;Ёжиков;y\n"));
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_EQ(rows[0].family_name, "Ёжиков");
  EXPECT_EQ(rows[0].given_name, "Пётр");
  EXPECT_EQ(rows[0].class_name, "5А");
  EXPECT_EQ(rows[0].external_id, "A-7");
  EXPECT_EQ(rows[0].birth_date, "2015-02-28");
  EXPECT_EQ(rows[0].line, 2u);
}

TEST(RosterTest, ADateOfBirthIsReadAsRegistersWriteItOrNotAtAll) {
  const std::string head = "Фамилия;Имя;Класс;Дата рождения\n";
  for (const auto& [cell, read] : {std::pair("", ""),
                                   {"2016-02-29", "2016-02-29"},
                                   {"29.02.2016", "2016-02-29"},
                                   {"01.12.1999", "1999-12-01"}}) {
    ASSERT_OK_AND_ASSIGN(const auto rows, Parse(head + "A;B;5А;" + cell + "\n"));
    EXPECT_EQ(rows[0].birth_date, read);
  }
  for (const char* cell : {"29.02.2015", "1.2.2015", "28/02/2015", "02.28.2015", "28.02.15", "x",
                           "45710", "28.02.1899", "2015-2-28", "28.02.20-5"}) {
    const auto rows = Parse(head + "A;B;5А;" + cell + "\n");
    ASSERT_THAT(rows, StatusIs(absl::StatusCode::kInvalidArgument)) << cell;
    EXPECT_THAT(std::string(rows.status().message()), HasSubstr("Line 2")) << cell;
  }
}

TEST(RosterTest, TakesHeadsFromTheCaller) {
  const std::string text = "surname;name;form;key;Код\nA;B;5А;1;2\n";
  const ColumnMap map = {
      {"family", "surname"}, {"given", "name"}, {"class", "form"}, {"id", "key"}};
  ASSERT_OK_AND_ASSIGN(const auto rows, Parse(text, map));
  EXPECT_EQ(rows[0].external_id, "1");
  ColumnMap wrong = map;
  wrong["id"] = "no such head";
  EXPECT_THAT(Parse(text, wrong), StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST(RosterTest, WorksWithoutIds) {
  ASSERT_OK_AND_ASSIGN(const auto rows, Parse("Фамилия;Имя;Класс\nA;B;5А\n"));
  EXPECT_EQ(rows[0].external_id, "");
}

TEST(RosterTest, RefusesMissingAndDoubledColumns) {
  for (const char* head : {"Имя;Класс;x", "Фамилия;Класс;x", "Фамилия;Имя;x"}) {
    EXPECT_THAT(Parse(std::string(head) + "\nA;B;C\n"),
                StatusIs(absl::StatusCode::kInvalidArgument));
  }
  EXPECT_THAT(Parse("Фамилия;Имя;Класс;Код;ЛС\nA;B;C;1;1\n"),
              StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST(RosterTest, RefusesOneWrongCellByLine) {
  std::string long_name;
  for (size_t i = 0; i <= kNameCharactersMax; ++i) long_name += "я";
  const std::string head = "Фамилия;Имя;Класс;Код\nA;B;5А;1\n";
  for (const std::string& row :
       {std::string(";B;5А;2"), std::string("A;;5А;2"), std::string("A;B;;2"),
        std::string("A;B;123456789;2"), std::string("A;B;---;2"), long_name + ";B;5А;2",
        std::string("A;B;5А;код"), std::string("A;B;5А;1 2"), "A;B;5А;" + std::string(65, '1'),
        std::string("C;D;6Б;1")}) {
    const auto rows = Parse(head + row + "\n");
    ASSERT_THAT(rows, StatusIs(absl::StatusCode::kInvalidArgument)) << row;
    EXPECT_THAT(std::string(rows.status().message()), HasSubstr("Line 3")) << row;
  }
  EXPECT_THAT(Parse(head + long_name.substr(2) + ";B;12345678;" + std::string(64, '1') + "\n"),
              IsOk());
}

}  // namespace
}  // namespace ladon::ctl
