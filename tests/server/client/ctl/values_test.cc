// Goal: a sum or a day typed by a person is taken exactly or not at all.
// Method: the spellings that public gateways got wrong; limits and one step beyond.
#include "server/client/ctl/values.h"

#include <fstream>
#include <optional>
#include <string>

#include "server/base/id.h"
#include "tests/server/base/temp_dir.h"
#include "tests/testing/status_testing.h"

namespace ladon::ctl {
namespace {

using ::ladon::testing::StatusIs;
using ::ladon::testing::TempDir;

TEST(ValuesTest, ParsesRoublesExactly) {
  const struct {
    const char* text;
    int64_t kopecks;
  } cases[] = {
      {"19.99", 1999}, {"4.35", 435},     {"1.15", 115},          {"0.29", 29},
      {"100", 10'000}, {"100.0", 10'000}, {"10,45", 1045},        {"0", 0},
      {"0.01", 1},     {"007", 700},      {"100000", 10'000'000}, {"100000.00", 10'000'000}};
  for (const auto& c : cases) EXPECT_EQ(ParseRoubles(c.text), c.kopecks) << c.text;
}

TEST(ValuesTest, TodayIsThatOfTheTimeZone) {
  // 25 hours apart: never the same day.
  EXPECT_NE(FormatDate(TodayIn("Pacific/Kiritimati")), FormatDate(TodayIn("Pacific/Pago_Pago")));
  const std::string before = FormatDate(Today());
  const std::string unknown = FormatDate(TodayIn("No/Such_Zone"));
  EXPECT_TRUE(unknown == before || unknown == FormatDate(Today()));
}

TEST(ValuesTest, RefusesOtherSpellings) {
  for (const char* text : {"",      "-1",    "+1",        "1e2",    " 1",
                           "1 ",    "1.",    ".5",        "1.234",  "1.2.3",
                           "1,2,3", "1 000", "100000.01", "100001", "999999999999999999",
                           "1_0",   "٣",     "0x1",       "nan",    "1.-5"}) {
    EXPECT_EQ(ParseRoubles(text), std::nullopt) << text;
  }
}

TEST(ValuesTest, EveryKopeckUpToAThousandRoublesRoundTrips) {
  for (int64_t kopecks = 0; kopecks <= 100'000; ++kopecks) {
    std::string text = std::to_string(kopecks / 100) + "." + std::to_string(kopecks % 100 / 10) +
                       std::to_string(kopecks % 10);
    ASSERT_EQ(ParseRoubles(text), kopecks) << text;
  }
}

TEST(ValuesTest, ParsesDaysThatExist) {
  ASSERT_TRUE(ParseDate("2028-02-29").has_value());
  EXPECT_EQ(FormatDate(*ParseDate("2028-02-29")), "2028-02-29");
  EXPECT_EQ(FormatDate(*ParseDate("2000-01-01")), "2000-01-01");
  EXPECT_EQ(FormatDate(*ParseDate("2999-12-31")), "2999-12-31");
  for (const char* text : {"", "2026-02-29", "2026-13-01", "2026-00-10", "2026-01-32", "1999-12-31",
                           "3000-01-01", "2026-1-1", "2026/01/01", "01.09.2026", "2026-09-0a"}) {
    EXPECT_FALSE(ParseDate(text).has_value()) << text;
  }
}

TEST(ValuesTest, DaysOfBirthBeginEarlier) {
  EXPECT_FALSE(ParseDate("1970-05-31").has_value());
  EXPECT_EQ(FormatDate(*ParseDate("1970-05-31", 1900)), "1970-05-31");
  EXPECT_FALSE(ParseDate("1899-12-31", 1900).has_value());
}

TEST(ValuesTest, ParsesInstants) {
  EXPECT_EQ(ParseTime("2026-09-01T07:00:05Z"), 1'788'246'005);
  EXPECT_EQ(ParseTime("2026-09-01T14:00:05+07:00"), 1'788'246'005);
  EXPECT_EQ(ParseTime("1970-01-01T00:00:00Z"), 0);
  const std::optional<int64_t> local = ParseTime("2026-09-01 07:00");
  ASSERT_TRUE(local.has_value());
  EXPECT_EQ(FormatLocalTime(*local), "2026-09-01 07:00:00");
  for (const char* text :
       {"", "2026-09-01", "07:00", "2026-02-30 07:00", "2026-09-01 25:00", "infinite-future",
        "1969-12-31T23:59:59Z", "3000-01-01T00:00:00Z", "yesterday"}) {
    EXPECT_FALSE(ParseTime(text).has_value()) << text;
  }
}

TEST(ValuesTest, FormatsInstants) {
  EXPECT_EQ(FormatUtc(0), "1970-01-01T00:00:00Z");
  EXPECT_EQ(FormatUtc(1'788'246'005), "2026-09-01T07:00:05Z");
  EXPECT_EQ(FormatLocalTime(0).size(), std::string("1970-01-01 00:00:00").size());
}

TEST(ValuesTest, HashesFiles) {
  const TempDir dir;
  std::ofstream(dir.File("doc")) << "abc";
  ASSERT_OK_AND_ASSIGN(const std::string digest, Sha256OfFile(dir.File("doc")));
  // FIPS 180-4, the example of one block.
  EXPECT_EQ(base::HexOf(digest),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_THAT(Sha256OfFile(dir.File("none")), StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(Sha256OfFile(dir.path()), StatusIs(absl::StatusCode::kFailedPrecondition));
}

TEST(ValuesTest, ReadsFilesUpToTheLimitAsked) {
  const TempDir dir;
  std::ofstream(dir.File("f")) << "12345";
  ASSERT_OK_AND_ASSIGN(const std::string text, ReadWholeFile(dir.File("f"), 5));
  EXPECT_EQ(text, "12345");
  EXPECT_THAT(ReadWholeFile(dir.File("f"), 4), StatusIs(absl::StatusCode::kFailedPrecondition));
}

TEST(ValuesTest, KnowsItsWords) {
  for (const v1::Purse purse :
       {v1::PURSE_MAIN, v1::PURSE_HOT_MEALS, v1::PURSE_BUFFET, v1::PURSE_AFTER_SCHOOL}) {
    EXPECT_EQ(PurseOf(WordOf(purse)), purse);
  }
  EXPECT_EQ(PurseOf("wallet"), v1::PURSE_UNSPECIFIED);
  EXPECT_EQ(CardTechnologyOf("wiegand26"), v1::CARD_TECHNOLOGY_WIEGAND26);
  EXPECT_EQ(ReaderProfileOf("reversed"), v1::READER_PROFILE_REVERSED);
}

}  // namespace
}  // namespace ladon::ctl
