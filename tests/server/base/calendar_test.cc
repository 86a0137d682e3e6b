// Goal: a term ends on the day on which it ends by law, and a calendar that says something else
// than it means is refused by its line. Method: the whole of 2026 against the numbers of the
// official production calendar; every rule at both its ends; leap years and year ends by hand; one
// slip at a time in a good file.
#include "server/base/calendar.h"

#include <fstream>
#include <string>

#include "tests/server/base/temp_dir.h"
#include "tests/testing/status_testing.h"

namespace ladon::base {
namespace {

using ::ladon::testing::IsOk;
using ::ladon::testing::StatusIs;
using ::ladon::testing::TempDir;
using ::testing::HasSubstr;

constexpr char kSample[] = "deploy/calendar.toml";

Calendar Sample() {
  absl::StatusOr<Calendar> calendar = Calendar::Load(kSample);
  EXPECT_THAT(calendar, IsOk());
  return calendar.ok() ? *std::move(calendar) : Calendar::Statutory();
}

uint32_t WorkingDaysOf(const Calendar& calendar, uint32_t from, uint32_t to) {
  uint32_t count = 0;
  for (uint32_t day = from; day <= to; day = AddDays(day, 1)) count += calendar.IsWorkingDay(day);
  return count;
}

TEST(CalendarDaysTest, KnowsWhichDaysThereAre) {
  for (const uint32_t day :
       {1900'01'01, 1999'12'31, 2000'02'29, 2024'02'29, 2026'12'31, 2400'02'29, 2999'12'31}) {
    EXPECT_TRUE(IsCalendarDay(day)) << day;
  }
  for (const uint32_t day :
       {0u, 1u, 1899'12'31u, 3000'01'01u, 1900'02'29u, 2026'02'29u, 2100'02'29u, 2026'00'10u,
        2026'13'01u, 2026'04'31u, 2026'01'00u, 202609u, 4294967295u}) {
    EXPECT_FALSE(IsCalendarDay(day)) << day;
  }
}

TEST(CalendarDaysTest, CountsDaysOverMonthsYearsAndLeapDays) {
  EXPECT_EQ(AddDays(2026'12'31, 1), 2027'01'01u);
  EXPECT_EQ(AddDays(2027'01'01, -1), 2026'12'31u);
  EXPECT_EQ(AddDays(2026'02'28, 1), 2026'03'01u);
  EXPECT_EQ(AddDays(2028'02'28, 1), 2028'02'29u);
  EXPECT_EQ(AddDays(2028'02'28, 366), 2029'02'28u);
  EXPECT_EQ(AddDays(2100'02'28, 1), 2100'03'01u);
  EXPECT_EQ(AddDays(2026'12'15, 30), 2027'01'14u);
  EXPECT_EQ(AddDays(2026'06'01, 0), 2026'06'01u);
}

TEST(CalendarDaysTest, TermsStopAtTheEndsOfTheCalendar) {
  EXPECT_EQ(AddDays(2999'12'31, 1), kLastCalendarDay);
  EXPECT_EQ(AddDays(2026'01'01, 2147483647), kLastCalendarDay);
  EXPECT_EQ(AddDays(2026'01'01, -2147483647 - 1), kFirstCalendarDay);
  EXPECT_EQ(AddMonths(2999'07'01, 6), kLastCalendarDay);
  EXPECT_EQ(AddMonths(2026'01'01, 4294967295u), kLastCalendarDay);
  EXPECT_EQ(BirthdayOf(2990'05'05, 18), kLastCalendarDay);
  EXPECT_EQ(BirthdayOf(2026'05'05, 4294967295u), kLastCalendarDay);
  EXPECT_EQ(Calendar::Statutory().AddWorkingDays(2999'12'30, 1'000), kLastCalendarDay);
  EXPECT_EQ(Calendar::Statutory().SchoolDaysBetween(2999'12'30, 2999'12'31), 2u);
}

TEST(CalendarDaysTest, CountsMonthsToTheSameNumberOrTheLastDay) {
  EXPECT_EQ(AddMonths(2026'01'31, 6), 2026'07'31u);
  EXPECT_EQ(AddMonths(2026'08'31, 6), 2027'02'28u);
  EXPECT_EQ(AddMonths(2027'08'31, 6), 2028'02'29u);
  EXPECT_EQ(AddMonths(2026'12'31, 1), 2027'01'31u);
  EXPECT_EQ(AddMonths(2026'05'31, 1), 2026'06'30u);
  EXPECT_EQ(AddMonths(2026'05'15, 36), 2029'05'15u);
  EXPECT_EQ(AddMonths(2026'05'15, 0), 2026'05'15u);
}

TEST(CalendarDaysTest, NobodyTurnsEighteenADayTooEarly) {
  EXPECT_EQ(BirthdayOf(2008'09'01, 18), 2026'09'01u);
  EXPECT_EQ(BirthdayOf(2008'02'29, 18), 2026'03'01u);
  EXPECT_EQ(BirthdayOf(2008'02'29, 14), 2022'03'01u);
  EXPECT_EQ(BirthdayOf(2008'02'29, 20), 2028'02'29u);
  EXPECT_EQ(BirthdayOf(1996'02'29, 104), 2100'03'01u);
  EXPECT_EQ(BirthdayOf(1970'12'31, 18), 1988'12'31u);
  EXPECT_EQ(BirthdayOf(2008'02'29, 0), 2008'02'29u);
}

TEST(CalendarDaysTest, KnowsTheHolidaysOfTheLaborCode) {
  uint32_t count = 0;
  for (uint32_t day = 2026'01'01; day <= 2026'12'31; day = AddDays(day, 1)) {
    count += IsStatutoryHoliday(day);
  }
  EXPECT_EQ(count, 14u);
  for (const uint32_t day : {2026'01'01, 2026'01'08, 2026'02'23, 2026'03'08, 2026'05'01, 2026'05'09,
                             2026'06'12, 2026'11'04, 1990'01'07}) {
    EXPECT_TRUE(IsStatutoryHoliday(day)) << day;
  }
  for (const uint32_t day : {2026'01'09, 2026'12'31, 2026'11'07, 2026'12'12, 2026'05'02}) {
    EXPECT_FALSE(IsStatutoryHoliday(day)) << day;
  }
}

TEST(CalendarDaysTest, KnowsTheWeekdays) {
  EXPECT_FALSE(IsWeekend(2026'11'27));
  EXPECT_TRUE(IsWeekend(2026'11'28));
  EXPECT_TRUE(IsWeekend(2026'11'29));
  EXPECT_FALSE(IsWeekend(2026'11'30));
  EXPECT_TRUE(IsWeekend(2000'01'01));
}

TEST(CalendarDaysDeathTest, ADayThatIsNoneIsABrokenInvariant) {
  EXPECT_DEATH(static_cast<void>(AddDays(2026'02'29, 1)), "no day");
  EXPECT_DEATH(static_cast<void>(AddMonths(0, 1)), "no day");
  EXPECT_DEATH(static_cast<void>(BirthdayOf(2026'13'01, 1)), "no day");
  EXPECT_DEATH(static_cast<void>(Calendar::Statutory().AddWorkingDays(0, 1)), "no day");
  EXPECT_DEATH(static_cast<void>(Calendar::Statutory().AddWorkingDays(2026'01'01, 1'001)), "term");
}

// The numbers of working days are those of the official calendar: 247 in the year.
TEST(CalendarTest, The2026OfTheSampleIsTheOfficialOne) {
  const Calendar calendar = Sample();
  const uint32_t expected[] = {15, 19, 21, 22, 19, 21, 23, 21, 22, 22, 20, 22};
  for (uint32_t month = 1; month <= 12; ++month) {
    const uint32_t first = 2026'00'01 + month * 100;
    EXPECT_EQ(WorkingDaysOf(calendar, first, AddDays(AddMonths(first, 1), -1)), expected[month - 1])
        << month;
  }
  EXPECT_EQ(WorkingDaysOf(calendar, 2026'01'01, 2026'12'31), 247u);
  for (const uint32_t off : {2026'01'09, 2026'02'23, 2026'03'09, 2026'05'11, 2026'06'12, 2026'11'04,
                             2026'12'31, 2026'01'03, 2026'01'10}) {
    EXPECT_FALSE(calendar.IsWorkingDay(off)) << off;
  }
  for (const uint32_t worked : {2026'01'12, 2026'03'10, 2026'05'12, 2026'12'30, 2026'05'08}) {
    EXPECT_TRUE(calendar.IsWorkingDay(worked)) << worked;
  }
}

TEST(CalendarTest, SaysWhatItCovers) {
  const Calendar calendar = Sample();
  EXPECT_EQ(calendar.first_day(), 2026'01'01u);
  EXPECT_EQ(calendar.last_day(), 2026'12'31u);
  EXPECT_TRUE(calendar.Covers(2026'01'01));
  EXPECT_TRUE(calendar.Covers(2026'12'31));
  EXPECT_FALSE(calendar.Covers(2025'12'31));
  EXPECT_FALSE(calendar.Covers(2027'01'01));  // It is there, but without a decree.
  EXPECT_TRUE(calendar.CoversSchool(2026'05'26));
  EXPECT_FALSE(calendar.CoversSchool(2027'01'05));
  const Calendar statutory = Calendar::Statutory();
  EXPECT_FALSE(statutory.Covers(2026'01'01));
  EXPECT_FALSE(statutory.CoversSchool(2026'01'01));
  EXPECT_EQ(statutory.first_day(), 0u);
  EXPECT_EQ(statutory.last_day(), 0u);
}

TEST(CalendarTest, BeyondTheDecreesOnlyStatutoryHolidaysAreOff) {
  for (const Calendar& calendar : {Sample(), Calendar::Statutory()}) {
    EXPECT_FALSE(calendar.IsWorkingDay(2027'01'08));
    EXPECT_TRUE(calendar.IsWorkingDay(2027'01'11));
    EXPECT_TRUE(calendar.IsWorkingDay(2027'12'31));
    EXPECT_FALSE(calendar.IsWorkingDay(2027'11'04));
    EXPECT_TRUE(calendar.IsWorkingDay(2027'06'14));  // 12 June is a Saturday; nothing is guessed.
    EXPECT_FALSE(calendar.IsWorkingDay(2027'06'13));
  }
  EXPECT_TRUE(Calendar::Statutory().IsWorkingDay(2026'01'09));
}

TEST(CalendarTest, CountsWorkingDaysOverHolidaysAndYearEnds) {
  const Calendar calendar = Sample();
  EXPECT_EQ(calendar.AddWorkingDays(2026'11'25, 0), 2026'11'25u);
  EXPECT_EQ(calendar.AddWorkingDays(2026'11'28, 0), 2026'11'28u);  // A Saturday is left alone.
  EXPECT_EQ(calendar.AddWorkingDays(2026'11'25, 1), 2026'11'26u);
  EXPECT_EQ(calendar.AddWorkingDays(2026'11'27, 1), 2026'11'30u);
  EXPECT_EQ(calendar.AddWorkingDays(2026'11'28, 1), 2026'11'30u);
  EXPECT_EQ(calendar.AddWorkingDays(2026'03'06, 1), 2026'03'10u);
  // 31 December is off, 1-8 January are holidays, 9 and 10 January 2027 a weekend.
  EXPECT_EQ(calendar.AddWorkingDays(2026'12'30, 1), 2027'01'11u);
  EXPECT_EQ(calendar.AddWorkingDays(2025'12'31, 1), 2026'01'12u);
  EXPECT_EQ(calendar.AddWorkingDays(2026'01'01, 247), 2026'12'30u);
}

TEST(CalendarTest, SchoolsTeachOutsideTheirHolidays) {
  const Calendar calendar = Sample();
  EXPECT_FALSE(calendar.IsSchoolDay(2026'01'11));
  EXPECT_TRUE(calendar.IsSchoolDay(2026'01'12));
  EXPECT_TRUE(calendar.IsSchoolDay(2026'03'27));
  EXPECT_FALSE(calendar.IsSchoolDay(2026'03'28));
  EXPECT_FALSE(calendar.IsSchoolDay(2026'03'30));
  EXPECT_FALSE(calendar.IsSchoolDay(2026'04'05));
  EXPECT_TRUE(calendar.IsSchoolDay(2026'04'06));
  EXPECT_FALSE(calendar.IsSchoolDay(2026'04'11));  // Saturday.
  EXPECT_FALSE(calendar.IsSchoolDay(2026'05'11));
  EXPECT_TRUE(calendar.IsSchoolDay(2026'05'26));
  EXPECT_FALSE(calendar.IsSchoolDay(2026'07'15));
  EXPECT_TRUE(calendar.IsSchoolDay(2026'09'01));
  // 24-31 August is summer; September 2026 has 22 working days.
  EXPECT_EQ(calendar.SchoolDaysBetween(2026'08'24, 2026'09'30), 22u);
  EXPECT_EQ(calendar.SchoolDaysBetween(2026'09'01, 2026'09'01), 1u);
  EXPECT_EQ(calendar.SchoolDaysBetween(2026'09'05, 2026'09'06), 0u);
  EXPECT_EQ(calendar.SchoolDaysBetween(2026'09'02, 2026'09'01), 0u);
}

TEST(CalendarTest, ASixDayWeekTeachesOnSaturdaysAndKeepsTheirTransfersNot) {
  const std::string text =
      "school_week_days = 6\n[[year]]\nyear = 2026\ndecree = \"x\"\n"
      "transfers = [{from = 2026-01-03, to = 2026-01-09}, {from = 2026-01-04, to = 2026-12-31},\n"
      "  {from = 2026-03-08, to = 2026-03-09}, {from = 2026-05-09, to = 2026-05-11},\n"
      "  {from = 2026-10-31, to = 2026-11-03}]\nholidays = [2026-06-16]\n";
  ASSERT_OK_AND_ASSIGN(const Calendar calendar, Calendar::Parse(text, "six"));
  EXPECT_TRUE(calendar.IsSchoolDay(2026'04'11));   // A Saturday
  EXPECT_FALSE(calendar.IsSchoolDay(2026'04'12));  // and its Sunday.
  EXPECT_FALSE(calendar.IsSchoolDay(2026'05'09));  // A Saturday that is a holiday;
  EXPECT_TRUE(calendar.IsSchoolDay(2026'05'11));   // nothing passes to the Monday,
  EXPECT_FALSE(calendar.IsWorkingDay(2026'05'11));
  EXPECT_FALSE(calendar.IsSchoolDay(2026'03'09));  // but from Sunday 8 March it does.
  EXPECT_TRUE(calendar.IsSchoolDay(2026'01'09));
  EXPECT_FALSE(calendar.IsSchoolDay(2026'12'31));
  EXPECT_TRUE(calendar.IsSchoolDay(2026'11'03));
  EXPECT_FALSE(calendar.IsSchoolDay(2026'06'16));
  EXPECT_EQ(calendar.SchoolDaysBetween(2026'04'06, 2026'04'12), 6u);
}

TEST(CalendarTest, AWeekendThatIsNoHolidayIsWorkedInExchange) {
  const std::string text =
      "[[year]]\nyear = 2025\ndecree = \"No. 1335\"\n"
      "transfers = [{from = 2025-01-04, to = 2025-05-02}, {from = 2025-02-23, to = 2025-05-08},\n"
      "  {from = 2025-03-08, to = 2025-06-13}, {from = 2025-11-01, to = 2025-11-03},\n"
      "  {from = 2025-01-05, to = 2025-12-31}]\nholidays = [2025-06-06]\n";
  ASSERT_OK_AND_ASSIGN(const Calendar calendar, Calendar::Parse(text, "2025"));
  EXPECT_TRUE(calendar.IsWorkingDay(2025'11'01));
  EXPECT_FALSE(calendar.IsWorkingDay(2025'11'02));
  EXPECT_FALSE(calendar.IsWorkingDay(2025'11'03));
  EXPECT_FALSE(calendar.IsWorkingDay(2025'03'08));
  EXPECT_FALSE(calendar.IsWorkingDay(2025'06'06));  // A holiday of the region's own;
  // without it the year has the official 247 days.
  EXPECT_EQ(WorkingDaysOf(calendar, 2025'01'01, 2025'12'31), 246u);
  EXPECT_TRUE(calendar.IsSchoolDay(2025'11'01));
}

struct BadFile {
  const char* text;
  const char* says;
};

constexpr char kYear[] = "[[year]]\nyear = 2025\ndecree = \"x\"\n";  // Three lines.

TEST(CalendarFileTest, RefusesWhatIsNoCalendarByLine) {
  const BadFile bad[] = {
      {"", "no [[year]]"},
      {"school_week_days = 6\n", "no [[year]]"},
      {"year = []\n", "no [[year]]"},
      {"[[year]\n", "line 1: "},
      {"yaer = 1\n", "line 1: unknown key yaer"},
      {"year = 3\n", "line 1: year must be a list"},
      {"year = [3]\n", "line 1: year must be written as [[year]]"},
      {"school_week_days = 7\n[[year]]\n", "line 1: school_week_days must be 5 or 6"},
      {"school_week_days = \"5\"\n[[year]]\n", "line 1: school_week_days must be 5 or 6"},
      {"[[year]]\ndecree = \"\"\n", "line 1: year must be a number"},
      {"[[year]]\nyear = 1999\ndecree = \"\"\n", "line 2: year must be a number"},
      {"[[year]]\nyear = \"2026\"\ndecree = \"\"\n", "line 2: year must be a number"},
      {"[[year]]\nyear = 2026\n", "line 1: decree must be a text"},
      {"[[year]]\nyear = 2026\ndecree = 5\n", "line 3: decree must be a text"},
      {"[[year]]\nyear = 2026\ndecree = \"\"\nnote = 1\n", "line 4: unknown key note"},
      {"[[year]]\nyear = 2026\ndecree = \"\"\n[[year]]\nyear = 2028\ndecree = \"\"\n",
       "line 5: the year after 2026 must come next"},
      {"[[year]]\nyear = 2026\ndecree = \"\"\n[[year]]\nyear = 2026\ndecree = \"\"\n",
       "line 5: the year after 2026 must come next"},
      {"[[year]]\nyear = 2026\ndecree = \"\"\n[[year]]\nyear = 2027\ndecree = \"y\"\n",
       "line 6: 2026 before it has no decree"},
      {"[[year]]\nyear = 2026\ndecree = \"\"\ntransfers = [{from = 2026-01-03, to = 2026-01-09}]\n",
       "line 4: only a decree moves days off"},
      {"[[year]]\nyear = 2026\ndecree = \"x\"\ntransfers = [{from = 2026-03-08, to = "
       "2026-03-09}]\n",
       "line 1: the holiday 2026-05-09 is at a weekend"},
  };
  for (const BadFile& file : bad) {
    const auto calendar = Calendar::Parse(file.text, "c.toml");
    ASSERT_THAT(calendar, StatusIs(absl::StatusCode::kInvalidArgument)) << file.text;
    EXPECT_THAT(std::string(calendar.status().message()), HasSubstr(file.says)) << file.text;
    EXPECT_THAT(std::string(calendar.status().message()), HasSubstr("c.toml")) << file.text;
  }
}

TEST(CalendarFileTest, RefusesDaysThatCannotBeMeant) {
  const BadFile bad[] = {
      {"holidays = 5\n", "line 4: holidays must be a list"},
      {"holidays = [\n  2025-06-06,\n  \"2025-06-07\"]\n", "line 6: a holiday must be a date"},
      {"holidays = [2025-02-30]\n", "line 4: "},
      {"holidays = [2024-06-06]\n", "line 4: 2024-06-06 is not a day of this year"},
      {"holidays = [2025-05-09]\n", "line 4: 2025-05-09 is a holiday by law"},
      {"holidays = [2025-06-06, 2025-06-06]\n", "line 4: 2025-06-06 is listed twice"},
      {"transfers = [5]\n", "line 4: a transfer must look like"},
      {"transfers = [{from = 2025-01-04}]\n", "line 4: a transfer must look like"},
      {"transfers = [{from = 2025-01-04, to = \"x\"}]\n", "line 4: a transfer must look like"},
      {"transfers = [{from = 2025-01-04, to = 2025-05-02, x = 1}]\n", "line 4: unknown key x"},
      {"transfers = [\n{from = 2025-01-04, to = 2026-05-04}]\n", "line 5: 2026-05-04 is not a day"},
      {"transfers = [{from = 2025-01-06, to = 2025-05-02}]\n", "line 4: 2025-01-06 is no Saturday"},
      {"transfers = [{from = 2025-01-04, to = 2025-05-03}]\n",
       "2025-05-03 is a Saturday or Sunday"},
      {"transfers = [{from = 2025-01-04, to = 2025-05-01}]\n", "2025-05-01 is a holiday already"},
      {"holidays = [2025-06-06]\ntransfers = [{from = 2025-01-04, to = 2025-06-06}]\n",
       "line 5: 2025-06-06 is a holiday already"},
      {"transfers = [{from = 2025-01-04, to = 2025-05-02}, {from = 2025-01-04, to = 2025-05-05}]\n",
       "2025-01-04 is moved twice"},
      {"transfers = [{from = 2025-01-04, to = 2025-05-02}, {from = 2025-01-05, to = 2025-05-02}]\n",
       "2025-05-02 is given twice"},
  };
  for (const BadFile& file : bad) {
    const auto calendar = Calendar::Parse(std::string(kYear) + file.text, "c.toml");
    ASSERT_THAT(calendar, StatusIs(absl::StatusCode::kInvalidArgument)) << file.text;
    EXPECT_THAT(std::string(calendar.status().message()), HasSubstr(file.says)) << file.text;
  }
}

TEST(CalendarFileTest, RefusesSchoolHolidaysThatCannotBeMeant) {
  const std::string head = "[[year]]\nyear = 2027\ndecree = \"\"\n";
  const BadFile bad[] = {
      {"school_holidays = 1\n", "line 1: school_holidays must be a list"},
      {"school_holidays = [1]\n", "line 1: school_holidays must be written as"},
  };
  for (const BadFile& file : bad) {
    const auto calendar = Calendar::Parse(file.text + head, "c.toml");
    ASSERT_THAT(calendar, StatusIs(absl::StatusCode::kInvalidArgument)) << file.text;
    EXPECT_THAT(std::string(calendar.status().message()), HasSubstr(file.says)) << file.text;
  }
  const BadFile bodies[] = {
      {"from = 2027-01-01\nto = 2027-01-02\n", "line 4: name must be a text"},
      {"name = \"\"\nfrom = 2027-01-01\nto = 2027-01-02\n", "line 4: name must be a text"},
      {"name = \"a\"\nto = 2027-01-02\n", "line 4: from and to must be dates"},
      {"name = \"a\"\nfrom = 2027-01-01\nto = \"2027-01-02\"\n",
       "line 4: from and to must be dates"},
      {"name = \"a\"\nfrom = 2027-01-02\nto = 2027-01-01\n", "line 4: to must be from or later"},
      {"name = \"a\"\nfrom = 2027-01-01\nto = 2027-05-01\n", "line 4: to must be from or later"},
      {"name = \"a\"\nfrom = 2027-01-01\nto = 2027-01-02\nx = 1\n", "line 8: unknown key x"},
      {"name = \"a\"\nfrom = 2027-01-01\nto = 2027-01-10\n[[school_holidays]]\nname = \"b\"\n"
       "from = 2027-01-10\nto = 2027-01-12\n",
       "line 8: 2027-01-10 does not lie after the holidays before, which end on 2027-01-10"},
  };
  for (const BadFile& file : bodies) {
    const auto calendar = Calendar::Parse(head + "[[school_holidays]]\n" + file.text, "c.toml");
    ASSERT_THAT(calendar, StatusIs(absl::StatusCode::kInvalidArgument)) << file.text;
    EXPECT_THAT(std::string(calendar.status().message()), HasSubstr(file.says)) << file.text;
  }
  // 120 days are the most: 1 January to 30 April of a year that is no leap year.
  EXPECT_THAT(Calendar::Parse(head + "[[school_holidays]]\nname = \"a\"\nfrom = 2027-01-01\n"
                                     "to = 2027-04-30\n",
                              "c.toml"),
              IsOk());
}

TEST(CalendarFileTest, EveryListHasItsLimit) {
  const auto years = [](size_t count) {
    std::string text;
    for (size_t i = 0; i < count; ++i) {
      text += "[[year]]\nyear = " + std::to_string(2026 + i) + "\ndecree = \"\"\n";
    }
    return text;
  };
  EXPECT_THAT(Calendar::Parse(years(kCalendarYearsMax), "c"), IsOk());
  EXPECT_THAT(Calendar::Parse(years(kCalendarYearsMax + 1), "c"),
              StatusIs(absl::StatusCode::kInvalidArgument));

  const auto holidays = [&](size_t count) {
    std::string text = years(1) + "holidays = [";
    for (size_t i = 0; i < count; ++i) {
      const std::string day = std::to_string(AddDays(2026'07'01, static_cast<int32_t>(i)));
      text += day.substr(0, 4) + "-" + day.substr(4, 2) + "-" + day.substr(6) + ",";
    }
    return text + "]\n";
  };
  EXPECT_THAT(Calendar::Parse(holidays(kYearListMax), "c"), IsOk());
  EXPECT_THAT(Calendar::Parse(holidays(kYearListMax + 1), "c"),
              StatusIs(absl::StatusCode::kInvalidArgument));

  const auto school = [&](size_t count) {
    std::string text = years(1);
    for (size_t i = 0; i < count; ++i) {
      const std::string day = std::to_string(AddDays(2026'01'01, static_cast<int32_t>(i)));
      const std::string date = day.substr(0, 4) + "-" + day.substr(4, 2) + "-" + day.substr(6);
      text += "[[school_holidays]]\nname = \"a\"\nfrom = ";
      text += date;
      text += "\nto = ";
      text += date;
      text += "\n";
    }
    return text;
  };
  EXPECT_THAT(Calendar::Parse(school(kSchoolHolidaysMax), "c"), IsOk());
  EXPECT_THAT(Calendar::Parse(school(kSchoolHolidaysMax + 1), "c"),
              StatusIs(absl::StatusCode::kInvalidArgument));

  std::string text = years(1);
  text += "#" + std::string(kCalendarBytesMax - text.size() - 1, '-');
  EXPECT_THAT(Calendar::Parse(text, "c"), IsOk());
  EXPECT_THAT(Calendar::Parse(text + "-", "c"), StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST(CalendarFileTest, AFileThatIsNotThereIsSaidSo) {
  TempDir dir;
  const std::string path = dir.File("none.toml");
  EXPECT_THAT(Calendar::Load(path), StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(Calendar::Load(dir.path()), StatusIs(absl::StatusCode::kNotFound));
  std::ofstream(path) << "[[year]]\nyear = 2026\ndecree = 1\n";
  const auto calendar = Calendar::Load(path);
  ASSERT_THAT(calendar, StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(std::string(calendar.status().message()), HasSubstr(path + ", line 3: "));
}

}  // namespace
}  // namespace ladon::base
