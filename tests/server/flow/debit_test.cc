// Goal: a debit takes exactly the price of an allowed basket from exactly the right purse, once.
// Method: sales by card, palm and token in a real house; each rule broken alone; after every
// refusal the balance is what it was.
#include "server/flow/debit.h"

#include "tests/server/flow/flow_world.h"

namespace ladon::flow {
namespace {

using testing::IsOk;

constexpr int64_t kStart = 100'000;
constexpr uint8_t kMilkPurse = 3;

class DebitTest : public ::testing::Test {
 protected:
  DebitTest() {
    world_.GiveCard(school_, pupil_.id, card_);
    palm_ = world_.GivePalm(school_, pupil_.id);
  }

  DebitInput ByCard(std::vector<BasketLine> lines = {LineOf(kSoup)}) {
    return world_.SaleOf(school_, PayMeans(card_), std::move(lines));
  }
  DebitInput ByPalm(Liveness liveness, std::vector<BasketLine> lines = {LineOf(kSoup)}) {
    return world_.SaleOf(school_, PayMeans(world_.ProbeOf(palm_, liveness)), std::move(lines));
  }
  DebitInput ByToken(std::vector<BasketLine> lines = {LineOf(kSoup)}) {
    const auto found = world_.Identify(world_.Till(school_), card_);
    EXPECT_THAT(found, IsOk());
    return world_.SaleOf(school_, found->token, std::move(lines));
  }
  absl::StatusOr<DebitAnswer> Pay(const DebitInput& input) {
    return world_.Debit(world_.Till(school_), input);
  }
  // `input` is refused for `reason` and moves nothing.
  void ExpectRefused(const DebitInput& input, Reason reason) {
    const int64_t before = Balance();
    const auto refused = Pay(input);
    EXPECT_EQ(ReasonOf(refused), reason) << refused.status();
    EXPECT_EQ(Balance(), before);
  }
  int64_t Balance() const { return world_.Balance(purse_); }
  int64_t CatererBalance() const { return world_.Balance(school_.caterer.payable_account); }

  FlowWorld world_;
  TestSchool school_ = world_.MakeSchool();
  SubjectView pupil_ = world_.MakePupil(school_, kStart, {kMilkPurse});
  base::AccountId purse_ = pupil_.record.purses[0].second;
  base::AccountId milk_ = pupil_.record.purses[1].second;
  vault::CardNumber card_ = CardOf(1);
  matcher::VeinCode palm_;
};

TEST_F(DebitTest, ByCardPalmAndToken) {
  int64_t sold = 0;
  const DebitInput inputs[] = {ByCard(), ByPalm(Liveness::kPass, {LineOf(kBun)}),
                               ByToken({LineOf(kSoup), LineOf(kBun, 2)})};
  for (const DebitInput& input : inputs) {
    ASSERT_OK_AND_ASSIGN(const DebitAnswer answer, Pay(input));
    sold += input.basket.total_kopecks;
    EXPECT_EQ(world_.last_audit().object, pupil_.id.bytes);
    EXPECT_EQ(world_.last_audit().journal_index, answer.journal_index);
    EXPECT_EQ(world_.last_audit().request, input.request.key.digest.bytes);
    EXPECT_EQ(answer.payer.display_name, "Иван П., 5А");
    EXPECT_EQ(answer.payer.balance_kopecks, kStart - sold);
    EXPECT_EQ(answer.service_day, kToday);
    EXPECT_GE(answer.booked_at_ns, kNoonNs);
    EXPECT_FALSE(answer.replayed);
    EXPECT_EQ(Balance(), kStart - sold);
    EXPECT_EQ(CatererBalance(), sold);
  }
}

TEST_F(DebitTest, TheWrongTotalOrPriceSellsNothing) {
  DebitInput input = ByCard();
  --input.basket.total_kopecks;
  ExpectRefused(input, Reason::kTotalMismatch);
  input = ByCard();
  input.basket.lines[0].unit_price_kopecks -= 100;
  input.basket.total_kopecks -= 100;
  ExpectRefused(input, Reason::kPriceNotOnList);
  input = ByCard();
  input.basket.caterer = IdOf<base::CatererId>(404);
  ExpectRefused(input, Reason::kCatererUnknown);
}

TEST_F(DebitTest, AFreeAmountGoesAsFarAsTheSchoolAllows) {
  ASSERT_THAT(Pay(ByCard({FreeLine(50'000)})), IsOk());
  EXPECT_EQ(Balance(), kStart - 50'000);
  ExpectRefused(ByCard({FreeLine(50'001)}), Reason::kFreeAmountNotAllowed);
}

TEST_F(DebitTest, OnePurseALineAllOrNothing) {
  world_.TopUpPurse(school_, milk_, 4'000);
  ASSERT_THAT(Pay(ByCard({LineOf(kSoup), LineOf(kBun, 1, kMilkPurse)})), IsOk());
  EXPECT_EQ(Balance(), kStart - kSoupKopecks);
  EXPECT_EQ(world_.Balance(milk_), 4'000 - kBunKopecks);
  // The second purse is empty now: the first pays nothing either.
  ExpectRefused(ByCard({LineOf(kSoup, 2), LineOf(kBun, 1, kMilkPurse)}),
                Reason::kInsufficientFunds);
  EXPECT_EQ(world_.Balance(milk_), 4'000 - kBunKopecks);
  ExpectRefused(ByCard({LineOf(kSoup, 3, 4)}), Reason::kPurseNotOpen);
}

TEST_F(DebitTest, TooLittleMoneyBurnsTheId) {
  const DebitInput input = ByCard({LineOf(kSoup, 9)});
  ExpectRefused(input, Reason::kInsufficientFunds);
  world_.TopUpPurse(school_, purse_, 1'000'000);
  ExpectRefused(input, Reason::kInsufficientFunds);
  DebitInput again = input;
  again.request = world_.Fresh(world_.Till(school_));
  EXPECT_THAT(Pay(again), IsOk());
}

TEST_F(DebitTest, ARefusalBeforeTheLedgerBurnsNothing) {
  DebitInput input = ByCard();
  input.means = PayMeans(CardOf(77));
  ExpectRefused(input, Reason::kCardUnknown);
  world_.GiveCard(school_, pupil_.id, CardOf(77));
  EXPECT_THAT(Pay(input), IsOk());
}

TEST_F(DebitTest, ATokenPaysOnce) {
  const DebitInput first = ByToken();
  ASSERT_THAT(Pay(first), IsOk());
  DebitInput second = first;
  second.request = world_.Fresh(world_.Till(school_));
  second.repeat_confirmed = true;
  ExpectRefused(second, Reason::kTokenAlreadyUsed);
}

TEST_F(DebitTest, ARefusedSaleDoesNotUseTheTokenUp) {
  const DebitInput dear = ByToken({LineOf(kSoup, 9)});
  ExpectRefused(dear, Reason::kInsufficientFunds);
  EXPECT_THAT(Pay(world_.SaleOf(school_, std::get<std::string>(dear.means), {LineOf(kSoup)})),
              IsOk());
}

TEST_F(DebitTest, ATokenIsForOneTillAndThirtySeconds) {
  DebitInput input = ByToken();
  const auto elsewhere = world_.Debit(world_.OtherTill(school_), input);
  EXPECT_EQ(ReasonOf(elsewhere), Reason::kTokenInvalid);
  world_.now_ns += kTokenLifetimeNs;
  ExpectRefused(input, Reason::kTokenExpired);
  input = ByToken();
  world_.Restart();
  ExpectRefused(input, Reason::kTokenInvalid);
  input.means = std::string("no token");
  ExpectRefused(input, Reason::kTokenInvalid);
}

TEST_F(DebitTest, AWithdrawnConsentWinsOverATokenInHand) {
  for (const auto kind : {vault::ConsentKind::kPersonalData, vault::ConsentKind::kBiometric}) {
    const SubjectView pupil = world_.MakePupil(school_, kStart);
    const matcher::VeinCode palm = world_.GivePalm(school_, pupil.id);
    ASSERT_OK_AND_ASSIGN(const IdentifyAnswer found,
                         world_.Identify(world_.Till(school_), world_.ProbeOf(palm)));
    ASSERT_THAT(world_.Call<WithdrawAnswer>(world_.Desk(school_.school.id),
                                            "EnrolmentService/WithdrawConsent",
                                            [&](const access::Caller& c, auto done) {
                                              WithdrawConsent(world_.house(), c, world_.Fresh(c),
                                                              pupil.id, kind, std::move(done));
                                            }),
                IsOk());
    const auto refused = Pay(world_.SaleOf(school_, found.token, {LineOf(kSoup)}));
    EXPECT_EQ(ReasonOf(refused), Reason::kConsentMissing);
    EXPECT_EQ(world_.Balance(pupil.record.purses[0].second), kStart);
  }
}

TEST_F(DebitTest, ACardThatWasBlockedWinsOverATokenInHand) {
  const DebitInput input = ByToken();
  ASSERT_THAT(
      world_.Call<CardAnswer>(world_.Desk(school_.school.id), "EnrolmentService/SetCardState",
                              [&](const access::Caller& c, auto done) {
                                SetCardState(world_.house(), c, world_.Fresh(c), card_,
                                             vault::CardState::kLost, std::move(done));
                              }),
      IsOk());
  ExpectRefused(input, Reason::kCardLost);
}

TEST_F(DebitTest, UnknownLivenessAndALargeSumNeedASecondMeans) {
  ASSERT_THAT(Pay(ByPalm(Liveness::kUnknown, {FreeLine(20'000)})), IsOk()) << "at the mark";
  DebitInput input = ByPalm(Liveness::kUnknown, {FreeLine(20'001)});
  ExpectRefused(input, Reason::kSecondMeansNeeded);
  const SubjectView other = world_.MakePupil(school_);
  world_.GiveCard(school_, other.id, CardOf(2));
  input.second_means = CardOf(2);
  ExpectRefused(input, Reason::kSecondMeansMismatch);
  input.second_means = CardOf(3);
  ExpectRefused(input, Reason::kCardUnknown);
  input.second_means = card_;
  EXPECT_THAT(Pay(input), IsOk());
  EXPECT_THAT(Pay(ByPalm(Liveness::kPass, {FreeLine(20'002)})), IsOk());
  ExpectRefused(ByPalm(Liveness::kFail, {FreeLine(1)}), Reason::kLivenessFailed);
}

TEST_F(DebitTest, UnknownLivenessTravelsInTheToken) {
  ASSERT_OK_AND_ASSIGN(
      const IdentifyAnswer found,
      world_.Identify(world_.Till(school_), world_.ProbeOf(palm_, Liveness::kUnknown)));
  DebitInput input = world_.SaleOf(school_, found.token, {FreeLine(20'001)});
  ExpectRefused(input, Reason::kSecondMeansNeeded);
  input.second_means = card_;
  EXPECT_THAT(Pay(input), IsOk());
}

TEST_F(DebitTest, ABlockedSecondCardIsNoSecondMeans) {
  DebitInput input = ByPalm(Liveness::kUnknown, {FreeLine(20'001)});
  input.second_means = card_;
  ASSERT_THAT(
      world_.Call<CardAnswer>(world_.Desk(school_.school.id), "EnrolmentService/SetCardState",
                              [&](const access::Caller& c, auto done) {
                                SetCardState(world_.house(), c, world_.Fresh(c), card_,
                                             vault::CardState::kBlocked, std::move(done));
                              }),
      IsOk());
  ExpectRefused(input, Reason::kCardBlocked);
}

TEST_F(DebitTest, NobodyAndAmbiguousPayNothing) {
  DebitInput input = ByCard();
  input.means = PayMeans(world_.ProbeOf(world_.NewPalm()));
  ExpectRefused(input, Reason::kPalmNotRecognised);
}

TEST_F(DebitTest, TheSameAgainWithinTenMinutesIsAQuestion) {
  ASSERT_THAT(Pay(ByCard()), IsOk());
  world_.now_ns += kRepeatWindowNs - kSecondNs;
  DebitInput again = ByCard();
  ExpectRefused(again, Reason::kPossibleRepeat);
  EXPECT_THAT(Pay(ByCard({LineOf(kBun)})), IsOk()) << "another basket is no repeat";
}

TEST_F(DebitTest, AQuestionBurnsNothingAndCanBeConfirmed) {
  ASSERT_THAT(Pay(ByCard()), IsOk());
  DebitInput again = ByPalm(Liveness::kPass);  // Other means, same child and basket.
  ExpectRefused(again, Reason::kPossibleRepeat);
  again.repeat_confirmed = true;
  EXPECT_THAT(Pay(again), IsOk());
  EXPECT_EQ(Balance(), kStart - 2 * kSoupKopecks);
}

TEST_F(DebitTest, AfterTenMinutesItIsNoQuestion) {
  ASSERT_THAT(Pay(ByCard()), IsOk());
  world_.now_ns += kRepeatWindowNs + kSecondNs;
  EXPECT_THAT(Pay(ByCard()), IsOk());
}

TEST_F(DebitTest, AfterACancelItIsNoQuestion) {
  DebitInput first = ByCard();
  const base::RequestId id = world_.FreshId();
  first.request = world_.RequestOf(world_.Till(school_), id);
  ASSERT_THAT(Pay(first), IsOk());
  const access::Caller till = world_.Till(school_);
  ASSERT_THAT(world_.Cancel(till, {.request = world_.Fresh(till),
                                   .debit_request_id = id,
                                   .lines = {},
                                   .reason = 2,
                                   .terminal = till.principal.id}),
              IsOk());
  EXPECT_THAT(Pay(ByCard()), IsOk());
  EXPECT_EQ(Balance(), kStart - kSoupKopecks);
}

TEST_F(DebitTest, AFrozenPursePaysNothing) {
  ASSERT_THAT(world_.Call<uint64_t>(world_.Cashier(school_.school.id), "AccountsService/SetFrozen",
                                    [&](const access::Caller& c, auto done) {
                                      SetFrozen(world_.house(), c, world_.Fresh(c), purse_, true,
                                                std::move(done));
                                    }),
              IsOk());
  ExpectRefused(ByCard(), Reason::kAccountFrozen);
}

TEST_F(DebitTest, AnUnknownSchoolSellsNothing) {
  TestSchool nowhere = school_;
  nowhere.school.id = IdOf<base::SchoolId>(404);
  const auto refused = world_.Debit(world_.Till(nowhere), ByCard());
  EXPECT_EQ(ReasonOf(refused), Reason::kSchoolUnknown);
}

}  // namespace
}  // namespace ladon::flow
