// Goal: a till's figures count what happened, once, on the right day.
// Method: one entry of every kind and outcome, then slips of them in both languages.
#include "server/client/terminal/totals.h"

#include <nlohmann/json.hpp>

#include "server/client/terminal/slip.h"
#include "tests/testing/status_testing.h"

namespace ladon::terminal {
namespace {

using ::testing::HasSubstr;

AttemptEntry EntryOf(AttemptKind kind, OutcomeKind outcome, int64_t amount_kopecks,
                     const std::string& service_date) {
  AttemptEntry entry;
  entry.attempt.kind = kind;
  entry.attempt.payer = "Анна К., 2Б";
  entry.attempt.lines = {{"Обед", 2, 4'250}};
  entry.outcome = Outcome();
  entry.outcome->kind = outcome;
  entry.outcome->amount_kopecks = amount_kopecks;
  entry.outcome->service_date = service_date;
  entry.outcome->transaction_id = *base::BytesOfHex("0123456789abcdef0123456789abcdef");
  return entry;
}

TEST(TotalsTest, CountsByDayAndKind) {
  std::vector<AttemptEntry> entries = {
      EntryOf(AttemptKind::kDebit, OutcomeKind::kDone, 8'500, "2026-09-02"),
      EntryOf(AttemptKind::kDebit, OutcomeKind::kDone, 8'500, "2026-09-01"),
      EntryOf(AttemptKind::kDebit, OutcomeKind::kDone, 1'500, "2026-09-01"),
      EntryOf(AttemptKind::kCancel, OutcomeKind::kDone, 1'500, ""),
      EntryOf(AttemptKind::kEnrol, OutcomeKind::kDone, 0, ""),
      EntryOf(AttemptKind::kDebit, OutcomeKind::kRefused, 0, ""),
      EntryOf(AttemptKind::kDebit, OutcomeKind::kBurnt, 0, ""),
      EntryOf(AttemptKind::kEnrol, OutcomeKind::kAbandoned, 0, "")};
  AttemptEntry pending = entries[0];
  pending.outcome.reset();
  entries.push_back(pending);
  AttemptEntry burning = EntryOf(AttemptKind::kCancel, OutcomeKind::kDone, 0, "");
  burning.outcome->transaction_id.clear();
  entries.push_back(burning);
  const auto day = [](int64_t) { return std::string("2026-09-01"); };
  EXPECT_EQ(TotalsOf(entries, day),
            (std::vector<Total>{{"2026-09-01", TotalKind::kSale, 2, 10'000},
                                {"2026-09-01", TotalKind::kReturn, 1, 1'500},
                                {"2026-09-01", TotalKind::kEnrolment, 1, 0},
                                {"2026-09-01", TotalKind::kRefusal, 1, 0},
                                {"2026-09-02", TotalKind::kSale, 1, 8'500}}));
}

TEST(SlipTest, ShowsChildLinesSumAndShortTransaction) {
  const AttemptEntry entry = EntryOf(AttemptKind::kDebit, OutcomeKind::kDone, 8'500, "2026-09-01");
  v1::Payer payer;
  payer.set_low_money(true);
  for (const base::Language language : {base::Language::kRussian, base::Language::kEnglish}) {
    const std::string slip = SlipText(entry, &payer, language);
    EXPECT_THAT(slip, HasSubstr("Анна К., 2Б"));
    EXPECT_THAT(slip, HasSubstr("Обед"));
    EXPECT_THAT(slip, HasSubstr(base::FormatKopecks(8'500, language)));
    EXPECT_THAT(slip, HasSubstr("01234567"));
    EXPECT_THAT(slip, Not(HasSubstr("0123456789")));
    EXPECT_THAT(slip, HasSubstr(base::Text("terminal.low_money", language)));
  }
  const nlohmann::json json = SlipJson(entry, &payer);
  EXPECT_EQ(json.at("amount_kopecks"), 8'500);
  EXPECT_EQ(json.at("lines").at(0).at("unit_price_kopecks"), 4'250);
  EXPECT_FALSE(json.contains("balance_kopecks"));
}

TEST(SettlementTextTest, EveryEndHasASentenceInBothLanguages) {
  for (const Settled how : {Settled::kWentThrough, Settled::kReturned, Settled::kRefused,
                            Settled::kNeverHappened, Settled::kTakeAgain, Settled::kStillUnknown}) {
    for (const AttemptKind kind :
         {AttemptKind::kDebit, AttemptKind::kCancel, AttemptKind::kEnrol}) {
      Settlement settlement;
      settlement.attempt.kind = kind;
      settlement.how = how;
      settlement.reason = "INSUFFICIENT_FUNDS";
      EXPECT_NE(SettlementText(settlement, base::Language::kRussian),
                SettlementText(settlement, base::Language::kEnglish));
      EXPECT_EQ(SettlementJson(settlement).at("how"), SettledName(how));
    }
  }
}

}  // namespace
}  // namespace ladon::terminal
