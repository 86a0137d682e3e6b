// Goal: every order that was paid is booked exactly once, and none that was not. Method: a core and
// a bank in memory; each answer of the core is lost in turn, on its way there and back; news of an
// order comes before, after and again; the bank says what it must not.
#include "server/channels/orders.h"

#include <chrono>
#include <set>
#include <thread>

#include "gtest/gtest.h"
#include "server/channels/order_poller.h"
#include "tests/server/channels/order_testing.h"

namespace ladon::channels {
namespace {

TEST(OrdersTest, TheOrderIsWrittenDownBeforeTheBankHearsOfIt) {
  OrderWorld world;
  const Placed placed = world.Place();
  EXPECT_EQ(placed.verdict, Verdict::kOk);
  EXPECT_EQ(placed.link, "https://bank.example/pay?order=1");
  ASSERT_EQ(world.core->orders.size(), 1u);
  EXPECT_EQ(world.order().paid_kopecks(), 1'999);
  EXPECT_EQ(world.order().payment_account(), kChild);
  EXPECT_EQ(world.order().order_number().size(), kOrderNumberLetters);
  ASSERT_EQ(world.bank->registered.size(), 1u);
  EXPECT_EQ(world.bank->registered[0].number, world.order().order_number());
  EXPECT_EQ(world.bank->registered[0].kopecks, 1'999);
}

TEST(OrdersTest, WhatTheCoreDoesNotTakeTheBankNeverHearsOf) {
  for (const bool done : {false, true}) {
    OrderWorld world;
    world.core->losses = {{.call = 1, .done = done}};
    EXPECT_EQ(world.Place().verdict, Verdict::kTemporary);
    EXPECT_TRUE(world.bank->registered.empty());
  }
}

TEST(OrdersTest, ALostAnswerOfRegisterLeavesTheOrderOpenAndItIsSettled) {
  OrderWorld world;
  world.bank->link = absl::UnavailableError("lost");
  EXPECT_EQ(world.Place().verdict, Verdict::kTechnical);
  EXPECT_EQ(world.order().state(), v1::ORDER_STATE_OPEN);
  world.bank->Pay(1'999);
  EXPECT_EQ(world.Settle().progress, Progress::kBooked);
  EXPECT_EQ(world.core->booked_kopecks(), 1'999);
}

TEST(OrdersTest, EveryAnswerOfTheCoreLostInTurnBooksOnce) {
  // 1 opens, 2 books, 3 closes; the pairs lose an answer and one more of its repetition.
  for (int first = 2; first <= 3; ++first) {
    for (int second = first + 1; second <= first + 3; ++second) {
      for (const bool done : {false, true}) {
        OrderWorld world;
        ASSERT_EQ(world.Place().verdict, Verdict::kOk);
        world.bank->Pay(1'999);
        world.core->losses = {{.call = first, .done = done}, {.call = second, .done = !done}};
        for (int round = 0; round < 5; ++round) (void)world.Settle();
        EXPECT_EQ(world.order().state(), v1::ORDER_STATE_PAID) << first << second << done;
        EXPECT_EQ(world.core->payments.size(), 1u) << first << second << done;
        EXPECT_EQ(world.core->booked_kopecks(), 1'999);
      }
    }
  }
}

TEST(OrdersTest, WhatIsBookedIsTheBanksIdTheOrdersAccountAndTheBanksSum) {
  OrderWorld world;
  ASSERT_EQ(world.Place().verdict, Verdict::kOk);
  world.bank->Pay(1'500);
  const Settled settled = world.Settle();
  EXPECT_EQ(settled.progress, Progress::kBooked);
  EXPECT_FALSE(settled.fault.empty()) << "another sum than the order's is worth a line";
  ASSERT_EQ(world.core->payments.size(), 1u);
  const v1::AcceptPaymentRequest& payment = world.core->payments.at(kBankId);
  EXPECT_EQ(payment.contract(), kContract);
  EXPECT_EQ(payment.payer_account(), kChild);
  EXPECT_EQ(payment.paid_kopecks(), 1'500);
  EXPECT_FALSE(payment.has_paid_at());
  EXPECT_EQ(world.order().bank_id(), kBankId);
}

TEST(OrdersTest, OpenStaysOpenAndFailedIsClosedWithoutMoney) {
  OrderWorld world;
  ASSERT_EQ(world.Place().verdict, Verdict::kOk);
  EXPECT_EQ(world.Settle().progress, Progress::kOpen);
  EXPECT_EQ(world.order().state(), v1::ORDER_STATE_OPEN);
  world.bank->Say(BankState::kFailed);
  EXPECT_EQ(world.Settle().progress, Progress::kFailed);
  EXPECT_EQ(world.order().state(), v1::ORDER_STATE_FAILED);
  EXPECT_TRUE(world.core->payments.empty());
}

TEST(OrdersTest, AnOrderThatIsPaidAfterItWasGivenUpIsBookedAndTold) {
  OrderWorld world;
  ASSERT_EQ(world.Place().verdict, Verdict::kOk);
  world.bank->Say(BankState::kFailed);
  EXPECT_EQ(world.Settle().progress, Progress::kFailed);
  EXPECT_EQ(world.Settle().progress, Progress::kFailed) << "news again, and nothing new";
  world.bank->Pay(1'999);
  const Settled settled = world.Settle();
  EXPECT_EQ(settled.progress, Progress::kBooked);
  EXPECT_FALSE(settled.fault.empty()) << "it is worth a line";
  EXPECT_EQ(world.order().state(), v1::ORDER_STATE_PAID);
  EXPECT_EQ(world.core->booked_kopecks(), 1'999);
  EXPECT_EQ(world.Settle().progress, Progress::kNone);
}

TEST(OrdersTest, WhatIsLeftOfAPartlyRefundedOrderIsBooked) {
  OrderWorld world;
  ASSERT_EQ(world.Place().verdict, Verdict::kOk);
  world.bank->Pay(1'500);
  world.bank->status->refunded_kopecks = 499;
  const Settled settled = world.Settle();
  EXPECT_EQ(settled.progress, Progress::kBooked);
  EXPECT_FALSE(settled.fault.empty());
  EXPECT_EQ(world.core->booked_kopecks(), 1'500);
}

TEST(OrdersTest, ARefundBetweenBookingAndClosingChangesNoBooking) {
  OrderWorld world;
  ASSERT_EQ(world.Place().verdict, Verdict::kOk);
  world.bank->Pay(1'999);
  world.core->losses = {{.call = 3, .done = false}};  // Booked; the closing never came.
  EXPECT_EQ(world.Settle().progress, Progress::kUndecided);
  world.bank->Pay(1'500);
  world.bank->status->refunded_kopecks = 499;
  const Settled settled = world.Settle();
  EXPECT_EQ(settled.progress, Progress::kBooked);
  EXPECT_FALSE(settled.fault.empty());
  EXPECT_EQ(world.core->booked_kopecks(), 1'999);
  EXPECT_EQ(world.order().state(), v1::ORDER_STATE_PAID);
}

TEST(OrdersTest, APartlyRefundedIdThatIsBookedForAnotherIsLeftForAPerson) {
  OrderWorld world;
  ASSERT_EQ(world.Place().verdict, Verdict::kOk);
  world.core->payments[kBankId].set_order_number("another");
  world.bank->Pay(1'500);
  world.bank->status->refunded_kopecks = 499;
  EXPECT_EQ(world.Settle().progress, Progress::kUntrusted);
  EXPECT_EQ(world.order().state(), v1::ORDER_STATE_OPEN);
}

TEST(OrdersTest, WhatIsBookedNamesItsOrderSoThatNoNewLimitRefusesIt) {
  OrderWorld world;
  ASSERT_EQ(world.Place().verdict, Verdict::kOk);
  world.bank->Pay(1'999);
  EXPECT_EQ(world.Settle().progress, Progress::kBooked);
  EXPECT_EQ(world.core->payments.at(kBankId).order_number(), world.order().order_number());
}

TEST(OrdersTest, NewsThatTheCoreDoesNotTakeIsToBeSentAgain) {
  OrderWorld world;
  ASSERT_EQ(world.Place().verdict, Verdict::kOk);
  world.bank->Pay(1'999);
  world.core->get = grpc::Status(grpc::StatusCode::UNAVAILABLE, "away");
  EXPECT_EQ(world.Settle().progress, Progress::kUndecided);
  EXPECT_TRUE(world.bank->asked.empty());
}

TEST(OrdersTest, ARepeatOfNewsAndNewsOfNoOrderOfOursChangeNothing) {
  OrderWorld world;
  ASSERT_EQ(world.Place().verdict, Verdict::kOk);
  world.bank->Pay(1'999);
  EXPECT_EQ(world.Settle().progress, Progress::kBooked);
  const int calls = world.core->calls;
  EXPECT_EQ(world.Settle().progress, Progress::kNone);
  EXPECT_EQ(world.orders->Settle("nothing").progress, Progress::kNone);
  EXPECT_EQ(world.core->calls, calls);
  EXPECT_EQ(world.bank->asked.size(), 1u);
}

TEST(OrdersTest, NewsAndARoundAtOnceBookOnce) {
  OrderWorld world;
  ASSERT_EQ(world.Place().verdict, Verdict::kOk);
  world.bank->Pay(1'999);
  const v1::Order listed = world.order();  // As a round has read it before the news came.
  EXPECT_EQ(world.Settle().progress, Progress::kBooked);
  EXPECT_EQ(world.orders->Settle(listed).progress, Progress::kBooked);
  EXPECT_EQ(world.core->booked_kopecks(), 1'999);
}

TEST(OrdersTest, WhatTheBankDoesNotKnowIsGivenUpAfterADay) {
  OrderWorld world;
  world.bank->link = absl::UnavailableError("lost");
  (void)world.Place();
  world.bank->Say(BankState::kUnknown);
  world.core->now += kForgottenAfter - absl::Seconds(1);
  EXPECT_EQ(world.Settle().progress, Progress::kOpen);
  world.core->now += absl::Seconds(1);
  EXPECT_EQ(world.Settle().progress, Progress::kFailed);
  EXPECT_EQ(world.order().state(), v1::ORDER_STATE_FAILED);
}

TEST(OrdersTest, ABankThatIsSilentOrTalksNonsenseChangesNothing) {
  OrderWorld world;
  ASSERT_EQ(world.Place().verdict, Verdict::kOk);
  const int calls = world.core->calls;
  world.core->now += absl::Hours(100);  // Silence is no answer, however long it lasts.
  world.bank->status = absl::UnavailableError("silent");
  EXPECT_EQ(world.Settle().progress, Progress::kUndecided);
  world.bank->status = absl::DataLossError("nonsense");
  const Settled settled = world.Settle();
  EXPECT_EQ(settled.progress, Progress::kUntrusted);
  EXPECT_EQ(settled.fault, "nonsense");
  EXPECT_EQ(world.core->calls, calls);
}

TEST(OrdersTest, AnIdThatIsBookedForAnotherIsLeftForAPerson) {
  OrderWorld world;
  ASSERT_EQ(world.Place().verdict, Verdict::kOk);
  world.bank->Pay(1'999);
  world.core->payments[kBankId].set_paid_kopecks(5);
  const Settled settled = world.Settle();
  EXPECT_EQ(settled.progress, Progress::kUntrusted);
  EXPECT_NE(settled.fault.find("PAYMENT_DIFFERS"), std::string::npos) << settled.fault;
  EXPECT_EQ(world.order().state(), v1::ORDER_STATE_OPEN);
}

TEST(OrderPollerTest, ARoundSettlesEveryPageAndTellsOfEnds) {
  OrderWorld world;
  constexpr int kOrders = 150;
  for (int i = 0; i < kOrders; ++i) ASSERT_EQ(world.Place(100 + i).verdict, Verdict::kOk);
  std::vector<OrderNews> news;
  OrderPoller poller(
      {.orders = world.orders, .log = [&](const OrderNews& one) { news.push_back(one); }});
  world.bank->Say(BankState::kFailed);
  for (int round = 0; round < 3; ++round) poller.RunRound();
  EXPECT_EQ(news.size(), world.core->orders.size());
  for (const auto& [number, order] : world.core->orders) {
    EXPECT_EQ(order.state(), v1::ORDER_STATE_FAILED);
  }
}

TEST(OrderPollerTest, ARoundIsBoundedAndTheNextGoesOn) {
  OrderWorld world;
  for (int i = 0; i < 500; ++i) {
    v1::Order& order = world.core->orders[std::to_string(1'000 + i)];
    order.set_order_number(std::to_string(1'000 + i));
    order.set_state(v1::ORDER_STATE_OPEN);
    order.mutable_opened_at()->set_seconds(absl::ToUnixSeconds(world.core->now));
  }
  OrderPoller poller({.orders = world.orders});
  poller.RunRound();
  EXPECT_EQ(world.bank->asked.size(), kAskedPerRoundMax);
  poller.RunRound();
  poller.RunRound();
  const std::set<std::string> asked(world.bank->asked.begin(), world.bank->asked.end());
  EXPECT_EQ(asked.size(), 500u) << "none waits for ever";
}

TEST(OrderPollerTest, AnOldOrderIsAskedAboutLessOften) {
  OrderWorld world;
  ASSERT_EQ(world.Place().verdict, Verdict::kOk);
  OrderPoller poller({.orders = world.orders});
  world.core->now += absl::Hours(1);
  poller.RunRound();
  poller.RunRound();
  EXPECT_EQ(world.bank->asked.size(), 1u);
  world.core->now += absl::Minutes(3);
  poller.RunRound();
  EXPECT_EQ(world.bank->asked.size(), 2u);
}

TEST(OrderPollerTest, ACoreThatIsAwayIsAskedAgain) {
  OrderWorld world;
  ASSERT_EQ(world.Place().verdict, Verdict::kOk);
  world.bank->Pay(1'999);
  std::vector<OrderNews> news;
  OrderPoller poller(
      {.orders = world.orders, .log = [&](const OrderNews& one) { news.push_back(one); }});
  world.core->list = grpc::Status(grpc::StatusCode::UNAVAILABLE, "away");
  poller.RunRound();
  ASSERT_EQ(news.size(), 1u);
  EXPECT_EQ(news[0].settled.progress, Progress::kUndecided);
  world.core->list = grpc::Status::OK;
  poller.RunRound();
  EXPECT_EQ(world.core->booked_kopecks(), 1'999);
}

TEST(OrderPollerTest, ItStopsAtOnceHoweverLongItsPeriodIs) {
  OrderWorld world;
  OrderPoller poller({.orders = world.orders, .period = std::chrono::hours(1)});
  poller.Start();
  while (world.core->lists == 0) std::this_thread::yield();
  const auto begin = std::chrono::steady_clock::now();
  poller.Stop();
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(1));
  EXPECT_TRUE(world.bank->interrupted);
}

}  // namespace
}  // namespace ladon::channels
