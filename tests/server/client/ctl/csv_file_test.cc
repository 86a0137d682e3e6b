// Goal: what a school's office program saved is read as it was meant, or refused by line.
// Method: one table in every encoding; each bound at its limit and one beyond.
#include "server/client/ctl/csv_file.h"

#include <fstream>
#include <string>

#include "tests/server/base/temp_dir.h"
#include "tests/testing/status_testing.h"

namespace ladon::ctl {
namespace {

using ::ladon::testing::IsOk;
using ::ladon::testing::StatusIs;
using ::ladon::testing::TempDir;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr base::Language kEnglish = base::Language::kEnglish;

std::string Refusal(const std::string& bytes) {
  const absl::StatusOr<CsvTable> table = ParseCsv(bytes, kEnglish);
  EXPECT_THAT(table, StatusIs(absl::StatusCode::kInvalidArgument));
  return std::string(table.status().message());
}

TEST(CsvFileTest, ReadsUtf8WithAndWithoutMark) {
  const std::string text = "Фамилия;Имя\nЁжиков;Пётр\n";
  for (const std::string& bytes : {text, "\xEF\xBB\xBF" + text}) {
    ASSERT_OK_AND_ASSIGN(const CsvTable table, ParseCsv(bytes, kEnglish));
    EXPECT_THAT(table.head, ElementsAre("Фамилия", "Имя"));
    ASSERT_EQ(table.rows.size(), 1u);
    EXPECT_THAT(table.rows[0].fields, ElementsAre("Ёжиков", "Пётр"));
    EXPECT_EQ(table.rows[0].line, 2u);
    EXPECT_FALSE(table.cp1251);
  }
}

TEST(CsvFileTest, ReadsCp1251) {
  // «Имя;Класс», «Пётр;5А» in cp1251.
  const std::string bytes = "\xC8\xEC\xFF;\xCA\xEB\xE0\xF1\xF1\r\n\xCF\xB8\xF2\xF0;5\xC0\r\n";
  ASSERT_OK_AND_ASSIGN(const CsvTable table, ParseCsv(bytes, kEnglish));
  EXPECT_TRUE(table.cp1251);
  EXPECT_THAT(table.head, ElementsAre("Имя", "Класс"));
  EXPECT_THAT(table.rows[0].fields, ElementsAre("Пётр", "5А"));
}

TEST(CsvFileTest, FollowsRfc4180) {
  const std::string text =
      "a;b\r\n"
      "\"x;y\";\"say \"\"hi\"\"\"\r\n"
      "\r\n"
      ";;\r\n"
      "\"two\nlines\";last";
  // The row of blanks is one field too wide, but empty rows do not count.
  ASSERT_OK_AND_ASSIGN(const CsvTable table, ParseCsv(text, kEnglish));
  ASSERT_EQ(table.rows.size(), 2u);
  EXPECT_THAT(table.rows[0].fields, ElementsAre("x;y", "say \"hi\""));
  EXPECT_THAT(table.rows[1].fields, ElementsAre("two\nlines", "last"));
  EXPECT_EQ(table.rows[1].line, 6u);
}

TEST(CsvFileTest, NamesTheLineOfATrouble) {
  EXPECT_THAT(Refusal("a;b\n1;2\n1;2;3\n"), HasSubstr("Line 3"));
  EXPECT_THAT(Refusal("a;b\n1;2\n1\n"), HasSubstr("Line 3"));
  EXPECT_THAT(Refusal("a;b\n1;x\"y\n"), HasSubstr("Line 2"));
  EXPECT_THAT(Refusal("a;b\n1;2\n3;\"open\n"), HasSubstr("Line 3"));
  EXPECT_THAT(Refusal(std::string("a;b\n1;2\n\0;2\n", 12)), HasSubstr("Line 3"));
  EXPECT_THAT(Refusal("a;b\n\xC0;\x98\n"), HasSubstr("Line 2"));  // 0x98 is no cp1251 character.
  EXPECT_THAT(Refusal("\xEF\xBB\xBF"
                      "a;b\n\xC0;2\n"),
              HasSubstr("UTF-8"));
  EXPECT_THAT(Refusal("a,b\n1,2\n"), HasSubstr("semicolons"));
}

TEST(CsvFileTest, RefusesEmptyFiles) {
  for (const char* text : {"", "\n\n", "a;b\n", "a;b\n;\n", "\xEF\xBB\xBF"}) {
    EXPECT_THAT(Refusal(text), HasSubstr("no row")) << text;
  }
}

TEST(CsvFileTest, HoldsItsBounds) {
  const std::string most(kCsvFieldBytesMax, 'x');
  EXPECT_THAT(ParseCsv("a;b\n" + most + ";1\n", kEnglish), IsOk());
  EXPECT_THAT(Refusal("a;b\n" + most + "x;1\n"), HasSubstr("Line 2"));

  std::string columns(kCsvColumnsMax - 1, ';');
  EXPECT_THAT(ParseCsv(columns + "\n1" + columns + "\n", kEnglish), IsOk());
  columns.push_back(';');
  EXPECT_THAT(Refusal(columns + "\n1" + columns + "\n"), HasSubstr("columns"));

  std::string rows = "a;b\n";
  for (size_t i = 0; i < kCsvRowsMax; ++i) rows += "1;2\n";
  EXPECT_THAT(ParseCsv(rows, kEnglish), IsOk());
  EXPECT_THAT(Refusal(rows + "1;2\n"), HasSubstr(std::to_string(kCsvRowsMax + 2)));

  std::string large = "a;b\n1;2\n";
  large.resize(kCsvBytesMax, '\n');
  EXPECT_THAT(ParseCsv(large, kEnglish), IsOk());
  EXPECT_THAT(Refusal(large + "\n"), HasSubstr("16 MiB"));
}

TEST(CsvFileTest, ReadsFromDisk) {
  const TempDir dir;
  std::ofstream(dir.File("f.csv")) << "a;b\n1;2\n";
  EXPECT_THAT(ReadCsvFile(dir.File("f.csv"), kEnglish), IsOk());
  EXPECT_THAT(ReadCsvFile(dir.File("none"), kEnglish), StatusIs(absl::StatusCode::kNotFound));
}

}  // namespace
}  // namespace ladon::ctl
