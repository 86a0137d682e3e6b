// Goal: a bank's day and time are read as it means them, or not at all. Method: patterns of every
// layout; each value at its limit and one beyond.
#include "server/client/registry/moment.h"

#include <string>
#include <utility>

#include "tests/testing/status_testing.h"

namespace ladon::registry {
namespace {

using ::ladon::testing::StatusIs;

// As text; "" for what is not read.
std::string Read(std::string_view pattern, std::string_view text) {
  const absl::StatusOr<MomentFormat> format = MomentFormat::Parse(pattern);
  EXPECT_TRUE(format.ok()) << pattern << ": " << format.status();
  if (!format.ok()) return "?";
  const std::optional<Moment> moment = format->Read(text);
  return moment ? moment->Text() : "";
}

TEST(MomentTest, ReadsDaysByPattern) {
  EXPECT_EQ(Read("DD.MM.YYYY", "01.09.2026"), "2026-09-01");
  EXPECT_EQ(Read("DD/MM/YYYY", "31/12/2026"), "2026-12-31");
  EXPECT_EQ(Read("DD-MM-YYYY", "29-02-2028"), "2028-02-29");
  EXPECT_EQ(Read("YYYY-MM-DD", "2026-09-01"), "2026-09-01");
  EXPECT_EQ(Read("YYYYMMDD", "20260901"), "2026-09-01");
}

TEST(MomentTest, ReadsTimesBehindADay) {
  EXPECT_EQ(Read("DD.MM.YYYY HH:MM:SS", "01.09.2026 23:59:59"), "2026-09-01 23:59:59");
  EXPECT_EQ(Read("DD.MM.YYYY H:MM", "26.08.2020 9:59"), "2020-08-26 09:59:00");
  EXPECT_EQ(Read("DD.MM.YYYY H:MM", "26.08.2020 10:01"), "2020-08-26 10:01:00");
  EXPECT_EQ(Read("YYYY-MM-DDTHH:MM:SS+03:00", "2026-09-01T00:00:00+03:00"), "2026-09-01 00:00:00");
}

TEST(MomentTest, ReadsATimeAlone) {
  ASSERT_OK_AND_ASSIGN(const MomentFormat format, MomentFormat::Parse("HH-MM-SS"));
  EXPECT_FALSE(format.has_day());
  EXPECT_TRUE(format.has_time());
  const std::optional<Moment> moment = format.Read("12-01-33");
  ASSERT_TRUE(moment);
  EXPECT_EQ(moment->second, 12u * 3600 + 60 + 33);
  EXPECT_EQ(moment->day, 0u);
}

TEST(MomentTest, RefusesWhatIsNoDayOrTime) {
  for (const char* day :
       {"",           "1.09.2026",  "01.9.2026",   "01.09.26",   "01.09.2026 ", " 01.09.2026",
        "01/09/2026", "2026.09.01", "00.09.2026",  "32.08.2026", "31.09.2026",  "29.02.2026",
        "01.00.2026", "01.13.2026", "01.99.2026",  "99.12.2026", "01.09.1899",  "01.09.3000",
        "01.09.0000", "-1.09.2026", "01.09.2026x", "٠١.09.2026"}) {
    EXPECT_EQ(Read("DD.MM.YYYY", day), "") << day;
  }
  for (const char* time : {"24:00:00", "12:60:00", "12:00:60", "1:00:00", "12:0:00", "12:00",
                           "12:00:00.5", "-1:00:00"}) {
    EXPECT_EQ(Read("DD.MM.YYYY HH:MM:SS", std::string("01.09.2026 ") + time), "") << time;
  }
  EXPECT_EQ(MomentFormat().Read(""), std::nullopt);
}

TEST(MomentTest, RefusesPatternsThatAreNone) {
  for (const char* pattern :
       {"", ".", "DD.MM", "DD.YYYY", "MM.YYYY", "YYYY", "DD.MM.YY", "DD.MM.YYYY DD",
        "DD.MM.YYYY HH", "DD.MM.YYYY HH:SS", "SS", "DD.MM.YYYY SS", "D.MM.YYYY", "HH:MM:S",
        "HH:MM:MM", "H:MM HH", "DD.MM.YYYY HH:MM:SS Moscow time by the clock of the bank"}) {
    EXPECT_THAT(MomentFormat::Parse(pattern), StatusIs(absl::StatusCode::kInvalidArgument))
        << pattern;
  }
}

}  // namespace
}  // namespace ladon::registry
