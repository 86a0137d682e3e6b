// Goal: whoever asks about a child's data is answered within the term of the law, over New Year and
// May as well.
// Method: every kind in a plain month, at New Year and in May, against days counted by hand on the
// official calendar of 2026; the calendar is injected.
#include "server/flow/deadlines.h"

#include "tests/testing/status_testing.h"

namespace ladon::flow {
namespace {

constexpr char k2026[] = R"(
[[year]]
year = 2026
decree = "No. 1466"
transfers = [
  {from = 2026-01-03, to = 2026-01-09}, {from = 2026-01-04, to = 2026-12-31},
  {from = 2026-03-08, to = 2026-03-09}, {from = 2026-05-09, to = 2026-05-11},
]
)";

class DeadlinesTest : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_OK_AND_ASSIGN(calendar_, base::Calendar::Parse(k2026, "calendar of the test"));
  }
  [[nodiscard]] Deadlines Of(RequestKind kind, uint32_t received) const {
    return DeadlinesOf(kind, received, calendar_);
  }
  static Deadlines Days(uint32_t stop_by, uint32_t warn_from, uint32_t due, uint32_t extended_max,
                        bool covered) {
    return {.stop_by = stop_by,
            .warn_from = warn_from,
            .due = due,
            .extended_max = extended_max,
            .covered = covered};
  }

  base::Calendar calendar_ = base::Calendar::Statutory();
};

// Received on Tuesday 1 September 2026; no holiday near. Working days after it: 2, 3, 4 (three),
// 7-11 (eight), 14-18 (thirteen), 21, 22 (fifteen).
TEST_F(DeadlinesTest, InAPlainMonth) {
  EXPECT_EQ(Of(RequestKind::kAccess, 2026'09'01),
            Days(0, 2026'09'10, 2026'09'15, 2026'09'22, true));
  EXPECT_EQ(Of(RequestKind::kRectify, 2026'09'01),
            Days(0, 2026'09'07, 2026'09'10, 2026'09'10, true));
  EXPECT_EQ(Of(RequestKind::kBlock, 2026'09'01),
            Days(2026'09'01, 2026'09'01, 2026'09'01, 2026'09'01, true));
  EXPECT_EQ(Of(RequestKind::kStop, 2026'09'01),
            Days(2026'09'15, 2026'09'10, 2026'09'15, 2026'09'22, true));
  // September has thirty days. Six months on is 1 March, beyond the calendar but for its number.
  EXPECT_EQ(Of(RequestKind::kWithdraw, 2026'09'01),
            Days(2026'09'01, 2026'09'21, 2026'10'01, 2027'03'01, true));
  EXPECT_EQ(Of(RequestKind::kUnlawful, 2026'09'01),
            Days(2026'09'04, 2026'09'01, 2026'09'15, 2027'03'01, true));
  EXPECT_EQ(Of(RequestKind::kPurposeReached, 2026'09'01),
            Days(2026'10'01, 2026'09'21, 2026'10'01, 2027'03'01, true));
  EXPECT_EQ(Of(RequestKind::kErase, 2026'09'01),
            Days(2026'09'01, 2026'09'21, 2026'10'01, 2027'03'01, true));
}

// Received on Monday 28 December 2026. 29 and 30 are worked (two), 31 is off by transfer, 1-8
// January are holidays, 9 and 10 a weekend; then 11-15 January (seven), 18-20 (ten), 21, 22, 25-27
// (fifteen). For 2027 no decree is known, which the answer says.
TEST_F(DeadlinesTest, OverNewYear) {
  EXPECT_EQ(Of(RequestKind::kAccess, 2026'12'28),
            Days(0, 2027'01'15, 2027'01'20, 2027'01'27, false));
  EXPECT_EQ(Of(RequestKind::kRectify, 2026'12'28),
            Days(0, 2027'01'12, 2027'01'15, 2027'01'15, false));
  EXPECT_EQ(Of(RequestKind::kUnlawful, 2026'12'28),
            Days(2027'01'11, 2026'12'28, 2027'01'20, 2027'06'28, false));
  // Calendar days know no holidays: 28 December and thirty days.
  EXPECT_EQ(Of(RequestKind::kWithdraw, 2026'12'28),
            Days(2026'12'28, 2027'01'17, 2027'01'27, 2027'06'28, false));
  EXPECT_EQ(Of(RequestKind::kBlock, 2026'12'31),
            Days(2026'12'31, 2026'12'31, 2026'12'31, 2026'12'31, true));
}

// Received on Friday 2 January 2026, a holiday. The first working day is Monday 12 January, because
// 9 January is off by transfer: 12-16 (five), 19-23 (ten), 26-30 (fifteen).
TEST_F(DeadlinesTest, InTheNewYearHolidays) {
  EXPECT_EQ(Of(RequestKind::kAccess, 2026'01'02),
            Days(0, 2026'01'20, 2026'01'23, 2026'01'30, true));
  EXPECT_EQ(Of(RequestKind::kUnlawful, 2026'01'02),
            Days(2026'01'14, 2026'01'02, 2026'01'23, 2026'07'02, true));
}

// Received on Thursday 30 April 2026. Friday 1 May is a holiday; 4-8 May are worked (five), 9 May
// is a Saturday and its day off goes to Monday 11; then 12-15 (nine), 18 (ten), 19-22 (fourteen),
// 25 (fifteen).
TEST_F(DeadlinesTest, OverTheMayHolidays) {
  EXPECT_EQ(Of(RequestKind::kAccess, 2026'04'30),
            Days(0, 2026'05'13, 2026'05'18, 2026'05'25, true));
  EXPECT_EQ(Of(RequestKind::kRectify, 2026'04'30),
            Days(0, 2026'05'07, 2026'05'13, 2026'05'13, true));
  EXPECT_EQ(Of(RequestKind::kStop, 2026'04'30),
            Days(2026'05'18, 2026'05'13, 2026'05'18, 2026'05'25, true));
  EXPECT_EQ(Of(RequestKind::kUnlawful, 2026'04'30),
            Days(2026'05'06, 2026'04'30, 2026'05'18, 2026'10'30, true));
  // Thirty days from 30 April end on Saturday 30 May, and stay there.
  EXPECT_EQ(Of(RequestKind::kErase, 2026'04'30),
            Days(2026'04'30, 2026'05'20, 2026'05'30, 2026'10'30, true));
}

// Six months from 31 August end on the last of February; thirty days from 30 January pass it.
TEST_F(DeadlinesTest, OverShortMonths) {
  EXPECT_EQ(Of(RequestKind::kErase, 2026'08'31).extended_max, 2027'02'28u);
  EXPECT_EQ(Of(RequestKind::kErase, 2026'01'30).due, 2026'03'01u);
}

TEST_F(DeadlinesTest, EveryKindHasARowWhoseDaysAreInOrder) {
  uint32_t kinds = 0;
  for (int number = 0; number <= 255; ++number) {
    if (!IsRequestKind(number)) continue;
    ++kinds;
    for (uint32_t day = 2026'01'01; day <= 2026'12'31; day = base::AddDays(day, 1)) {
      const Deadlines found = Of(static_cast<RequestKind>(number), day);
      EXPECT_LE(day, found.warn_from);
      EXPECT_LE(found.warn_from, found.due);
      EXPECT_LE(found.stop_by, found.due);
      EXPECT_LE(found.due, found.extended_max);
    }
  }
  EXPECT_EQ(kinds, 8u);
  EXPECT_FALSE(IsRequestKind(0));
  EXPECT_FALSE(IsRequestKind(9));
}

// No Saturday of 2026 is worked; one that is could end a term earlier than the rule of thumb does.
TEST_F(DeadlinesTest, WithoutACalendarNoTermOf2026IsLaterThanWithOne) {
  const base::Calendar statutory = base::Calendar::Statutory();
  for (int number = 1; number <= 8; ++number) {
    for (uint32_t day = 2026'01'01; day <= 2026'11'01; day = base::AddDays(day, 1)) {
      const auto kind = static_cast<RequestKind>(number);
      const Deadlines rule = DeadlinesOf(kind, day, statutory);
      EXPECT_LE(rule.due, Of(kind, day).due) << number << " " << day;
      EXPECT_FALSE(rule.covered);
    }
  }
}

TEST(DeadlinesDeathTest, AKindWithoutARowIsABrokenInvariant) {
  EXPECT_DEATH(static_cast<void>(DeadlinesOf(static_cast<RequestKind>(9), 2026'01'01,
                                             base::Calendar::Statutory())),
               "no row");
}

}  // namespace
}  // namespace ladon::flow
