// Goal: top-ups arrive once, statements are whole whatever the size of their pages, terms hold, and
// nobody sees another school's account. Method: an account with top-ups, meals of several lines,
// cancels and terms in every order, read page by page and compared with the whole.
#include "server/flow/money.h"

#include "server/flow/spending_limits.h"
#include "tests/server/flow/flow_world.h"

namespace ladon::flow {
namespace {

using testing::IsOk;

class MoneyTest : public ::testing::Test {
 protected:
  absl::StatusOr<TopUpAnswer> Pay(const Request& request, const base::AccountId& account,
                                  int64_t kopecks) {
    return world_.Call<TopUpAnswer>(
        cashier_, "AccountsService/TopUp", [&](const access::Caller& c, auto done) {
          TopUp(world_.house(), c, request, account, kopecks, std::move(done));
        });
  }
  absl::StatusOr<ledger::AccountView> ViewOf(const base::AccountId& account) {
    return world_.Call<ledger::AccountView>(
        cashier_, "AccountsService/GetBalance", [&](const access::Caller& c, auto done) {
          GetBalance(world_.house(), c, account, std::move(done));
        });
  }
  absl::StatusOr<Statement> Page(const base::AccountId& account, uint64_t from, size_t limit) {
    return world_.Call<Statement>(
        cashier_, "AccountsService/GetStatement", [&](const access::Caller& c, auto done) {
          GetStatement(world_.house(), c, account, from, limit, std::move(done));
        });
  }
  absl::StatusOr<uint64_t> Freeze(const base::AccountId& account, bool frozen) {
    return world_.Call<uint64_t>(
        cashier_, "AccountsService/SetFrozen", [&](const access::Caller& c, auto done) {
          SetFrozen(world_.house(), c, world_.Fresh(c), account, frozen, std::move(done));
        });
  }
  absl::StatusOr<uint64_t> Overdraft(const Request& request, const base::AccountId& account,
                                     int64_t kopecks) {
    return world_.Call<uint64_t>(
        cashier_, "AccountsService/SetOverdraftLimit", [&](const access::Caller& c, auto done) {
          SetOverdraftLimit(world_.house(), c, request, account, kopecks, std::move(done));
        });
  }
  absl::StatusOr<DebitAnswer> Sell(std::vector<BasketLine> lines, const base::RequestId& id) {
    DebitInput input = world_.SaleOf(school_, PayMeans(CardOf(1)), std::move(lines));
    input.request = world_.RequestOf(world_.Till(school_), id);
    input.repeat_confirmed = true;
    return world_.Debit(world_.Till(school_), input);
  }
  absl::StatusOr<uint64_t> Limit(const base::AccountId& account, const SpendingLimits& limits) {
    return world_.Call<uint64_t>(
        cashier_, "AccountsService/SetLimits", [&](const access::Caller& c, auto done) {
          SetLimits(world_.house(), c, world_.Fresh(c), account, limits, std::move(done));
        });
  }
  absl::StatusOr<SpendingLimits> LimitsOf(const base::AccountId& account) {
    return world_.Call<SpendingLimits>(cashier_, "AccountsService/GetLimits",
                                       [&](const access::Caller& c, auto done) {
                                         GetLimits(world_.house(), c, account, std::move(done));
                                       });
  }
  // Everything that can stand in a statement, terms beside terms and meals beside meals.
  void FillAccount() {
    ASSERT_THAT(Pay(world_.Fresh(cashier_), purse_, 100'000), IsOk());
    for (const bool frozen : {true, false, true, false}) {
      ASSERT_THAT(Freeze(purse_, frozen), IsOk());
    }
    const base::RequestId meal = world_.FreshId();
    ASSERT_THAT(Sell({LineOf(kSoup), LineOf(kBun, 2), FreeLine(700)}, meal), IsOk());
    const access::Caller till = world_.Till(school_);
    ASSERT_THAT(world_.Cancel(till, {.request = world_.Fresh(till),
                                     .debit_request_id = meal,
                                     .lines = {1},
                                     .reason = 2,
                                     .terminal = till.principal.id}),
                IsOk());
    ASSERT_THAT(Overdraft(world_.Fresh(cashier_), purse_, 5'000), IsOk());
    ASSERT_THAT(Sell({LineOf(kBun)}, world_.FreshId()), IsOk());
    ASSERT_THAT(world_.Cancel(till, {.request = world_.Fresh(till),
                                     .debit_request_id = meal,
                                     .lines = {},
                                     .reason = 2,
                                     .terminal = till.principal.id}),
                IsOk());
  }

  FlowWorld world_;
  TestSchool school_ = world_.MakeSchool();
  access::Caller cashier_ = world_.Cashier(school_.school.id);
  SubjectView pupil_ = world_.MakePupil(school_);
  base::AccountId purse_ = pupil_.record.purses[0].second;
  base::CardId card_ = world_.GiveCard(school_, pupil_.id, CardOf(1));
};

TEST_F(MoneyTest, ATopUpArrivesOnce) {
  const Request request = world_.Fresh(cashier_);
  ASSERT_OK_AND_ASSIGN(const TopUpAnswer first, Pay(request, purse_, 5'000));
  EXPECT_EQ(world_.last_audit().object, purse_.bytes);
  EXPECT_EQ(world_.last_audit().journal_index, first.journal_index);
  EXPECT_EQ(first.balance_kopecks, 5'000);
  EXPECT_FALSE(first.replayed);
  ASSERT_THAT(Pay(world_.Fresh(cashier_), purse_, 1), IsOk());
  for (const bool restarted : {false, true}) {
    if (restarted) world_.Restart();
    ASSERT_OK_AND_ASSIGN(const TopUpAnswer again, Pay(request, purse_, 5'000));
    EXPECT_TRUE(again.replayed);
    EXPECT_EQ(again.transaction, first.transaction);
    EXPECT_EQ(again.balance_kopecks, 5'000) << "as it was then";
    EXPECT_EQ(again.booked_at_ns, first.booked_at_ns);
    EXPECT_EQ(world_.Balance(purse_), 5'001);
    EXPECT_EQ(world_.Balance(school_.school.cash_desk_account), -5'001);
  }
}

TEST_F(MoneyTest, AnotherSchoolsAccountIsLikeNone) {
  ASSERT_THAT(Pay(world_.Fresh(cashier_), purse_, 5'000), IsOk());
  const TestSchool other = world_.MakeSchool();
  cashier_ = world_.Cashier(other.school.id);
  const base::AccountId accounts[] = {purse_, IdOf<base::AccountId>(404),
                                      other.school.cash_desk_account,  // No purse.
                                      other.caterer.payable_account};
  for (const base::AccountId& account : accounts) {
    const absl::Status answers[] = {Pay(world_.Fresh(cashier_), account, 100).status(),
                                    ViewOf(account).status(), Page(account, 1, 10).status(),
                                    Freeze(account, true).status(),
                                    Overdraft(world_.Fresh(cashier_), account, 100).status()};
    for (const absl::Status& answer : answers) {
      EXPECT_EQ(answer, Refuse(Reason::kAccountUnknown, "account_id"));
    }
  }
  EXPECT_EQ(world_.Balance(purse_), 5'000);
}

TEST_F(MoneyTest, AFrozenAccountTakesMoneyAndGivesNone) {
  ASSERT_THAT(Pay(world_.Fresh(cashier_), purse_, 50'000), IsOk());
  ASSERT_THAT(Freeze(purse_, true), IsOk());
  EXPECT_EQ(world_.last_audit().object, purse_.bytes);
  EXPECT_THAT(Pay(world_.Fresh(cashier_), purse_, 1), IsOk());
  EXPECT_EQ(ReasonOf(Sell({LineOf(kBun)}, world_.FreshId())), Reason::kAccountFrozen);
  ASSERT_OK_AND_ASSIGN(const ledger::AccountView frozen, ViewOf(purse_));
  EXPECT_NE(frozen.terms.flags & ledger::kAccountFrozen, 0);
  ASSERT_THAT(Freeze(purse_, false), IsOk());
  EXPECT_THAT(Sell({LineOf(kBun)}, world_.FreshId()), IsOk());
}

TEST_F(MoneyTest, AnOverdraftGoesAsFarAsItsLimit) {
  const Request request = world_.Fresh(cashier_);
  ASSERT_OK_AND_ASSIGN(const uint64_t index, Overdraft(request, purse_, kSoupKopecks));
  ASSERT_THAT(Sell({LineOf(kSoup)}, world_.FreshId()), IsOk());
  EXPECT_EQ(world_.Balance(purse_), -kSoupKopecks);
  EXPECT_EQ(ReasonOf(Sell({FreeLine(1)}, world_.FreshId())), Reason::kInsufficientFunds);
  ASSERT_OK_AND_ASSIGN(const uint64_t again, Overdraft(request, purse_, kSoupKopecks));
  EXPECT_EQ(again, index);
  ASSERT_OK_AND_ASSIGN(const ledger::AccountView view, ViewOf(purse_));
  EXPECT_EQ(view.terms.overdraft_limit_kopecks, kSoupKopecks);
  EXPECT_EQ(view.balance_kopecks, -kSoupKopecks);
}

TEST_F(MoneyTest, AStatementTellsWhatHappenedInOrder) {
  FillAccount();
  ASSERT_OK_AND_ASSIGN(const Statement all, Page(purse_, 1, 1'000));
  using K = StatementKind;
  const struct {
    K kind;
    int64_t amount;
    const char* item;
    uint32_t quantity;
  } want[] = {{K::kTerms, 0, "", 0},
              {K::kTopUp, 100'000, "", 0},
              {K::kTerms, 0, "", 0},
              {K::kTerms, 0, "", 0},
              {K::kTerms, 0, "", 0},
              {K::kTerms, 0, "", 0},
              {K::kMeal, -kSoupKopecks, "Суп", 1},
              {K::kMeal, -2 * kBunKopecks, "Булка", 2},
              {K::kMeal, -700, "", 1},
              {K::kCancel, 2 * kBunKopecks, "Булка", 2},
              {K::kTerms, 0, "", 0},
              {K::kMeal, -kBunKopecks, "Булка", 1},
              {K::kCancel, 700, "", 1},
              {K::kCancel, kSoupKopecks, "Суп", 1}};
  ASSERT_EQ(all.lines.size(), std::size(want));
  int64_t balance = 0;
  for (size_t i = 0; i < all.lines.size(); ++i) {
    const StatementLine& line = all.lines[i];
    balance += want[i].amount;
    EXPECT_EQ(line.sequence, i + 1);
    EXPECT_EQ(line.kind, want[i].kind) << i;
    EXPECT_EQ(line.amount_kopecks, want[i].amount) << i;
    EXPECT_EQ(line.balance_kopecks, balance) << i;
    EXPECT_EQ(line.item_name, want[i].item) << i;
    EXPECT_EQ(line.quantity, want[i].quantity) << i;
    EXPECT_EQ(line.service_day, kToday);
  }
  EXPECT_EQ(world_.Balance(purse_), balance);
  EXPECT_FALSE(all.next_sequence.has_value());
}

// Regression: terms at the head of a page, with terms before them, showed a balance of 0.
TEST_F(MoneyTest, PagesOfEverySizeAddUpToTheWhole) {
  FillAccount();
  ASSERT_OK_AND_ASSIGN(const Statement all, Page(purse_, 1, 1'000));
  for (size_t limit = 1; limit <= all.lines.size() + 1; ++limit) {
    std::vector<StatementLine> lines;
    std::optional<uint64_t> from = 1;
    while (from.has_value()) {
      ASSERT_OK_AND_ASSIGN(const Statement page, Page(purse_, *from, limit));
      EXPECT_LE(page.lines.size(), limit);
      lines.insert(lines.end(), page.lines.begin(), page.lines.end());
      from = page.next_sequence;
    }
    ASSERT_EQ(lines.size(), all.lines.size()) << "pages of " << limit;
    for (size_t i = 0; i < lines.size(); ++i) {
      EXPECT_EQ(lines[i].sequence, all.lines[i].sequence);
      EXPECT_EQ(lines[i].kind, all.lines[i].kind);
      EXPECT_EQ(lines[i].amount_kopecks, all.lines[i].amount_kopecks);
      EXPECT_EQ(lines[i].balance_kopecks, all.lines[i].balance_kopecks) << limit << ": " << i;
      EXPECT_EQ(lines[i].item_name, all.lines[i].item_name);
    }
  }
}

TEST_F(MoneyTest, APageBeyondTheEndIsEmpty) {
  for (const uint64_t from : {uint64_t{2}, uint64_t{1'000'000}, ~uint64_t{0}}) {
    ASSERT_OK_AND_ASSIGN(const Statement page, Page(purse_, from, 10));
    EXPECT_TRUE(page.lines.empty());
    EXPECT_FALSE(page.next_sequence.has_value());
  }
}

// Regression: a page of the largest size that began inside an entry of many lines ended early and
// said that there was nothing more.
TEST_F(MoneyTest, ALargePageInsideAMealLosesNothing) {
  ASSERT_THAT(Pay(world_.Fresh(cashier_), purse_, 1'000'000), IsOk());
  ASSERT_THAT(Sell(std::vector<BasketLine>(kBasketLinesMax, LineOf(kBun)), world_.FreshId()),
              IsOk());
  constexpr size_t kTopUps = ledger::kStatementEntriesMax + 5;
  std::vector<absl::Notification> paid(kTopUps);
  for (size_t i = 0; i < kTopUps; ++i) {
    TopUp(world_.house(), cashier_, world_.Fresh(cashier_), purse_, 1,
          [&, i](const absl::StatusOr<TopUpAnswer>& answer) {
            EXPECT_THAT(answer, IsOk());
            paid[i].Notify();
          });
  }
  for (const absl::Notification& one : paid) one.WaitForNotification();
  const uint64_t last = 2 + kBasketLinesMax + kTopUps;
  const uint64_t from = 1 + kBasketLinesMax;  // The last but one line of the meal.
  ASSERT_OK_AND_ASSIGN(const Statement page, Page(purse_, from, ledger::kStatementEntriesMax));
  EXPECT_EQ(page.lines.size(), ledger::kStatementEntriesMax);
  ASSERT_TRUE(page.next_sequence.has_value());
  ASSERT_OK_AND_ASSIGN(const Statement rest,
                       Page(purse_, *page.next_sequence, ledger::kStatementEntriesMax));
  EXPECT_EQ(rest.lines.back().sequence, last);
  EXPECT_EQ(page.lines.size() + rest.lines.size(), last - from + 1);
}

TEST_F(MoneyTest, LimitsBindTheNextDebit) {
  ASSERT_THAT(Pay(world_.Fresh(cashier_), purse_, 100'000), IsOk());
  const auto sell = [this] { return ReasonOf(Sell({LineOf(kBun)}, world_.FreshId())); };
  const auto bun = LineOf(kBun);
  const int64_t price = bun.amount_kopecks();
  ASSERT_EQ(sell(), Reason::kNone);
  const SpendingLimits per_purchase{.per_purchase_kopecks = price - 1};
  ASSERT_THAT(Limit(purse_, per_purchase), IsOk());
  EXPECT_EQ(sell(), Reason::kPurchaseLimitExceeded);
  ASSERT_OK_AND_ASSIGN(const SpendingLimits read, LimitsOf(purse_));
  EXPECT_EQ(read, per_purchase);
  ASSERT_THAT(Limit(purse_, {.per_service_day_kopecks = 3 * price}), IsOk());
  ASSERT_EQ(sell(), Reason::kNone);
  ASSERT_EQ(sell(), Reason::kNone);
  EXPECT_EQ(sell(), Reason::kDayLimitExceeded) << "one was sold before there was a limit";
  ASSERT_THAT(Limit(purse_, {}), IsOk());
  // The whole school: no account.
  const SpendingLimits ban{.banned_categories = {bun.category}};
  ASSERT_THAT(Limit({}, ban), IsOk());
  EXPECT_EQ(sell(), Reason::kCategoryBanned);
  ASSERT_OK_AND_ASSIGN(const SpendingLimits of_school, LimitsOf({}));
  EXPECT_EQ(of_school, ban);
  ASSERT_THAT(Limit({}, {}), IsOk());
  EXPECT_EQ(sell(), Reason::kNone);
  EXPECT_EQ(ReasonOf(Limit(base::AccountId{{9}}, ban)), Reason::kAccountUnknown);
}

}  // namespace
}  // namespace ladon::flow
