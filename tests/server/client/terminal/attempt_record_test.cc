// Goal: a record of the attempt log survives its JSON, and nothing else passes for one.
// Method: encode and decode full records; decode every kind of broken text.
#include "server/client/terminal/attempt_record.h"

#include "tests/testing/status_testing.h"

namespace ladon::terminal {
namespace {

using ::ladon::testing::IsOk;
using ::ladon::testing::StatusIs;

base::RequestId IdOf(uint8_t n) {
  base::RequestId id;
  id.bytes.fill(n);
  return id;
}

TEST(AttemptRecordTest, AttemptComesBackAsItWas) {
  Attempt attempt;
  attempt.request_id = IdOf(7);
  attempt.kind = AttemptKind::kCancel;
  attempt.request = std::string("\0\xff\n\"bytes", 9);
  attempt.at_ms = 1'788'245'100'000;
  attempt.fresh_until_ms = 1'788'245'110'000;
  attempt.cancels = IdOf(9);
  attempt.payer = "Иван П., 5А";
  attempt.lines = {{"Обед \"комплекс\"", 2, 12'050}, {"Чай", 1, 1'500}};
  ASSERT_OK_AND_ASSIGN(const auto record, DecodeRecord(EncodeRecord(attempt)));
  ASSERT_TRUE(std::holds_alternative<Attempt>(record));
  EXPECT_EQ(std::get<Attempt>(record), attempt);
}

TEST(AttemptRecordTest, OutcomeOfEveryKindComesBackAsItWas) {
  for (const OutcomeKind kind :
       {OutcomeKind::kDone, OutcomeKind::kRefused, OutcomeKind::kBurnt, OutcomeKind::kAbandoned}) {
    Outcome outcome;
    outcome.request_id = IdOf(1);
    outcome.kind = kind;
    outcome.reason = "INSUFFICIENT_FUNDS";
    outcome.transaction_id = std::string(16, '\x80');
    outcome.amount_kopecks = 8'500;
    outcome.at_ms = 5;
    outcome.service_date = "2026-09-01";
    ASSERT_OK_AND_ASSIGN(const auto record, DecodeRecord(EncodeRecord(outcome)));
    ASSERT_TRUE(std::holds_alternative<Outcome>(record));
    EXPECT_EQ(std::get<Outcome>(record), outcome);
  }
}

TEST(AttemptRecordTest, RecordIsOneLine) {
  Attempt attempt;
  attempt.request_id = IdOf(1);
  attempt.payer = "a\nb";
  EXPECT_EQ(EncodeRecord(attempt).find('\n'), std::string::npos);
}

TEST(AttemptRecordTest, RefusesWhatIsNotARecord) {
  Outcome outcome;
  outcome.request_id = IdOf(1);
  const std::string good = EncodeRecord(outcome);
  ASSERT_THAT(DecodeRecord(good), IsOk());
  for (const std::string& bad :
       {std::string(), std::string("{}"), std::string("[1]"), std::string(R"({"v":"1"})"),
        std::string(R"({"v":1,"record":"other"})"), std::string(R"({"v":1,"record":"attempt"})"),
        good.substr(0, good.size() - 1)}) {
    EXPECT_THAT(DecodeRecord(bad), StatusIs(absl::StatusCode::kDataLoss)) << bad;
  }
  std::string newer = good;
  newer.replace(newer.find("\"v\":1"), 5, "\"v\":2");
  EXPECT_THAT(DecodeRecord(newer), StatusIs(absl::StatusCode::kUnimplemented));
}

}  // namespace
}  // namespace ladon::terminal
