// Goal: the service day is the calendar day of the school, whatever the server's zone.
// Method: one nanosecond before and at both midnights (the school's and UTC's) in two zones; names
// that are no zone; days that are no day.
#include "server/flow/service_day.h"

#include <string>

#include "tests/testing/status_testing.h"

namespace ladon::flow {
namespace {

using ::ladon::testing::StatusIs;

constexpr uint64_t kSecondNs = 1'000'000'000;
constexpr uint64_t kHourNs = 3'600 * kSecondNs;
constexpr uint64_t kUtcMidnightNs = 1'788'220'800 * kSecondNs;  // 2026-09-01T00:00:00Z

uint32_t DayAt(uint64_t at_ns, const std::string& zone) {
  const auto day = ServiceDay(at_ns, zone);
  EXPECT_TRUE(day.ok()) << zone;
  return day.value_or(0);
}

TEST(ServiceDayTest, TomskIsSevenHoursAhead) {
  const uint64_t local_midnight = kUtcMidnightNs - 7 * kHourNs;
  EXPECT_EQ(DayAt(local_midnight - 1, "Asia/Tomsk"), 2026'08'31);
  EXPECT_EQ(DayAt(local_midnight, "Asia/Tomsk"), 2026'09'01);
  EXPECT_EQ(DayAt(kUtcMidnightNs - 1, "Asia/Tomsk"), 2026'09'01);
  EXPECT_EQ(DayAt(kUtcMidnightNs, "Asia/Tomsk"), 2026'09'01);
}

TEST(ServiceDayTest, KamchatkaIsTwelveHoursAhead) {
  const uint64_t local_midnight = kUtcMidnightNs - 12 * kHourNs;
  EXPECT_EQ(DayAt(local_midnight - 1, "Asia/Kamchatka"), 2026'08'31);
  EXPECT_EQ(DayAt(local_midnight, "Asia/Kamchatka"), 2026'09'01);
  EXPECT_EQ(DayAt(kUtcMidnightNs - 1, "Asia/Kamchatka"), 2026'09'01);
  EXPECT_EQ(DayAt(kUtcMidnightNs + 12 * kHourNs - 1, "Asia/Kamchatka"), 2026'09'01);
  EXPECT_EQ(DayAt(kUtcMidnightNs + 12 * kHourNs, "Asia/Kamchatka"), 2026'09'02);
}

TEST(ServiceDayTest, UtcAndZonesThatChangedTheirOffsetWorkToo) {
  EXPECT_EQ(DayAt(kUtcMidnightNs - 1, "UTC"), 2026'08'31);
  EXPECT_EQ(DayAt(kUtcMidnightNs, "UTC"), 2026'09'01);
  // Samara: UTC+4 by the rules of today.
  EXPECT_EQ(DayAt(kUtcMidnightNs - 4 * kHourNs, "Europe/Samara"), 2026'09'01);
  EXPECT_EQ(DayAt(kUtcMidnightNs - 4 * kHourNs - 1, "Europe/Samara"), 2026'08'31);
}

TEST(ServiceDayTest, RefusesWhatIsNoIanaName) {
  const std::string bad[] = {"",
                             "Asia/Atlantis",
                             "../x",
                             "Asia/../Asia/Tomsk",
                             "/etc/passwd",
                             "/usr/share/zoneinfo/Asia/Tomsk",
                             "file:/etc/passwd",
                             "libc:localtime",
                             "localtime",
                             "posixrules",
                             "right/Asia/Tomsk",
                             "posix/Asia/Tomsk",
                             "Asia",
                             "Asia/",
                             "Asia/Tomsk ",
                             std::string("Asia/Tomsk\0x", 12),
                             "Азия/Томск",
                             std::string(65, 'A')};
  for (const std::string& name : bad) {
    EXPECT_FALSE(IsTimeZone(name)) << name;
    EXPECT_THAT(ServiceDay(kUtcMidnightNs, name), StatusIs(absl::StatusCode::kInvalidArgument))
        << name;
  }
  for (const char* name : {"Asia/Tomsk", "Europe/Moscow", "America/Argentina/Buenos_Aires",
                           "Etc/GMT+3", "America/Port-au-Prince"}) {
    EXPECT_TRUE(IsTimeZone(name)) << name;
  }
}

TEST(ServiceDayTest, KnowsTheCalendar) {
  for (const uint32_t day : {2000'01'01, 2024'02'29, 2026'12'31, 2999'12'31, 2400'02'29}) {
    EXPECT_TRUE(IsDay(day)) << day;
  }
  for (const uint32_t day : {0, 1999'12'31, 3000'01'01, 2026'00'10, 2026'13'01, 2026'01'00,
                             2026'01'32, 2026'02'29, 2100'02'29, 2026'04'31, 202609}) {
    EXPECT_FALSE(IsDay(day)) << day;
  }
}

TEST(ServiceDayTest, DaysAreNumberedFromTheEpoch) {
  EXPECT_EQ(DayNumber(2000'01'01), 10'957);
  EXPECT_EQ(DayNumber(2024'03'01) - DayNumber(2024'02'28), 2);
  EXPECT_EQ(DayNumber(2027'01'01) - DayNumber(2026'12'31), 1);
  EXPECT_EQ(UtcDay(static_cast<uint64_t>(DayNumber(2026'09'01)) * 86'400'000'000'000), 2026'09'01);
  EXPECT_GT(DayNumber(2999'12'31), DayNumber(2999'12'30));
}

}  // namespace
}  // namespace ladon::flow
