// Goal: palm, card and class list take one path: the same price, limits, steps and codes; and what
// a list alone can (book late) never reaches a day to come, a day too old, or a closed one. Method:
// each rule of a sale broken alone, once by every means, in a real house; the entries that the
// means leave compared; a clock that walks over a weekend.
#include <functional>
#include <optional>
#include <string>

#include "server/base/calendar.h"
#include "server/flow/class_list.h"
#include "server/flow/payout.h"
#include "server/flow/pin.h"
#include "server/flow/spending_limits.h"
#include "tests/server/flow/flow_world.h"

namespace ladon::flow {
namespace {

using testing::IsOk;

constexpr int64_t kStart = 100'000;

// A pupil with a palm and a card in a school, and a sale by whatever means.
class MeansWorld {
 public:
  MeansWorld() {
    world.GiveCard(school, pupil.id, card);
    palm = world.GivePalm(school, pupil.id);
  }

  DebitInput Sale(Means means, std::vector<BasketLine> lines = {LineOf(kSoup)}) {
    switch (means) {
      case Means::kPalm:
        return world.SaleOf(school, PayMeans(world.ProbeOf(palm)), std::move(lines));
      case Means::kCard:
        return world.SaleOf(school, PayMeans(card), std::move(lines));
      case Means::kList:
        break;
    }
    return ByList({.subject = pupil.id}, std::move(lines));
  }
  DebitInput ByList(const ListMeans& list, std::vector<BasketLine> lines = {LineOf(kSoup)}) {
    return world.SaleOf(school, PayMeans(list), std::move(lines));
  }
  // At the place where such a sale is made.
  absl::StatusOr<DebitAnswer> Pay(const DebitInput& input) {
    const auto* const means = std::get_if<PayMeans>(&input.means);
    const bool by_list = means != nullptr && std::holds_alternative<ListMeans>(*means);
    return world.Debit(by_list ? cashier : world.Till(school), input);
  }
  int64_t Balance() const { return world.Balance(purse); }
  ledger::Entry EntryOf(const absl::StatusOr<DebitAnswer>& answer) {
    EXPECT_THAT(answer, IsOk());
    const auto entry = world.house().ledger->ReadEntry(answer->journal_index);
    EXPECT_THAT(entry, IsOk());
    return *entry;
  }
  // Money's own calls, which all tell a journal index.
  void Do(const char* rpc,
          const std::function<void(const access::Caller&, Done<uint64_t>)>& start) {
    ASSERT_THAT(world.Call<uint64_t>(cashier, rpc, start), IsOk());
  }
  void Overdraw(int64_t kopecks) {
    Do("AccountsService/SetOverdraftLimit", [&](const access::Caller& c, auto done) {
      SetOverdraftLimit(world.house(), c, world.Fresh(c), purse, kopecks, std::move(done));
    });
  }
  void Limit(const SpendingLimits& limits) {
    Do("AccountsService/SetLimits", [&](const access::Caller& c, auto done) {
      SetLimits(world.house(), c, world.Fresh(c), purse, limits, std::move(done));
    });
  }
  void SetState(vault::SubjectState state) {
    const SubjectChange change{.id = pupil.id,
                               .family_name = "Петров",
                               .given_name = "Иван",
                               .class_name = "5А",
                               .state = state};
    ASSERT_THAT(world.Call<SubjectAnswer>(
                    world.Desk(school.school.id), "EnrolmentService/UpdateSubject",
                    [&](const access::Caller& c, auto done) {
                      UpdateSubject(world.house(), c, world.Fresh(c), change, std::move(done));
                    }),
                IsOk());
  }

  FlowWorld world;
  TestSchool school = world.MakeSchool();
  access::Caller cashier = world.Cashier(school.school.id);
  SubjectView pupil = world.MakePupil(school, kStart);
  base::AccountId purse = pupil.record.purses[0].second;
  vault::CardNumber card = CardOf(1);
  matcher::VeinCode palm;
};

// --- one path
// --------------------------------------------------------------------------------------

class OnePathTest : public ::testing::TestWithParam<Means>, protected MeansWorld {
 protected:
  void ExpectRefused(const DebitInput& input, Reason reason) {
    const int64_t before = Balance();
    const auto refused = Pay(input);
    EXPECT_EQ(ReasonOf(refused), reason) << refused.status();
    EXPECT_EQ(Balance(), before);
  }
  DebitInput Buy(std::vector<BasketLine> lines = {LineOf(kSoup)}) {
    return Sale(GetParam(), std::move(lines));
  }
};

TEST_P(OnePathTest, TakesThePriceOfTheListAndNothingElse) {
  ASSERT_OK_AND_ASSIGN(const DebitAnswer sold, Pay(Buy({LineOf(kSoup), LineOf(kBun, 2)})));
  const int64_t price = kSoupKopecks + 2 * kBunKopecks;
  EXPECT_EQ(Balance(), kStart - price);
  EXPECT_EQ(world.Balance(school.caterer.payable_account), price);
  EXPECT_EQ(sold.payer.display_name, "Иван П., 5А");
  EXPECT_EQ(sold.payer.balance_kopecks, kStart - price);
  EXPECT_EQ(sold.service_day, kToday);
  EXPECT_EQ(sold.effective_day, kToday);
  EXPECT_EQ(world.last_audit().object, pupil.id.bytes);
  EXPECT_EQ(world.last_audit().journal_index, sold.journal_index);
}

TEST_P(OnePathTest, AWrongBasket) {
  DebitInput input = Buy();
  --input.basket.total_kopecks;
  ExpectRefused(input, Reason::kTotalMismatch);
  input = Buy();
  input.basket.lines[0].unit_price_kopecks -= 100;
  input.basket.total_kopecks -= 100;
  ExpectRefused(input, Reason::kPriceNotOnList);
  input = Buy();
  input.basket.caterer = IdOf<base::CatererId>(404);
  ExpectRefused(input, Reason::kCatererUnknown);
  ExpectRefused(Buy({FreeLine(50'001)}), Reason::kFreeAmountNotAllowed);
  ExpectRefused(Buy({LineOf(kSoup, 1, 4)}), Reason::kPurseNotOpen);
}

TEST_P(OnePathTest, TooLittleMoneyAndTheOverdraft) {
  constexpr uint32_t kQuantity = 9;  // 108 000 of the 100 000 that are there.
  ExpectRefused(Buy({LineOf(kSoup, kQuantity)}), Reason::kInsufficientFunds);
  Overdraw(kQuantity * kSoupKopecks - kStart - 1);
  ExpectRefused(Buy({LineOf(kSoup, kQuantity)}), Reason::kInsufficientFunds);
  Overdraw(kQuantity * kSoupKopecks - kStart);
  EXPECT_THAT(Pay(Buy({LineOf(kSoup, kQuantity)})), IsOk()) << "exactly as far as it is allowed";
  EXPECT_EQ(Balance(), kStart - kQuantity * kSoupKopecks);
  ExpectRefused(Buy({FreeLine(1)}), Reason::kInsufficientFunds);
}

TEST_P(OnePathTest, LimitsAndBans) {
  Limit({.per_purchase_kopecks = kSoupKopecks,
         .per_service_day_kopecks = 2 * kSoupKopecks - 1,
         .banned_categories = {kBun}});
  ExpectRefused(Buy({LineOf(kBun)}), Reason::kCategoryBanned);
  ExpectRefused(Buy({LineOf(kSoup), FreeLine(1)}), Reason::kPurchaseLimitExceeded);
  ASSERT_THAT(Pay(Buy()), IsOk());
  DebitInput second = Buy();
  second.repeat_confirmed = true;
  ExpectRefused(second, Reason::kDayLimitExceeded);
  world.now_ns += kDayNs;
  EXPECT_THAT(Pay(Buy()), IsOk()) << "another day";
}

TEST_P(OnePathTest, AFrozenAndAClosedPurse) {
  Do("AccountsService/SetFrozen", [&](const access::Caller& c, auto done) {
    SetFrozen(world.house(), c, world.Fresh(c), purse, true, std::move(done));
  });
  ExpectRefused(Buy(), Reason::kAccountFrozen);
  Do("AccountsService/SetFrozen", [&](const access::Caller& c, auto done) {
    SetFrozen(world.house(), c, world.Fresh(c), purse, false, std::move(done));
  });
  ASSERT_THAT(Pay(Buy({FreeLine(kStart / 2), FreeLine(kStart / 2)})), IsOk());
  Do("AccountsService/SetFrozen", [&](const access::Caller& c, auto done) {
    ReplaceTerms(
        world.house(), c, world.Fresh(c), purse,
        [](ledger::AccountTerms* terms) {
          terms->flags = static_cast<uint16_t>(terms->flags | ledger::kAccountClosed);
        },
        std::move(done));
  });
  ExpectRefused(Buy(), Reason::kAccountClosed);
}

TEST_P(OnePathTest, TheSameAgainIsAQuestionWhateverTheMeansBefore) {
  for (const Means first : {Means::kPalm, Means::kCard, Means::kList}) {
    ASSERT_THAT(Pay(Sale(first)), IsOk());
    ExpectRefused(Buy(), Reason::kPossibleRepeat);
    DebitInput confirmed = Buy();
    confirmed.repeat_confirmed = true;
    EXPECT_THAT(Pay(confirmed), IsOk());
    world.now_ns += kRepeatWindowNs + kSecondNs;
  }
}

TEST_P(OnePathTest, TheBudgetPaysItsPart) {
  const MealEntitlement soup{.category = kSoup,
                             .cap_kopecks = 9'000,
                             .uses_per_day = 1,
                             .valid_from = kToday,
                             .valid_to = kToday,
                             .document_id = "order-3"};
  // Not a verb of one record: the budget's account is opened first.
  ASSERT_THAT(WaitFor<uint64_t>([&](Done<uint64_t> done) {
                SetEntitlements(world.house(), cashier, world.Fresh(cashier), purse, {soup},
                                std::move(done));
              }),
              IsOk());
  ASSERT_THAT(Pay(Buy()), IsOk());
  EXPECT_EQ(Balance(), kStart - (kSoupKopecks - 9'000));
}

TEST_P(OnePathTest, ABlockedChildIsNotServed) {
  SetState(vault::SubjectState::kBlocked);
  ExpectRefused(Buy(), Reason::kSubjectBlocked);
}

TEST_P(OnePathTest, APinIsChecked) {
  DebitInput input = Buy();
  input.pin = "4821";
  ExpectRefused(input, Reason::kPinNotSet);
  world.GivePin(school, pupil.id, "5930");
  ExpectRefused(input, Reason::kPinWrong);
  input.pin = "5930";
  EXPECT_THAT(Pay(input), IsOk());
}

TEST_P(OnePathTest, ARepeatGetsTheStoredAnswer) {
  const DebitInput input = Buy();
  ASSERT_OK_AND_ASSIGN(const DebitAnswer first, Pay(input));
  SetState(vault::SubjectState::kBlocked);
  ASSERT_OK_AND_ASSIGN(const DebitAnswer again, Pay(input));
  EXPECT_TRUE(again.replayed);
  EXPECT_EQ(again.transaction, first.transaction);
  EXPECT_EQ(again.journal_index, first.journal_index);
  EXPECT_EQ(Balance(), kStart - kSoupKopecks);
}

INSTANTIATE_TEST_SUITE_P(ByEveryMeans, OnePathTest,
                         ::testing::Values(Means::kPalm, Means::kCard, Means::kList),
                         [](const auto& one) -> std::string {
                           switch (one.param) {
                             case Means::kPalm:
                               return "Palm";
                             case Means::kCard:
                               return "Card";
                             case Means::kList:
                               return "List";
                           }
                           return "";
                         });

// --- what is of the list alone
// ---------------------------------------------------------------------

class ListBookingTest : public ::testing::Test, protected MeansWorld {
 protected:
  absl::StatusOr<DebitAnswer> BookFor(uint32_t meal_day, uint32_t quantity = 1) {
    DebitInput input =
        ByList({.subject = pupil.id, .meal_day = meal_day}, {LineOf(kSoup, quantity)});
    input.repeat_confirmed = true;
    return Pay(input);
  }
  absl::StatusOr<CancelAnswer> CancelOwn(const access::Caller& who, const base::RequestId& booked) {
    return world.Cancel(who, {.request = world.Fresh(who),
                              .debit_request_id = booked,
                              .lines = {},
                              .reason = 1,
                              .terminal = {}});
  }
  absl::StatusOr<ClassPage> List(const std::string& class_name, const base::SubjectId& after = {},
                                 size_t limit = 100) {
    return world.Call<ClassPage>(
        cashier, "TerminalService/ListClass", [&](const access::Caller& c, auto done) {
          ListClass(world.house(), c, class_name, after, limit, std::move(done));
        });
  }
};

TEST_F(ListBookingTest, TheEntryDiffersInMeansReasonAndNothingElse) {
  std::optional<ledger::Entry> first;
  for (const Means means : {Means::kPalm, Means::kCard, Means::kList}) {
    DebitInput input = Sale(means, {LineOf(kSoup), LineOf(kBun)});
    input.repeat_confirmed = true;
    const ledger::Entry entry = EntryOf(Pay(input));
    EXPECT_EQ(entry.leaf.reason, means == Means::kList ? 1 : 0);
    const auto& context = std::get<ledger::Context>(entry.openings.back());
    EXPECT_EQ(context.means, static_cast<uint8_t>(means));
    if (!first) first = entry;
    EXPECT_EQ(entry.leaf.kind, first->leaf.kind);
    EXPECT_EQ(entry.leaf.document, first->leaf.document);
    EXPECT_EQ(entry.leaf.service_date, first->leaf.service_date);
    EXPECT_EQ(entry.leaf.effective_date, first->leaf.effective_date);
    ASSERT_EQ(entry.openings.size(), first->openings.size());
    for (size_t i = 0; i < entry.openings.size(); ++i) {
      EXPECT_EQ(ledger::OpeningKind(entry.openings[i]), ledger::OpeningKind(first->openings[i]));
      const auto* const posting = std::get_if<ledger::Posting>(&entry.openings[i]);
      if (posting == nullptr) continue;
      EXPECT_EQ(posting->account, std::get<ledger::Posting>(first->openings[i]).account);
      EXPECT_EQ(posting->amount_kopecks,
                std::get<ledger::Posting>(first->openings[i]).amount_kopecks);
    }
  }
}

TEST_F(ListBookingTest, ItStandsForATillOfTheSchool) {
  const ledger::Entry entry = EntryOf(Pay(ByList({.subject = pupil.id,
                                                  .reason = BookingReason::kOutage,
                                                  .stands_for = {school.till.id.bytes}})));
  EXPECT_EQ(entry.leaf.reason, 2);
  EXPECT_EQ(std::get<ledger::Context>(entry.openings.back()).actor.bytes, school.till.id.bytes);
  const TestSchool other = world.MakeSchool();
  const auto refused =
      Pay(ByList({.subject = pupil.id, .stands_for = {other.till.id.bytes}}, {LineOf(kBun)}));
  EXPECT_EQ(ReasonOf(refused), Reason::kTerminalUnknown);
  EXPECT_EQ(FieldOf(refused), "terminal_id");
}

TEST_F(ListBookingTest, NobodyOfAnotherSchoolIsOnTheList) {
  const TestSchool other = world.MakeSchool();
  const SubjectView foreign = world.MakePupil(other, kStart);
  EXPECT_EQ(ReasonOf(Pay(ByList({.subject = foreign.id}))), Reason::kSubjectUnknown);
  EXPECT_EQ(ReasonOf(Pay(ByList({.subject = IdOf<base::SubjectId>(404)}))),
            Reason::kSubjectUnknown);
  EXPECT_EQ(world.Balance(foreign.record.purses[0].second), kStart);
}

TEST_F(ListBookingTest, FiveSchoolDaysLateAndNotSix) {
  // kToday is a Tuesday: Wednesday to Saturday are four days, Monday is the fifth.
  world.now_ns = kNoonNs + 6 * kDayNs;
  ASSERT_OK_AND_ASSIGN(const DebitAnswer late, BookFor(kToday));
  EXPECT_EQ(late.effective_day, kToday);
  EXPECT_EQ(late.service_day, kToday + 6);
  world.now_ns = kNoonNs + 7 * kDayNs;
  const auto refused = BookFor(kToday);
  EXPECT_EQ(ReasonOf(refused), Reason::kFieldInvalid);
  EXPECT_EQ(FieldOf(refused), "effective_date");
  EXPECT_THAT(BookFor(kToday + 1), IsOk());
}

TEST_F(ListBookingTest, NeverIntoADayToCome) {
  const auto refused = BookFor(kToday + 1);
  EXPECT_EQ(ReasonOf(refused), Reason::kFieldInvalid);
  EXPECT_EQ(FieldOf(refused), "effective_date");
  EXPECT_THAT(BookFor(kToday), IsOk());
  // Where it is tomorrow already, the school's day counts: 19:00 UTC is 02:00 in Tomsk.
  world.now_ns = kNoonNs + 14 * kHourNs;
  EXPECT_THAT(BookFor(kToday + 1), IsOk());
}

TEST_F(ListBookingTest, SchoolDaysAreCountedByTheCalendarOfTheHouse) {
  const auto every_day = [](uint32_t) { return true; };
  const auto holidays = [](uint32_t day) { return day <= 2026'12'30 || day >= 2027'01'11; };
  EXPECT_EQ(SchoolDaysLate(2026'09'01, 2026'09'01, every_day), 0U);
  EXPECT_EQ(SchoolDaysLate(2026'09'01, 2026'09'06, every_day), 5U);
  EXPECT_GT(SchoolDaysLate(2026'09'01, 2026'09'07, every_day), kLateSchoolDaysMax);
  EXPECT_EQ(SchoolDaysLate(2026'12'30, 2027'01'11, holidays), 1U);
  EXPECT_EQ(SchoolDaysLate(2026'12'30, 2027'01'10, holidays), 0U);
  const auto never = [](uint32_t) { return false; };
  const uint32_t longest_ago = base::AddDays(kToday, -static_cast<int32_t>(kLateCalendarDaysMax));
  EXPECT_EQ(SchoolDaysLate(longest_ago, kToday, never), 0U);
  EXPECT_GT(SchoolDaysLate(base::AddDays(longest_ago, -1), kToday, never), kLateSchoolDaysMax);
  EXPECT_TRUE(IsUsualSchoolDay(2026'09'05)) << "a Saturday";
  EXPECT_FALSE(IsUsualSchoolDay(2026'09'06)) << "a Sunday";
  EXPECT_FALSE(IsUsualSchoolDay(2026'11'04)) << "a statutory holiday";

  House house = world.house();
  const ListMeans list{.subject = pupil.id, .meal_day = 2026'12'30};
  EXPECT_EQ(ReasonOf(MealDayOf(house, list, 2027'01'14)), Reason::kFieldInvalid);
  house.is_school_day = holidays;
  EXPECT_THAT(MealDayOf(house, list, 2027'01'14), IsOk());
}

TEST_F(ListBookingTest, TheMealCostsWhatItCostOnItsDay) {
  world.PutList(school, kToday + 1, 15'000);
  world.now_ns += kDayNs;
  EXPECT_THAT(BookFor(kToday), IsOk());
  EXPECT_EQ(Balance(), kStart - kSoupKopecks);
  EXPECT_EQ(ReasonOf(BookFor(kToday + 1)), Reason::kPriceNotOnList);
}

TEST_F(ListBookingTest, ALateMealCountsForTheDayItIsBookedOn) {
  Limit({.per_purchase_kopecks = std::nullopt,
         .per_service_day_kopecks = 2 * kSoupKopecks,
         .banned_categories = {}});
  ASSERT_THAT(BookFor(kToday), IsOk());
  world.now_ns += kDayNs;
  ASSERT_THAT(BookFor(kToday + 1), IsOk());
  ASSERT_THAT(BookFor(kToday), IsOk());
  EXPECT_EQ(ReasonOf(BookFor(kToday + 1)), Reason::kDayLimitExceeded)
      << "a late one does not begin the day anew";
}

TEST_F(ListBookingTest, AClosedDayGetsNothing) {
  ASSERT_THAT(BookFor(kToday), IsOk());
  world.now_ns += kDayNs;
  ASSERT_OK_AND_ASSIGN(const ledger::BookedClosing closing,
                       world.house().ledger->BookClosing(kToday));
  const ledger::Entry late = EntryOf(BookFor(kToday));
  EXPECT_GT(late.leaf.index, closing.index);
  EXPECT_EQ(late.leaf.service_date, kToday + 1);
  EXPECT_EQ(late.leaf.effective_date, kToday);
  world.Restart();  // Which replays and verifies what was booked.
  EXPECT_EQ(Balance(), kStart - 2 * kSoupKopecks);
  EXPECT_THAT(BookFor(kToday), IsOk());
}

TEST_F(ListBookingTest, TheSameMealOfADayIsAQuestionOnEveryLaterDay) {
  const auto late = [&](std::vector<BasketLine> lines, bool confirmed = false) {
    DebitInput input =
        ByList({.subject = pupil.id, .reason = BookingReason::kOutage, .meal_day = kToday},
               std::move(lines));
    input.repeat_confirmed = confirmed;
    return Pay(input);
  };
  world.now_ns += kDayNs;
  ASSERT_THAT(late({LineOf(kSoup)}), IsOk()) << "one cashier, from the sheet of paper";
  world.now_ns += kDayNs;
  EXPECT_EQ(ReasonOf(late({LineOf(kSoup)})), Reason::kPossibleRepeat) << "another, a day later";
  EXPECT_EQ(Balance(), kStart - kSoupKopecks);
  EXPECT_THAT(late({LineOf(kBun)}), IsOk()) << "another meal of that day";
  EXPECT_THAT(late({LineOf(kSoup, 2)}), IsOk());
  EXPECT_THAT(late({LineOf(kSoup)}, true), IsOk()) << "the child did eat twice";
}

TEST_F(ListBookingTest, ARepeatOfALateBookingGetsItsAnswer) {
  DebitInput input = ByList({.subject = pupil.id, .meal_day = kToday}, {LineOf(kSoup)});
  input.request = world.Fresh(cashier);
  world.now_ns += kDayNs;
  ASSERT_OK_AND_ASSIGN(const DebitAnswer first, world.Debit(cashier, input));
  ASSERT_OK_AND_ASSIGN(const DebitAnswer again, world.Debit(cashier, input));
  EXPECT_TRUE(again.replayed);
  EXPECT_EQ(again.transaction, first.transaction);
  EXPECT_EQ(Balance(), kStart - kSoupKopecks);
}

TEST_F(ListBookingTest, WhatWasTakenBackMayBeBookedAgain) {
  world.now_ns += kDayNs;
  DebitInput input = ByList({.subject = pupil.id, .meal_day = kToday}, {LineOf(kSoup)});
  const base::RequestId id = world.FreshId();
  input.request = world.RequestOf(cashier, id);
  ASSERT_THAT(world.Debit(cashier, input), IsOk());
  ASSERT_THAT(CancelOwn(cashier, id), IsOk());
  input.request = world.Fresh(cashier);
  EXPECT_THAT(world.Debit(cashier, input), IsOk()) << "the right child this time";
}

TEST_F(ListBookingTest, TheStatementSaysHowItWasBooked) {
  ASSERT_THAT(Pay(Sale(Means::kCard)), IsOk());
  world.PutList(school, kToday + 1, 15'000);
  world.now_ns += kDayNs;
  DebitInput late = ByList(
      {.subject = pupil.id, .reason = BookingReason::kOutage, .meal_day = kToday}, {LineOf(kSoup)});
  late.repeat_confirmed = true;
  ASSERT_THAT(Pay(late), IsOk());
  ASSERT_THAT(Pay(ByList({.subject = pupil.id}, {LineOf(kBun)})), IsOk());
  ASSERT_OK_AND_ASSIGN(const Statement statement,
                       world.Call<Statement>(cashier, "AccountsService/GetStatement",
                                             [&](const access::Caller& c, auto done) {
                                               GetStatement(world.house(), c, purse, 1, 100,
                                                            std::move(done));
                                             }));
  std::vector<StatementLine> meals;
  for (const StatementLine& line : statement.lines) {
    if (line.kind == StatementKind::kMeal) {
      meals.push_back(line);
    } else {
      EXPECT_EQ(line.booking_reason, BookingReason::kNone);
    }
  }
  ASSERT_EQ(meals.size(), 3U);
  EXPECT_EQ(meals[0].booking_reason, BookingReason::kNone);
  EXPECT_EQ(meals[1].booking_reason, BookingReason::kOutage);
  EXPECT_EQ(meals[1].service_day, kToday + 1);
  EXPECT_EQ(meals[1].effective_day, kToday);
  EXPECT_EQ(meals[1].item_name, "Суп");
  EXPECT_EQ(meals[2].booking_reason, BookingReason::kNotRecognised);
  EXPECT_EQ(meals[2].effective_day, kToday + 1);
}

TEST_F(ListBookingTest, WhatIsOfNobodyNeverBecomesABookingByList) {
  const uint64_t entries = world.house().ledger->Head().first;
  DebitInput input = Sale(Means::kCard);
  input.means = PayMeans(CardOf(404));
  EXPECT_EQ(ReasonOf(Pay(input)), Reason::kCardUnknown);
  input.means = PayMeans(world.ProbeOf(world.NewPalm()));
  EXPECT_EQ(ReasonOf(Pay(input)), Reason::kPalmNotRecognised);
  EXPECT_EQ(world.house().ledger->Head().first, entries);
}

TEST_F(ListBookingTest, SoManyAMinuteForOneCertificate) {
  const DebitInput booked = ByList({.subject = pupil.id}, {FreeLine(1)});
  ASSERT_THAT(Pay(booked), IsOk());
  for (uint32_t i = 1; i < kListBookingsPerMinute; ++i) {
    DebitInput next = ByList({.subject = pupil.id}, {FreeLine(1)});
    next.repeat_confirmed = true;
    ASSERT_THAT(Pay(next), IsOk()) << i;
  }
  EXPECT_EQ(ReasonOf(Pay(ByList({.subject = pupil.id}))), Reason::kTooManyAttempts);
  ASSERT_OK_AND_ASSIGN(const DebitAnswer again, Pay(booked));
  EXPECT_TRUE(again.replayed) << "a repeat is no other booking";
  EXPECT_THAT(Pay(Sale(Means::kCard)), IsOk()) << "other means go on";
  world.now_ns += kMinuteNs;
  EXPECT_THAT(Pay(ByList({.subject = pupil.id}, {LineOf(kBun)})), IsOk());
}

TEST_F(ListBookingTest, TheCashierTakesBackTheirOwn) {
  const base::RequestId id = world.FreshId();
  DebitInput input = ByList({.subject = pupil.id});
  input.request = world.RequestOf(cashier, id);
  ASSERT_THAT(Pay(input), IsOk());
  access::Caller other = cashier;
  other.principal.id = IdOf<base::ActorId>(76);
  other.uri = base::FormatPrincipal(other.principal);
  EXPECT_EQ(ReasonOf(CancelOwn(other, id)), Reason::kNothingToCancel);
  ASSERT_OK_AND_ASSIGN(const CancelAnswer taken, CancelOwn(cashier, id));
  EXPECT_FALSE(taken.burnt);
  EXPECT_EQ(taken.returned_kopecks, kSoupKopecks);
  EXPECT_EQ(Balance(), kStart);
  EXPECT_EQ(ReasonOf(CancelOwn(cashier, id)), Reason::kAlreadyCancelled);
}

TEST_F(ListBookingTest, ACashierTakesBackNothingElseThatWay) {
  EXPECT_EQ(ReasonOf(CancelOwn(cashier, world.FreshId())), Reason::kNothingToCancel);
  const base::RequestId id = world.FreshId();
  ASSERT_THAT(world.Call<TopUpAnswer>(cashier, "AccountsService/TopUp",
                                      [&](const access::Caller& c, auto done) {
                                        TopUp(world.house(), c, world.RequestOf(c, id), purse, 500,
                                              std::move(done));
                                      }),
              IsOk());
  EXPECT_EQ(ReasonOf(CancelOwn(cashier, id)), Reason::kNothingToCancel);
  EXPECT_EQ(Balance(), kStart + 500);
}

TEST_F(ListBookingTest, TheClassListShowsWhoMayEat) {
  const SubjectView blocked = world.MakePupil(school);
  const SubjectView second = world.MakePupil(school);
  world.MakePupil(world.MakeSchool());
  world.GivePin(school, second.id, "4821");
  ASSERT_OK_AND_ASSIGN(ClassPage page, List("5А"));
  EXPECT_EQ(page.members.size(), 3U);
  const auto blocked_now = [&] {
    const SubjectChange change{.id = blocked.id,
                               .family_name = "Петров",
                               .given_name = "Иван",
                               .class_name = "5А",
                               .state = vault::SubjectState::kBlocked};
    return world.Call<SubjectAnswer>(world.Desk(school.school.id), "EnrolmentService/UpdateSubject",
                                     [&](const access::Caller& c, auto done) {
                                       UpdateSubject(world.house(), c, world.Fresh(c), change,
                                                     std::move(done));
                                     });
  };
  ASSERT_THAT(blocked_now(), IsOk());
  ASSERT_OK_AND_ASSIGN(page, List("5А"));
  ASSERT_EQ(page.members.size(), 2U);
  EXPECT_FALSE(page.more);
  for (const ClassMember& member : page.members) {
    EXPECT_EQ(member.display_name, "Иван П., 5А");
    EXPECT_TRUE(member.id == pupil.id || member.id == second.id);
    EXPECT_EQ(member.has_pin, member.id == second.id);
  }
  ASSERT_OK_AND_ASSIGN(const ClassPage first, List("5А", {}, 1));
  ASSERT_EQ(first.members.size(), 1U);
  EXPECT_TRUE(first.more);
  ASSERT_OK_AND_ASSIGN(const ClassPage rest, List("5А", first.members.back().id, 1));
  ASSERT_EQ(rest.members.size(), 1U);
  EXPECT_FALSE(rest.more);
  EXPECT_NE(rest.members[0].id, first.members[0].id);
  for (const char* other : {"5Б", "5", "5а", ""}) {
    ASSERT_OK_AND_ASSIGN(page, List(other));
    EXPECT_TRUE(page.members.empty()) << other;
  }
}

TEST_F(ListBookingTest, SoManyListsAMinute) {
  for (uint32_t i = 0; i < kClassListsPerMinute; ++i) ASSERT_THAT(List("5А"), IsOk()) << i;
  EXPECT_EQ(ReasonOf(List("5А")), Reason::kTooManyAttempts);
  EXPECT_THAT(Pay(ByList({.subject = pupil.id})), IsOk()) << "bookings go on";
}

}  // namespace
}  // namespace ladon::flow
