// Goal: every day on which something was booked is closed once, when the next one has begun where
// the school is, also after the server was away. Method: a ledger whose clock is set; the days that
// are due, and the thread that closes them.
#include "server/cmd/day_closer.h"

#include "tests/testing/ledger_testing.h"

namespace ladon {
namespace {

using ::ladon::testing::Countdown;
using ::ladon::testing::IsOk;
using ::ladon::testing::Pay;
using ::ladon::testing::StatusIs;
using ::ladon::testing::SubmissionOf;
using ::ladon::testing::TestLedger;
using ::ladon::testing::TransferOf;

constexpr const char* kZone = "Asia/Tomsk";  // UTC+7.
constexpr uint64_t kHourNs = uint64_t{3600} * 1'000'000'000;

class DayCloserTest : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_THAT(ledger_.Open(), IsOk());
    ledger_.OpenAccounts(1, 2);
  }
  // 2026-09-01 08:15 UTC is the test ledger's time: 15:15 in Tomsk.
  void Pass(uint64_t hours) { ledger_.now_ns += hours * kHourNs; }
  void Sell() { ledger_.Do(SubmissionOf(++number_, Pay({TransferOf(1, 2, 5)}))); }
  std::optional<ledger::Date> Due() {
    const auto due = DayToClose(ledger_.sequencer(), ledger_.now_ns, kZone);
    EXPECT_THAT(due, IsOk());
    return due.ok() ? *due : std::nullopt;
  }

  TestLedger ledger_;
  uint64_t number_ = 10;
};

TEST_F(DayCloserTest, ADayIsDueWhenTheNextHasBegunThere) {
  Sell();
  EXPECT_EQ(Due(), std::nullopt);
  Pass(8);  // 23:15 in Tomsk.
  EXPECT_EQ(Due(), std::nullopt);
  Pass(1);  // 00:15 of the second, still the first in Moscow and London.
  EXPECT_EQ(Due(), 2026'09'01);
  ASSERT_THAT(ledger_.sequencer().BookClosing(2026'09'01), IsOk());
  EXPECT_EQ(Due(), std::nullopt) << "once";
  Pass(24 * 3);
  EXPECT_EQ(Due(), std::nullopt) << "days without anything are not closed";
  Sell();
  EXPECT_EQ(Due(), std::nullopt);
  Pass(24);
  EXPECT_EQ(Due(), 2026'09'05);
}

TEST_F(DayCloserTest, AServerThatWasAwayClosesTheLastDayBeforeToday) {
  Sell();
  Pass(24);
  Sell();
  Pass(24 * 5);
  EXPECT_EQ(Due(), 2026'09'02) << "the last day with something booked";
  Sell();  // And is already selling again when it is looked at.
  EXPECT_EQ(Due(), 2026'09'06);
}

TEST_F(DayCloserTest, SalesWhileAClosingWasMadeAreOfTheNext) {
  Sell();
  Pass(10);
  ASSERT_THAT(ledger_.sequencer().BookClosing(2026'09'01), IsOk());
  Sell();
  EXPECT_EQ(Due(), std::nullopt);
  Pass(24);
  EXPECT_EQ(Due(), 2026'09'02);
}

TEST_F(DayCloserTest, AnUnknownZoneIsTold) {
  EXPECT_THAT(DayToClose(ledger_.sequencer(), ledger_.now_ns, "Mars/Olympus"),
              StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST_F(DayCloserTest, TheThreadClosesWhatIsDueAtOnce) {
  Sell();
  Pass(24);
  Countdown closed(1);
  ledger::BookedClosing seen;
  {
    DayCloser closer({.ledger = &ledger_.sequencer(),
                      .time_zone = kZone,
                      .now_ns = [this] { return ledger_.now_ns.load(); },
                      .on_closing =
                          [&](const absl::StatusOr<ledger::BookedClosing>& closing) {
                            ASSERT_THAT(closing, IsOk());
                            seen = *closing;
                            closed.Done();
                          }});
    closed.Wait();
  }
  EXPECT_EQ(seen.head.service_date, 2026'09'01);
  EXPECT_EQ(ledger_.sequencer().ListClosings()->size(), 1);
}

}  // namespace
}  // namespace ladon
