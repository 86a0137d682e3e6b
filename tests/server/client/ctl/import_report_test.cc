// Goal: the report shows every doubt and every loss, and a whole class as one line.
// Method: a comparison with one of each, rendered in both languages and as JSON.
#include "server/client/ctl/import_report.h"

#include <sstream>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace ladon::ctl {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

RosterDiff OneOfEach() {
  const auto row = [](size_t line, const std::string& family, const std::string& class_name) {
    return RosterRow{.line = line,
                     .family_name = family,
                     .given_name = "Имя",
                     .class_name = class_name,
                     .external_id = ""};
  };
  const auto pupil = [](const std::string& family, const std::string& class_name) {
    return Pupil{.subject_id = std::string(16, '\x01'),
                 .family_name = family,
                 .given_name = "Имя",
                 .class_name = class_name,
                 .external_id = "",
                 .blocked = false};
  };
  RosterDiff diff;
  diff.added = {row(2, "Новая", "1А")};
  diff.changes = {
      {.row = row(3, "Массовая", "6А"), .before = pupil("Массовая", "5А"), .moved = true},
      {.row = row(4, "Вторая", "6А"), .before = pupil("Вторая", "5А"), .moved = true},
      {.row = row(5, "Иная", "7Б"), .before = pupil("Прежняя", "7Б"), .renamed = true}};
  diff.class_renames = {{.from = "5А", .to = "6А", .pupils = 2}};
  diff.missing = {pupil("Ушедшая", "9А")};
  diff.held = {{.row = row(6, "Спорная", "3В"), .reason = HeldReason::kTwins}};
  diff.homonyms = {"Тёзка Имя"};
  diff.unchanged = 7;
  diff.active_before = 11;
  return diff;
}

TEST(ImportReportTest, PeopleSeeEveryGroupAndAWholeClassOnce) {
  std::ostringstream ignored;
  const Context context(base::Language::kRussian, &ignored, &ignored);
  const std::string text = TextOfDiff(context, OneOfEach());
  for (const char* expected : {"Новая Имя", "5А → 6А, учеников: 2", "Прежняя Имя, 7Б",
                               "Иная Имя, 7Б", "Ушедшая Имя", "Спорная Имя", "Тёзка Имя"}) {
    EXPECT_THAT(text, HasSubstr(expected));
  }
  EXPECT_THAT(text, Not(HasSubstr("Массовая")));
  const Context english(base::Language::kEnglish, &ignored, &ignored);
  EXPECT_THAT(TextOfDiff(english, OneOfEach()), HasSubstr("pupils: 2"));
}

TEST(ImportReportTest, MachinesGetCountsAndRows) {
  const Json json = JsonOfDiff(OneOfEach());
  EXPECT_EQ(json["counts"]["new"], 1);
  EXPECT_EQ(json["counts"]["moved"], 2);
  EXPECT_EQ(json["counts"]["renamed"], 1);
  EXPECT_EQ(json["counts"]["unchanged"], 7);
  EXPECT_EQ(json["counts"]["missing"], 1);
  EXPECT_EQ(json["counts"]["held"], 1);
  EXPECT_EQ(json["held"][0]["reason"], "twins");
  EXPECT_EQ(json["changes"].size(), 3u);
  EXPECT_EQ(json["missing"][0]["subject_id"], "01010101010101010101010101010101");
}

TEST(ImportReportTest, AnUnfinishedImportSaysSo) {
  std::ostringstream ignored;
  const Context context(base::Language::kEnglish, &ignored, &ignored);
  Applied applied;
  applied.created = 3;
  EXPECT_EQ(JsonOfApplied(applied)["complete"], true);
  applied.stopped = "No network.";
  applied.refused = {{.line = 12, .why = "Bad name."}};
  const std::string text = TextOfApplied(context, applied);
  EXPECT_THAT(text, HasSubstr("No network."));
  EXPECT_THAT(text, HasSubstr("Line 12 was refused: Bad name."));
  EXPECT_EQ(JsonOfApplied(applied)["complete"], false);
}

}  // namespace
}  // namespace ladon::ctl
