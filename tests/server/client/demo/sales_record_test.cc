// Goal: the proof of the demonstration would notice every way a sale can go wrong.
// Method: a small honest world, then one thing wrong at a time.
#include "server/client/demo/sales_record.h"

#include "gtest/gtest.h"

namespace ladon::demo {
namespace {

std::string Id(char c) {
  return std::string(16, c);
}

v1::StatementLine Line(v1::StatementKind kind, char transaction, int64_t amount_kopecks,
                       int64_t balance_kopecks) {
  v1::StatementLine line;
  line.set_kind(kind);
  line.set_transaction_id(Id(transaction));
  line.set_amount_kopecks(amount_kopecks);
  line.set_balance_kopecks(balance_kopecks);
  return line;
}

class SalesRecordTest : public ::testing::Test {
 protected:
  SalesRecordTest() {
    record_.ToppedUp(0, 10'000);
    record_.ToppedUp(1, 5'000);
    EXPECT_TRUE(record_.Sold(Id('a'), 0, 3'000));
    EXPECT_TRUE(record_.Sold(Id('b'), 0, 2'000));
    EXPECT_TRUE(record_.Sold(Id('c'), 1, 1'000));
    EXPECT_TRUE(record_.Returned(Id('r'), 0, 2'000));
    statements_ = {{Line(v1::STATEMENT_KIND_TOP_UP, 'p', 10'000, 10'000),
                    Line(v1::STATEMENT_KIND_MEAL, 'a', -3'000, 7'000),
                    Line(v1::STATEMENT_KIND_MEAL, 'b', -2'000, 5'000),
                    Line(v1::STATEMENT_KIND_CANCEL, 'r', 2'000, 7'000)},
                   {Line(v1::STATEMENT_KIND_TOP_UP, 'q', 5'000, 5'000),
                    Line(v1::STATEMENT_KIND_MEAL, 'c', -1'000, 4'000)}};
    balances_ = {7'000, 4'000};
  }
  Reconciliation Proof() const { return Reconcile(record_, statements_, balances_); }

  SalesRecord record_;
  std::vector<std::vector<v1::StatementLine>> statements_;
  std::vector<int64_t> balances_;
};

TEST_F(SalesRecordTest, HonestWorldAgrees) {
  EXPECT_EQ(Proof(), (Reconciliation{.acknowledged = 3,
                                     .lost = 0,
                                     .duplicated = 0,
                                     .wrong_child = 0,
                                     .wrong_balances = 0,
                                     .acknowledged_kopecks = 6'000,
                                     .found_kopecks = 6'000}));
}

TEST_F(SalesRecordTest, LostSaleIsSeen) {
  statements_[0].erase(statements_[0].begin() + 1);
  EXPECT_EQ(Proof().lost, 1);
}

TEST_F(SalesRecordTest, SaleWithAnotherSumCountsAsLost) {
  statements_[0][1].set_amount_kopecks(-2'999);
  EXPECT_EQ(Proof().lost, 1);
  EXPECT_NE(Proof().found_kopecks, Proof().acknowledged_kopecks);
}

TEST_F(SalesRecordTest, SaleBookedTwiceIsSeen) {
  statements_[0].push_back(statements_[0][1]);
  EXPECT_EQ(Proof().duplicated, 1);
}

TEST_F(SalesRecordTest, SaleNobodyAcknowledgedIsSeen) {
  statements_[1].push_back(Line(v1::STATEMENT_KIND_MEAL, 'x', -1'000, 3'000));
  EXPECT_EQ(Proof().duplicated, 1);
}

TEST_F(SalesRecordTest, SaleOnAnotherChildIsSeen) {
  statements_[1].push_back(statements_[0][1]);
  statements_[0].erase(statements_[0].begin() + 1);
  EXPECT_EQ(Proof().wrong_child, 1);
  EXPECT_EQ(Proof().lost, 1);
}

TEST_F(SalesRecordTest, LostReturnIsSeen) {
  statements_[0].pop_back();
  EXPECT_EQ(Proof().lost, 1);
}

TEST_F(SalesRecordTest, BalancesThatDoNotAddUpAreSeen) {
  balances_[0] = 6'999;
  EXPECT_EQ(Proof().wrong_balances, 1);
  statements_[1].back().set_balance_kopecks(1);
  EXPECT_EQ(Proof().wrong_balances, 2);
}

TEST_F(SalesRecordTest, AnswerAndItsReplayAreOneSale) {
  EXPECT_TRUE(record_.Sold(Id('a'), 0, 3'000));
  EXPECT_FALSE(record_.Sold(Id('a'), 1, 3'000));
  EXPECT_FALSE(record_.Sold(Id('a'), 0, 1));
  EXPECT_EQ(Proof().acknowledged, 3);
}

}  // namespace
}  // namespace ladon::demo
