// Goal: a caterer sees its own sales and what it is owed, a school and a municipality see sums, and
// nobody sees what single children did. Method: real sales in real houses, by card, on days that a
// clock walks through; what is reported against what was sold; cells at and below the bound; each
// bound of a call, and who may not.
#include "server/flow/reports.h"

#include "server/flow/export.h"
#include "server/flow/mutate.h"
#include "server/flow/payout.h"
#include "tests/server/flow/flow_world.h"

namespace ladon::flow {
namespace {

using testing::IsOk;

constexpr uint32_t kTomorrow = kToday + 1;
constexpr int64_t kMoney = 1'000'000;

struct Child {
  base::AccountId purse;
  vault::CardNumber card;
};

class ReportsTest : public ::testing::Test {
 protected:
  ReportsTest() {
    house_ = world_.house();
    house_.exports = &exports_;
  }

  // Who has money, from a top-up of today, unless said otherwise.
  std::vector<Child> Children(const TestSchool& school, size_t count, int64_t kopecks = kMoney) {
    std::vector<Child> children;
    for (size_t i = 0; i < count; ++i) {
      const SubjectView pupil = world_.MakePupil(school, kopecks);
      const vault::CardNumber card = CardOf(++last_card_);
      world_.GiveCard(school, pupil.id, card);
      children.push_back({.purse = pupil.record.purses[0].second, .card = card});
    }
    return children;
  }
  // The id of the request, to cancel it by.
  base::RequestId Buy(const TestSchool& school, const Child& child,
                      std::vector<BasketLine> lines = {LineOf(kSoup)}) {
    DebitInput input = world_.SaleOf(school, PayMeans(child.card), std::move(lines));
    const base::RequestId id = world_.FreshId();
    input.request = world_.RequestOf(world_.Till(school), id);
    input.repeat_confirmed = true;
    EXPECT_THAT(world_.Debit(world_.Till(school), input), IsOk());
    return id;
  }
  void BuyAll(const TestSchool& school, const std::vector<Child>& children, size_t count,
              uint16_t item = kSoup) {
    for (size_t i = 0; i < count; ++i) Buy(school, children[i], {LineOf(item)});
  }
  void TakeBack(const TestSchool& school, const base::RequestId& id,
                std::vector<uint16_t> lines = {}) {
    const access::Caller till = world_.Till(school);
    EXPECT_THAT(world_.Cancel(till, {.request = world_.Fresh(till),
                                     .debit_request_id = id,
                                     .lines = std::move(lines),
                                     .reason = 2,
                                     .terminal = till.principal.id}),
                IsOk());
  }
  // A budget pays at most `kopecks` of a soup a day.
  void Subsidise(const TestSchool& school, const Child& child, int64_t kopecks) {
    const MealEntitlement soup{.category = kSoup,
                               .cap_kopecks = kopecks,
                               .uses_per_day = 1,
                               .valid_from = kToday,
                               .valid_to = kTomorrow,
                               .document_id = "order-3"};
    const access::Caller cashier = world_.Cashier(school.school.id);
    ASSERT_THAT(WaitFor<uint64_t>([&](Done<uint64_t> done) {
                  SetEntitlements(house_, cashier, world_.Fresh(cashier), child.purse, {soup},
                                  std::move(done));
                }),
                IsOk());
  }
  TestSchool WithAnotherCaterer(TestSchool school) {
    const auto made = world_.Call<flow::SetUp<directory::Caterer>>(
        world_.Sysadmin(), "AdminService/CreateCaterer", [&](const access::Caller& c, auto done) {
          CreateCaterer(house_, c, world_.Fresh(c), school.school.id, "Буфет", std::move(done));
        });
    EXPECT_THAT(made, IsOk());
    school.caterer = made->made;
    world_.PutList(school, kToday);
    return school;
  }

  static access::Caller CallerOf(base::Role role, const base::SchoolId& school,
                                 const base::ActorId& id) {
    access::Caller caller;
    caller.principal = {.role = role, .school = school, .id = id};
    caller.uri = base::FormatPrincipal(caller.principal);
    caller.peer = "ipv4:127.0.0.1:40000";
    return caller;
  }
  static access::Caller CatererOf(const TestSchool& school) {
    return CallerOf(base::Role::kCaterer, school.school.id, {school.caterer.id.bytes});
  }
  absl::StatusOr<CatererReport> OfCaterer(const access::Caller& caller, const ReportDays& days) {
    return world_.Call<CatererReport>(caller, "ReportService/GetCatererReport",
                                      [&](const access::Caller& c, auto done) {
                                        GetCatererReport(house_, c, days, std::move(done));
                                      });
  }
  // Weeks later: a day is told when it is over.
  template <class Ask>
  auto Afterwards(Ask ask) {
    const uint64_t now_ns = world_.now_ns;
    world_.now_ns = now_ns + 40 * kDayNs;
    auto report = ask();
    world_.now_ns = now_ns;
    return report;
  }
  absl::StatusOr<SchoolReport> OfSchool(const TestSchool& school, const ReportDays& days) {
    return Afterwards([&] { return OfSchoolNow(school, days); });
  }
  absl::StatusOr<SchoolReport> OfSchoolNow(const TestSchool& school, const ReportDays& days) {
    return world_.Call<SchoolReport>(world_.Head(school.school.id), "ReportService/GetSchoolReport",
                                     [&](const access::Caller& c, auto done) {
                                       GetSchoolReport(house_, c, days, std::move(done));
                                     });
  }
  absl::StatusOr<MunicipalReport> OfAll(const ReportDays& days) {
    return Afterwards([&] { return OfAllNow(days); });
  }
  absl::StatusOr<MunicipalReport> OfAllNow(const ReportDays& days) {
    return world_.Call<MunicipalReport>(
        CallerOf(base::Role::kMunicipality, {}, IdOf<base::ActorId>(90)),
        "ReportService/GetMunicipalReport", [&](const access::Caller& c, auto done) {
          GetMunicipalReport(house_, c, days, std::move(done));
        });
  }
  // Of a school in the municipal report; nothing happened there: all zero.
  MealFigures Of(const TestSchool& school, const absl::StatusOr<MunicipalReport>& report) {
    EXPECT_THAT(report, IsOk());
    for (const SchoolFigures& one : report->schools) {
      if (one.school == school.school.id) return one.figures;
    }
    return {};
  }

  // Before the world: the last holder of an answer is a thread of its ledger.
  Exports exports_;
  House house_;
  FlowWorld world_;
  TestSchool school_ = world_.MakeSchool();
  uint32_t last_card_ = 0;
  const ReportDays today_{.first = kToday, .last = kToday};
  const ReportDays both_{.first = kToday, .last = kTomorrow};
};

// --- a caterer -----------------------------------------------------------------------------------

TEST_F(ReportsTest, ACatererSeesItsOwnSalesByDayAndProduct) {
  const std::vector<Child> children = Children(school_, 2);
  const TestSchool buffet = WithAnotherCaterer(school_);
  const TestSchool elsewhere = world_.MakeSchool();
  Buy(elsewhere, Children(elsewhere, 1)[0], {LineOf(kSoup, 9)});
  Buy(buffet, children[0], {LineOf(kBun, 5)});
  const base::RequestId meal =
      Buy(school_, children[0], {LineOf(kSoup), LineOf(kBun, 2), FreeLine(700)});
  Buy(school_, children[1], {LineOf(kSoup)});
  TakeBack(school_, meal, {1});
  world_.now_ns += kDayNs;
  Buy(school_, children[1], {LineOf(kBun)});

  ASSERT_OK_AND_ASSIGN(const CatererReport report, OfCaterer(CatererOf(school_), both_));
  EXPECT_EQ(world_.last_audit().object, school_.caterer.id.bytes);
  struct Want {
    uint32_t day;
    uint16_t category;
    const char* name;
    SalesFigures sales;
  };
  const Want want[] = {{kToday, 0, "", {1, 700, 0, 0}},
                       {kToday, kSoup, "Суп", {2, 2 * kSoupKopecks, 0, 0}},
                       {kToday, kBun, "Булка", {2, 2 * kBunKopecks, 2, 2 * kBunKopecks}},
                       {kTomorrow, kBun, "Булка", {1, kBunKopecks, 0, 0}}};
  ASSERT_EQ(report.products.size(), std::size(want));
  for (size_t i = 0; i < std::size(want); ++i) {
    const ProductSales& product = report.products[i];
    EXPECT_EQ(product.day, want[i].day) << i;
    EXPECT_EQ(product.category, want[i].category) << i;
    EXPECT_EQ(product.item.IsZero(), want[i].category == 0) << i;
    EXPECT_EQ(product.name, want[i].name) << i;
    EXPECT_EQ(product.sales, want[i].sales) << i;
  }
  const SalesFigures total{6, 2 * kSoupKopecks + 3 * kBunKopecks + 700, 2, 2 * kBunKopecks};
  EXPECT_EQ(report.total, total);
  EXPECT_EQ(report.owed_kopecks, total.kopecks - total.cancelled_kopecks);
  EXPECT_EQ(report.owed_kopecks, world_.Balance(school_.caterer.payable_account));

  ASSERT_OK_AND_ASSIGN(const CatererReport other, OfCaterer(CatererOf(buffet), both_));
  ASSERT_EQ(other.products.size(), 1);
  EXPECT_EQ(other.total, (SalesFigures{5, 5 * kBunKopecks, 0, 0}));
  ASSERT_OK_AND_ASSIGN(const CatererReport tomorrow,
                       OfCaterer(CatererOf(school_), {.first = kTomorrow, .last = kTomorrow}));
  EXPECT_EQ(tomorrow.total, (SalesFigures{1, kBunKopecks, 0, 0}));
  EXPECT_EQ(tomorrow.owed_kopecks, report.owed_kopecks) << "now, whatever the days";
}

TEST_F(ReportsTest, APortionThatABudgetPaysInPartIsOne) {
  const std::vector<Child> children = Children(school_, 1);
  Subsidise(school_, children[0], 9'000);
  const base::RequestId meal = Buy(school_, children[0], {LineOf(kSoup)});
  ASSERT_OK_AND_ASSIGN(const CatererReport sold, OfCaterer(CatererOf(school_), today_));
  ASSERT_EQ(sold.products.size(), 1);
  EXPECT_EQ(sold.total, (SalesFigures{1, kSoupKopecks, 0, 0}));
  TakeBack(school_, meal);
  ASSERT_OK_AND_ASSIGN(const CatererReport back, OfCaterer(CatererOf(school_), today_));
  ASSERT_EQ(back.products.size(), 1);
  EXPECT_EQ(back.total, (SalesFigures{1, kSoupKopecks, 1, kSoupKopecks}));
  EXPECT_EQ(back.owed_kopecks, 0);
}

TEST_F(ReportsTest, WhatIsPaidOutIsNoSaleAndNoTopUp) {
  const std::vector<Child> children = Children(school_, 5);
  BuyAll(school_, children, 5);
  const access::Caller cashier = world_.Cashier(school_.school.id);
  ASSERT_THAT(WaitFor<PayOutAnswer>([&](Done<PayOutAnswer> done) {
                PayOut(house_, cashier, world_.Fresh(cashier), school_.caterer.id, 20'000, "п/п 7",
                       kToday, std::move(done));
              }),
              IsOk());
  ASSERT_OK_AND_ASSIGN(const CatererReport report, OfCaterer(CatererOf(school_), today_));
  EXPECT_EQ(report.total, (SalesFigures{5, 5 * kSoupKopecks, 0, 0}));
  EXPECT_EQ(report.owed_kopecks, 5 * kSoupKopecks - 20'000);
  ASSERT_OK_AND_ASSIGN(const SchoolReport school, OfSchool(school_, today_));
  EXPECT_EQ(school.total.topped_up_kopecks, 5 * kMoney);
  EXPECT_EQ(school.total.meals_kopecks, 5 * kSoupKopecks);
}

TEST_F(ReportsTest, ACatererThatIsNotThisSchoolsSeesNothing) {
  const TestSchool other = world_.MakeSchool();
  access::Caller caller = CatererOf(other);
  caller.principal.school = school_.school.id;
  EXPECT_EQ(ReasonOf(OfCaterer(caller, today_)), Reason::kNotPermitted);
  caller.principal.id = IdOf<base::ActorId>(404);
  EXPECT_EQ(ReasonOf(OfCaterer(caller, today_)), Reason::kNotPermitted);
}

// --- a school ------------------------------------------------------------------------------------

TEST_F(ReportsTest, ASchoolSeesSumsOfItsDays) {
  const std::vector<Child> children = Children(school_, 6);
  const TestSchool other = world_.MakeSchool();
  BuyAll(other, Children(other, 6), 6);
  for (size_t i = 0; i < 5; ++i) Subsidise(school_, children[i], 9'000);
  BuyAll(school_, children, 6);
  TakeBack(school_, Buy(school_, children[0], {LineOf(kBun)}));
  ASSERT_OK_AND_ASSIGN(const SchoolReport report, OfSchool(school_, both_));
  EXPECT_EQ(world_.last_audit().object, school_.school.id.bytes);
  ASSERT_EQ(report.days.size(), 1);
  EXPECT_EQ(report.days[0].day, kToday);
  const MealFigures want{.purses = 6,
                         .debits = 7,
                         .portions = 6,
                         .meals_kopecks = 6 * kSoupKopecks,
                         .subsidised_kopecks = 5 * 9'000,
                         .topped_up_kopecks = 6 * kMoney};
  EXPECT_EQ(report.days[0].figures, want);
  EXPECT_EQ(report.total, want);
}

// A day ends when it ends in the school (Tomsk: seven hours before UTC does).
TEST_F(ReportsTest, ADayIsTheSchoolsDay) {
  const std::vector<Child> children = Children(school_, 5);
  world_.now_ns = kNoonNs + 12 * kHourNs - kSecondNs;
  BuyAll(school_, children, 5);
  world_.now_ns = kNoonNs + 12 * kHourNs;
  BuyAll(school_, children, 5, kBun);
  const int64_t sums[] = {5 * kSoupKopecks, 5 * kBunKopecks};
  for (const uint32_t day : {kToday, kTomorrow}) {
    const ReportDays one{.first = day, .last = day};
    ASSERT_OK_AND_ASSIGN(const SchoolReport report, OfSchool(school_, one));
    ASSERT_EQ(report.days.size(), 1);
    EXPECT_EQ(report.days[0].day, day);
    EXPECT_EQ(report.total.meals_kopecks, sums[day - kToday]);
    EXPECT_EQ(Of(school_, OfAll(one)).meals_kopecks, sums[day - kToday]);
    ASSERT_OK_AND_ASSIGN(const CatererReport sold, OfCaterer(CatererOf(school_), one));
    EXPECT_EQ(sold.total.kopecks, sums[day - kToday]);
  }
  ASSERT_OK_AND_ASSIGN(const SchoolReport report, OfSchool(school_, both_));
  EXPECT_EQ(report.days.size(), 2);
  EXPECT_EQ(report.total.purses, 5) << "the same ones";
}

// 20:00 and 04:00 in UTC are the same day at noon of the other ends of the world.
TEST_F(ReportsTest, DaysAreFoundAtBothEndsOfTheWorld) {
  for (const char* zone : {"Pacific/Kiritimati", "Etc/GMT+12"}) {
    directory::SchoolSettings settings = DefaultSettings();
    settings.time_zone = zone;
    const TestSchool school = world_.MakeSchool(settings);
    const uint32_t day = *TodayAt(house_, school.school.id, world_.now_ns);
    const std::vector<Child> children = Children(school, 5);
    // The first and the last second of the day there.
    while (*TodayAt(house_, school.school.id, world_.now_ns) == day) world_.now_ns += kSecondNs;
    BuyAll(school, children, 5);
    world_.now_ns += kDayNs - kSecondNs;
    BuyAll(school, children, 5);
    const uint32_t next = *TodayAt(house_, school.school.id, world_.now_ns);
    const ReportDays one{.first = next, .last = next};
    ASSERT_OK_AND_ASSIGN(const SchoolReport report, OfSchool(school, one));
    EXPECT_EQ(report.total.debits, 10) << zone;
    EXPECT_EQ(Of(school, OfAll(one)), report.total) << zone;
  }
}

// Who bought between two answers would be their difference.
TEST_F(ReportsTest, ADayIsToldWhenItIsOver) {
  const std::vector<Child> children = Children(school_, 6);
  BuyAll(school_, children, 6);
  const MealFigures left_out{.suppressed = true,
                             .days_left_out = 1,
                             .subsidy_days_left_out = 1,
                             .top_up_days_left_out = 1};
  ASSERT_OK_AND_ASSIGN(const SchoolReport now, OfSchoolNow(school_, both_));
  EXPECT_EQ(now.total, left_out);
  EXPECT_EQ(Of(school_, OfAllNow(both_)), left_out);
  ASSERT_OK_AND_ASSIGN(const CatererReport sold, OfCaterer(CatererOf(school_), both_));
  EXPECT_EQ(sold.total.kopecks, 6 * kSoupKopecks) << "which it handed out itself";
  world_.now_ns = kNoonNs + 12 * kHourNs;  // Midnight in the school.
  ASSERT_OK_AND_ASSIGN(const SchoolReport over, OfSchoolNow(school_, both_));
  EXPECT_EQ(over.total.debits, 6);
  EXPECT_EQ(Of(school_, OfAllNow(both_)), over.total);
}

// After the clock was ahead, what is booked has the time of the last entry before.
TEST_F(ReportsTest, WhatWasBookedBehindAWrongClockIsFound) {
  const std::vector<Child> children = Children(school_, 5);
  world_.now_ns += 30 * kDayNs;
  Buy(school_, children[0]);
  world_.now_ns -= 30 * kDayNs;
  BuyAll(school_, children, 5);
  ASSERT_OK_AND_ASSIGN(const CatererReport sold, OfCaterer(CatererOf(school_), today_));
  EXPECT_EQ(sold.total.portions, 5);
}

TEST_F(ReportsTest, ADayOfFewIsNotTold) {
  const std::vector<Child> children = Children(school_, 5);
  world_.now_ns += kDayNs;
  BuyAll(school_, children, 4);
  const ReportDays tomorrow{.first = kTomorrow, .last = kTomorrow};
  const MealFigures left_out{.suppressed = true,
                             .days_left_out = 1,
                             .subsidy_days_left_out = 1,
                             .top_up_days_left_out = 1};
  ASSERT_OK_AND_ASSIGN(const SchoolReport few, OfSchool(school_, tomorrow));
  ASSERT_EQ(few.days.size(), 1);
  EXPECT_EQ(few.days[0].figures, left_out);
  EXPECT_EQ(few.total, left_out);
  EXPECT_EQ(Of(school_, OfAll(tomorrow)), left_out);
  const base::RequestId fifth = Buy(school_, children[4]);
  ASSERT_OK_AND_ASSIGN(const SchoolReport enough, OfSchool(school_, tomorrow));
  EXPECT_EQ(enough.total.meals_kopecks, 5 * kSoupKopecks);
  TakeBack(school_, fifth);
  ASSERT_OK_AND_ASSIGN(const SchoolReport again, OfSchool(school_, tomorrow));
  EXPECT_EQ(again.total, left_out) << "whose meal was taken back is no payer";
}

// Somebody who knows the whole from elsewhere must not find the one day by subtracting.
TEST_F(ReportsTest, TheNextSmallestDayGoesWithASingleSmallOne) {
  const std::vector<Child> children = Children(school_, 8);
  BuyAll(school_, children, 8);
  for (const size_t payers : {4, 6, 7}) {
    world_.now_ns += kDayNs;
    BuyAll(school_, children, payers);
  }
  ASSERT_OK_AND_ASSIGN(const SchoolReport report,
                       OfSchool(school_, {.first = kToday, .last = kToday + 3}));
  ASSERT_EQ(report.days.size(), 4);
  const bool left_out[] = {false, true, true, false};
  for (size_t i = 0; i < 4; ++i) {
    EXPECT_EQ(report.days[i].figures.suppressed, left_out[i]) << i;
    EXPECT_EQ(report.days[i].figures.meals_kopecks == 0, left_out[i]) << i;
  }
  EXPECT_EQ(report.total.days_left_out, 2);
  EXPECT_EQ(report.total.debits, 8 + 7);
  EXPECT_FALSE(report.total.suppressed);
}

// --- a municipality ------------------------------------------------------------------------------

TEST_F(ReportsTest, AMunicipalitySeesSumsOfSchoolsAndNoSmallOne) {
  const TestSchool small = world_.MakeSchool();
  const TestSchool next = world_.MakeSchool();
  const TestSchool idle = world_.MakeSchool();
  BuyAll(school_, Children(school_, 7), 7);
  BuyAll(small, Children(small, 6), 4);
  BuyAll(next, Children(next, 6), 6);
  const auto report = OfAll(both_);
  ASSERT_THAT(report, IsOk());
  EXPECT_EQ(report->schools.size(), 3) << "and not the one where nothing happened";
  EXPECT_FALSE(report->schools[0].name.empty());
  EXPECT_TRUE(Of(small, report).suppressed);
  EXPECT_TRUE(Of(next, report).suppressed) << "the next smallest goes with the only small one";
  EXPECT_EQ(Of(next, report).meals_kopecks, 0);
  EXPECT_EQ(Of(idle, report), MealFigures{});
  const MealFigures told{.purses = 7,
                         .debits = 7,
                         .portions = 7,
                         .meals_kopecks = 7 * kSoupKopecks,
                         .topped_up_kopecks = 7 * kMoney};
  EXPECT_EQ(Of(school_, report), told);
  MealFigures total = told;
  total.days_left_out = total.subsidy_days_left_out = total.top_up_days_left_out = 2;
  EXPECT_EQ(report->total, total);
}

// Two answers over days that differ by one must not tell a day of few.
TEST_F(ReportsTest, TheDifferenceOfTwoAnswersTellsNoSmallDay) {
  const TestSchool other = world_.MakeSchool();
  const std::vector<Child> here = Children(school_, 6);
  const std::vector<Child> there = Children(other, 9);
  BuyAll(school_, here, 6);
  BuyAll(other, there, 9);
  world_.now_ns += kDayNs;
  BuyAll(school_, here, 1);
  BuyAll(other, there, 9);
  const auto one = OfAll(today_);
  const auto two = OfAll(both_);
  MealFigures school = Of(school_, two);
  EXPECT_EQ(school.days_left_out, 1);
  EXPECT_FALSE(school.suppressed) << "there is a day of it that may be told";
  school.days_left_out = school.subsidy_days_left_out = school.top_up_days_left_out = 0;
  EXPECT_EQ(school, Of(school_, one));
  EXPECT_EQ(one->total.debits, 15);
  EXPECT_EQ(two->total.debits, 15) << "the other school's day goes with the only small one";
  ASSERT_OK_AND_ASSIGN(const SchoolReport own, OfSchool(school_, both_));
  EXPECT_EQ(own.total.meals_kopecks, 0) << "of two days one is small, and the other goes with it";
}

TEST_F(ReportsTest, SumsOfAllSchoolsAreNotForOneOfThem) {
  access::Caller caller = CallerOf(base::Role::kMunicipality, school_.school.id, {});
  caller.scope = access::Scope::kOwnSchool;
  const auto refused = WaitFor<MunicipalReport>([&](Done<MunicipalReport> done) {
    GetMunicipalReport(house_, caller, today_, std::move(done));
  });
  EXPECT_EQ(ReasonOf(refused), Reason::kNotPermitted);
}

// --- bounds --------------------------------------------------------------------------------------

TEST_F(ReportsTest, DaysOutOfBoundsAreRefusedByField) {
  const auto field = [this](const ReportDays& days) {
    const auto report = OfSchool(school_, days);
    EXPECT_EQ(FieldOf(OfAll(days)), FieldOf(report));
    EXPECT_EQ(FieldOf(OfCaterer(CatererOf(school_), days)), FieldOf(report));
    return FieldOf(report);
  };
  EXPECT_EQ(field({.first = kTomorrow, .last = kToday}), "last_day");
  EXPECT_EQ(field({.first = 2026'09'01, .last = 2026'11'01}), "") << "62 days";
  EXPECT_EQ(field({.first = 2026'09'01, .last = 2026'11'02}), "last_day");
  EXPECT_EQ(field({.first = 2000'01'01, .last = 2999'12'31}), "last_day");
  EXPECT_EQ(field({.first = 2000'01'01, .last = 2000'01'01}), "");
  EXPECT_EQ(field({.first = 2999'12'31, .last = 2999'12'31}), "");
}

TEST_F(ReportsTest, MoreThanMayBeReadOrToldIsRefusedByField) {
  const std::vector<Child> children = Children(school_, 1);
  Buy(school_, children[0], {LineOf(kSoup), LineOf(kBun)});
  ReportDays few = today_;
  few.entries_max = 1;
  EXPECT_EQ(FieldOf(OfAll(few)), "last_day");
  EXPECT_EQ(FieldOf(OfSchool(school_, few)), "last_day");
  EXPECT_EQ(FieldOf(OfCaterer(CatererOf(school_), few)), "last_day") << "opened, and sold once";
  few.entries_max = 2;
  EXPECT_THAT(OfCaterer(CatererOf(school_), few), IsOk());
  ReportDays lines = today_;
  lines.lines_max = 1;
  EXPECT_EQ(FieldOf(OfCaterer(CatererOf(school_), lines)), "last_day");
  lines.lines_max = 2;
  EXPECT_THAT(OfCaterer(CatererOf(school_), lines), IsOk());
  const TestSchool other = world_.MakeSchool();
  Buy(other, Children(other, 1)[0]);
  lines.lines_max = 1;
  EXPECT_EQ(FieldOf(OfAll(lines)), "last_day");
}

TEST_F(ReportsTest, AnExporterWithEnoughToDoTakesNoMore) {
  const base::ActorId others[] = {{.bytes = {1}}, {.bytes = {2}}};
  for (size_t i = 0; i < kExportsMax; ++i)
    ASSERT_TRUE(exports_.Enter(others[i / kExportsOfOneMax]));
  EXPECT_EQ(ReasonOf(OfSchool(school_, today_)), Reason::kOverloaded);
  exports_.Leave(others[0]);
  EXPECT_TRUE(exports_.Enter(others[0]));
  EXPECT_FALSE(exports_.Enter(others[0])) << "no more than half of them for one";
  exports_.Leave(others[0]);
  EXPECT_THAT(OfSchool(school_, today_), IsOk());
  EXPECT_EQ(FieldOf(OfSchool(school_, {.first = kTomorrow, .last = kToday})), "last_day");
  EXPECT_THAT(OfSchool(school_, today_), IsOk()) << "each gives its place back";
}

TEST_F(ReportsTest, NobodyReadsForACallerWhoHasGivenUp) {
  const std::vector<Child> children = Children(school_, 1);
  Buy(school_, children[0]);
  access::Caller late = CatererOf(school_);
  late.deadline_ns = world_.now_ns;
  EXPECT_EQ(ReasonOf(OfCaterer(late, today_)), Reason::kDeadlinePassed);
  // Passed while it read.
  ReportReader reader(&house_, &late, today_);
  EXPECT_EQ(ReasonOf(reader.ReadAll([](const ledger::Entry&) { return absl::OkStatus(); })),
            Reason::kDeadlinePassed);
}

}  // namespace
}  // namespace ladon::flow
