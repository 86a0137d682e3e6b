// Goal: a cancel gives back exactly what its till's debit took, once, within its time; when it
// comes first, the debit never happens. Method: both orders, every state of the debit, every
// caller and moment; GetOperation is asked throughout.
#include "server/flow/cancel.h"

#include "tests/server/flow/flow_world.h"

namespace ladon::flow {
namespace {

using testing::IsOk;

constexpr int64_t kStart = 100'000;
constexpr uint64_t kWindowNs = 900 * kSecondNs;  // As DefaultSettings() has it.

class CancelTest : public ::testing::Test {
 protected:
  CancelTest() { world_.GiveCard(school_, pupil_.id, card_); }

  // A debit of soup and bun under `id`, not sent yet.
  DebitInput SaleUnder(const base::RequestId& id, uint32_t soups = 1) {
    DebitInput input =
        world_.SaleOf(school_, PayMeans(card_), {LineOf(kSoup, soups), LineOf(kBun)});
    input.request = world_.RequestOf(till_, id, "sale");
    input.repeat_confirmed = true;
    return input;
  }
  base::RequestId Sell() {
    const base::RequestId id = world_.FreshId();
    EXPECT_THAT(world_.Debit(till_, SaleUnder(id)), IsOk());
    return id;
  }
  CancelInput CancelOf(const access::Caller& caller, const base::RequestId& debit,
                       std::vector<uint16_t> lines = {}) {
    return {.request = world_.Fresh(caller),
            .debit_request_id = debit,
            .lines = std::move(lines),
            .reason = 2,
            .terminal = till_.principal.id};
  }
  Reason TryCancel(const access::Caller& caller, const base::RequestId& debit,
                   std::vector<uint16_t> lines = {}) {
    return ReasonOf(world_.Cancel(caller, CancelOf(caller, debit, std::move(lines))));
  }
  OperationAnswer StateOf(const access::Caller& caller, const base::RequestId& id) {
    const auto answer = world_.GetOperation(caller, id);
    EXPECT_THAT(answer, IsOk());
    return answer.value_or(OperationAnswer{});
  }
  int64_t Balance() const { return world_.Balance(pupil_.record.purses[0].second); }

  FlowWorld world_;
  TestSchool school_ = world_.MakeSchool();
  SubjectView pupil_ = world_.MakePupil(school_, kStart);
  vault::CardNumber card_ = CardOf(1);
  access::Caller till_ = world_.Till(school_);
  access::Caller cashier_ = world_.Cashier(school_.school.id);
};

TEST_F(CancelTest, AfterTheDebitTheMoneyComesBack) {
  const base::RequestId id = Sell();
  EXPECT_EQ(Balance(), kStart - kSoupKopecks - kBunKopecks);
  ASSERT_OK_AND_ASSIGN(const CancelAnswer answer, world_.Cancel(till_, CancelOf(till_, id)));
  EXPECT_FALSE(answer.burnt);
  EXPECT_EQ(answer.returned_kopecks, kSoupKopecks + kBunKopecks);
  EXPECT_FALSE(answer.replayed);
  EXPECT_EQ(world_.last_audit().object, till_.principal.id.bytes);
  EXPECT_EQ(world_.last_audit().journal_index, answer.journal_index);
  EXPECT_EQ(Balance(), kStart);
  EXPECT_EQ(world_.Balance(school_.caterer.payable_account), 0);
  const auto entry = world_.house().ledger->ReadEntry(answer.journal_index);
  EXPECT_EQ(entry->leaf.reason, 2);
}

TEST_F(CancelTest, BeforeTheDebitItMakesTheIdVoidForEver) {
  const base::RequestId id = world_.FreshId();
  EXPECT_EQ(StateOf(till_, id).state, OperationState::kUnknown);
  ASSERT_OK_AND_ASSIGN(const CancelAnswer answer, world_.Cancel(till_, CancelOf(till_, id)));
  EXPECT_TRUE(answer.burnt);
  EXPECT_EQ(answer.returned_kopecks, 0);
  EXPECT_EQ(answer.transaction, (std::array<uint8_t, 16>{}));
  EXPECT_EQ(StateOf(till_, id).state, OperationState::kBurnt);
  for (const bool restarted : {false, true}) {
    if (restarted) world_.Restart();
    EXPECT_EQ(ReasonOf(world_.Debit(till_, SaleUnder(id))), Reason::kCancelledBeforeArrival);
    EXPECT_EQ(Balance(), kStart);
  }
  // A second cancel of the same void id says the same.
  ASSERT_OK_AND_ASSIGN(const CancelAnswer again, world_.Cancel(till_, CancelOf(till_, id)));
  EXPECT_TRUE(again.burnt);
}

TEST_F(CancelTest, ARepeatedCancelHearsTheSame) {
  const base::RequestId id = Sell();
  const base::RequestId early = world_.FreshId();
  const CancelInput reversal = CancelOf(till_, id);
  const CancelInput burning = CancelOf(till_, early);
  ASSERT_OK_AND_ASSIGN(const CancelAnswer reversed, world_.Cancel(till_, reversal));
  ASSERT_OK_AND_ASSIGN(const CancelAnswer burnt, world_.Cancel(till_, burning));
  world_.now_ns += 10 * kWindowNs;
  for (const bool restarted : {false, true}) {
    if (restarted) world_.Restart();
    ASSERT_OK_AND_ASSIGN(const CancelAnswer again, world_.Cancel(till_, reversal));
    EXPECT_TRUE(again.replayed);
    EXPECT_EQ(again.transaction, reversed.transaction);
    EXPECT_EQ(again.journal_index, reversed.journal_index);
    EXPECT_EQ(again.returned_kopecks, reversed.returned_kopecks);
    ASSERT_OK_AND_ASSIGN(const CancelAnswer void_again, world_.Cancel(till_, burning));
    EXPECT_TRUE(void_again.replayed && void_again.burnt);
    EXPECT_EQ(void_again.journal_index, burnt.journal_index);
    EXPECT_EQ(Balance(), kStart);
  }
}

TEST_F(CancelTest, ByLineAndThenTheRest) {
  const base::RequestId id = Sell();
  EXPECT_EQ(StateOf(till_, id).lines_cancelled, (std::vector<bool>{false, false}));
  ASSERT_OK_AND_ASSIGN(const CancelAnswer bun, world_.Cancel(till_, CancelOf(till_, id, {1})));
  EXPECT_EQ(bun.returned_kopecks, kBunKopecks);
  EXPECT_EQ(StateOf(till_, id).lines_cancelled, (std::vector<bool>{false, true}));
  EXPECT_EQ(TryCancel(till_, id, {1}), Reason::kAlreadyCancelled);
  EXPECT_EQ(TryCancel(till_, id, {0, 1}), Reason::kAlreadyCancelled);
  EXPECT_EQ(TryCancel(till_, id, {2}), Reason::kNothingToCancel);
  EXPECT_EQ(Balance(), kStart - kSoupKopecks);
  ASSERT_OK_AND_ASSIGN(const CancelAnswer rest, world_.Cancel(till_, CancelOf(till_, id)));
  EXPECT_EQ(rest.returned_kopecks, kSoupKopecks);
  EXPECT_EQ(StateOf(till_, id).lines_cancelled, (std::vector<bool>{true, true}));
  EXPECT_EQ(TryCancel(till_, id), Reason::kAlreadyCancelled);
  EXPECT_EQ(Balance(), kStart);
}

TEST_F(CancelTest, AfterTheWindowOnlyTheSeniorCashierOfTheDayMay) {
  const base::RequestId id = Sell();
  world_.now_ns += kWindowNs + kSecondNs;
  EXPECT_EQ(TryCancel(till_, id), Reason::kCancelWindowPassed);
  ASSERT_OK_AND_ASSIGN(const CancelAnswer answer, world_.Cancel(cashier_, CancelOf(cashier_, id)));
  EXPECT_EQ(answer.returned_kopecks, kSoupKopecks + kBunKopecks);
  EXPECT_EQ(Balance(), kStart);
}

TEST_F(CancelTest, AtTheEndOfTheWindowTheTillStillMay) {
  const base::RequestId id = Sell();
  world_.now_ns += kWindowNs;
  EXPECT_EQ(TryCancel(till_, id), Reason::kNone);
}

TEST_F(CancelTest, OnTheNextDayNobodyMay) {
  world_.now_ns = kNoonNs + 12 * kHourNs - kMinuteNs;  // 23:59 in the school.
  const base::RequestId id = Sell();
  world_.now_ns += 2 * kMinuteNs;
  EXPECT_EQ(TryCancel(cashier_, id), Reason::kCancelWindowPassed);
  // The till's window is counted in minutes, whatever the day.
  EXPECT_EQ(TryCancel(till_, id), Reason::kNone);
}

TEST_F(CancelTest, AnotherTillCannotTouchTheDebit) {
  const base::RequestId id = Sell();
  const access::Caller other = world_.OtherTill(school_);
  EXPECT_EQ(TryCancel(other, id), Reason::kNotPermitted) << "naming the till that sold";
  CancelInput own = CancelOf(other, id);
  own.terminal = other.principal.id;
  ASSERT_OK_AND_ASSIGN(const CancelAnswer answer, world_.Cancel(other, own));
  EXPECT_TRUE(answer.burnt) << "of its own ids it can only void this one";
  EXPECT_EQ(Balance(), kStart - kSoupKopecks - kBunKopecks);
  EXPECT_EQ(StateOf(till_, id).state, OperationState::kSucceeded);
  EXPECT_EQ(StateOf(other, id).state, OperationState::kBurnt);
}

TEST_F(CancelTest, AnotherSchoolsTillIsUnknown) {
  const base::RequestId id = Sell();
  const TestSchool elsewhere = world_.MakeSchool();
  const access::Caller foreign = world_.Cashier(elsewhere.school.id);
  const auto refused = world_.Cancel(foreign, CancelOf(foreign, id));
  EXPECT_EQ(ReasonOf(refused), Reason::kTerminalUnknown);
  EXPECT_EQ(FieldOf(refused), "terminal_id");
  EXPECT_EQ(Balance(), kStart - kSoupKopecks - kBunKopecks);
}

TEST_F(CancelTest, ARefusedDebitHasNothingToGiveBack) {
  const base::RequestId id = world_.FreshId();
  EXPECT_EQ(ReasonOf(world_.Debit(till_, SaleUnder(id, 50))), Reason::kInsufficientFunds);
  const OperationAnswer state = StateOf(till_, id);
  EXPECT_EQ(state.state, OperationState::kRefused);
  EXPECT_EQ(ReasonOf(state.refusal), Reason::kInsufficientFunds);
  EXPECT_EQ(TryCancel(till_, id), Reason::kOriginalRefused);
}

TEST_F(CancelTest, ACancelCannotBeCancelled) {
  const base::RequestId debit = Sell();
  CancelInput cancel = CancelOf(till_, debit);
  const base::RequestId id = world_.FreshId();
  cancel.request = world_.RequestOf(till_, id, "cancel");
  ASSERT_THAT(world_.Cancel(till_, cancel), IsOk());
  EXPECT_EQ(TryCancel(till_, id), Reason::kNothingToCancel);
  EXPECT_EQ(Balance(), kStart);
}

// Regression: such a call was answered with STOPPING, for ever, and left no record.
TEST_F(CancelTest, ACancelOfItselfIsRefusedByName) {
  const base::RequestId id = world_.FreshId();
  CancelInput cancel = CancelOf(till_, id);
  cancel.request = world_.RequestOf(till_, id);
  const auto refused = world_.Cancel(till_, cancel);
  EXPECT_EQ(ReasonOf(refused), Reason::kFieldInvalid);
  EXPECT_EQ(FieldOf(refused), "debit_request_id");
  EXPECT_EQ(StateOf(till_, id).state, OperationState::kUnknown);
}

TEST_F(CancelTest, AnIdVoidedByACancelCannotBeACancelEither) {
  const base::RequestId id = world_.FreshId();
  ASSERT_EQ(TryCancel(till_, id), Reason::kNone);
  CancelInput cancel = CancelOf(till_, Sell());
  cancel.request = world_.RequestOf(till_, id);
  EXPECT_EQ(ReasonOf(world_.Cancel(till_, cancel)), Reason::kCancelledBeforeArrival);
}

TEST_F(CancelTest, GetOperationTellsEveryState) {
  const base::RequestId sold = world_.FreshId();
  EXPECT_EQ(StateOf(till_, sold).state, OperationState::kUnknown);
  EXPECT_EQ(world_.last_audit().object, Object{});
  ASSERT_OK_AND_ASSIGN(const DebitAnswer debit, world_.Debit(till_, SaleUnder(sold)));
  const OperationAnswer booked = StateOf(till_, sold);
  EXPECT_EQ(booked.state, OperationState::kSucceeded);
  EXPECT_EQ(booked.transaction, debit.transaction);
  EXPECT_EQ(booked.journal_index, debit.journal_index);
  EXPECT_EQ(booked.booked_at_ns, debit.booked_at_ns);
  EXPECT_EQ(booked.amount_kopecks, kSoupKopecks + kBunKopecks);
  EXPECT_EQ(StateOf(cashier_, sold).state, OperationState::kUnknown) << "not that caller's id";
  EXPECT_EQ(StateOf(world_.OtherTill(school_), sold).state, OperationState::kUnknown);

  const base::RequestId cancelled = world_.FreshId();
  CancelInput cancel = CancelOf(till_, sold);
  cancel.request = world_.RequestOf(till_, cancelled);
  ASSERT_THAT(world_.Cancel(till_, cancel), IsOk());
  const OperationAnswer reversal = StateOf(till_, cancelled);
  EXPECT_EQ(reversal.state, OperationState::kSucceeded);
  EXPECT_EQ(reversal.amount_kopecks, kSoupKopecks + kBunKopecks);

  const base::RequestId opened = world_.FreshId();  // A call without money.
  const access::Caller desk = world_.Desk(school_.school.id);
  ASSERT_THAT(world_.Call<SubjectAnswer>(
                  desk, "EnrolmentService/CreateSubject",
                  [&](const access::Caller& c, auto done) {
                    CreateSubject(world_.house(), c, world_.RequestOf(c, opened),
                                  {.family_name = "А", .given_name = "Б", .class_name = "1А"}, {},
                                  std::move(done));
                  }),
              IsOk());
  const OperationAnswer note = StateOf(desk, opened);
  EXPECT_EQ(note.state, OperationState::kSucceeded);
  EXPECT_EQ(note.amount_kopecks, 0);
}

// Whatever the order in which a debit and its cancel reach the committer, money is never lost.
TEST_F(CancelTest, RacingBothWaysLeavesTheBalanceAsItWas) {
  for (int round = 0; round < 20; ++round) {
    const base::RequestId id = world_.FreshId();
    const DebitInput sale = SaleUnder(id);
    const CancelInput cancel = CancelOf(till_, id);
    absl::Notification sold;
    absl::Notification cancelled;
    absl::StatusOr<DebitAnswer> debit = absl::UnknownError("none");
    const auto send_debit = [&] {
      Debit(world_.house(), till_, sale, [&](absl::StatusOr<DebitAnswer> answer) {
        debit = std::move(answer);
        sold.Notify();
      });
    };
    if (round % 2 == 0) send_debit();
    absl::StatusOr<CancelAnswer> answer = absl::UnknownError("none");
    Cancel(world_.house(), till_, cancel, [&](absl::StatusOr<CancelAnswer> given) {
      answer = std::move(given);
      cancelled.Notify();
    });
    if (round % 2 != 0) send_debit();
    sold.WaitForNotification();
    cancelled.WaitForNotification();
    ASSERT_THAT(answer, IsOk());
    EXPECT_EQ(answer->burnt, round % 2 != 0);
    EXPECT_EQ(ReasonOf(debit), answer->burnt ? Reason::kCancelledBeforeArrival : Reason::kNone);
    EXPECT_EQ(Balance(), kStart);
  }
}

}  // namespace
}  // namespace ladon::flow
