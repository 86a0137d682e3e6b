// Goal: what others have got wrong when two came at once (reports on Midaz, Formance, TigerBeetle):
// one of several wins, the others hear so, and the money moved once. Method: several threads, one
// ledger, many rounds; every answer is counted and the balances are held against the counts.
#include <array>
#include <atomic>
#include <map>
#include <thread>

#include "tests/testing/ledger_testing.h"

namespace ladon::ledger {
namespace {

using ::ladon::testing::CancelOf;
using ::ladon::testing::DigestOf;
using ::ladon::testing::IdOf;
using ::ladon::testing::IsOk;
using ::ladon::testing::OperationOf;
using ::ladon::testing::Pay;
using ::ladon::testing::StatusIs;
using ::ladon::testing::SubmissionOf;
using ::ladon::testing::TestLedger;
using ::ladon::testing::TransferOf;

constexpr int kRounds = 40;
constexpr int kThreads = 4;
constexpr uint32_t kHoldSeconds = 60;
constexpr uint64_t kSecondNs = 1'000'000'000;

class ConcurrencyTest : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_THAT(ledger_.Open(), IsOk());
    ledger_.OpenAccounts(1, 2);
  }

  // The same moment, as nearly as threads allow: each submits what `command_of(thread)` gives, and
  // counts its answer.
  std::map<ResultCode, int> AtOnce(const std::function<Submission(int thread)>& submission_of) {
    std::array<ResultCode, kThreads> codes{};
    std::atomic<int> ready = 0;
    std::vector<std::thread> threads;
    for (int thread = 0; thread < kThreads; ++thread) {
      threads.emplace_back([&, thread] {
        Submission submission = submission_of(thread);
        ++ready;
        while (ready.load() < kThreads) std::this_thread::yield();
        const auto [status, outcome] = ledger_.Call(std::move(submission));
        EXPECT_THAT(status, IsOk());
        codes[static_cast<size_t>(thread)] = outcome.code;
      });
    }
    for (std::thread& thread : threads) thread.join();
    std::map<ResultCode, int> counts;
    for (const ResultCode code : codes) ++counts[code];
    return counts;
  }

  uint64_t Hold(int64_t kopecks) {
    PostTransaction post = Pay({TransferOf(1, 2, kopecks)});
    post.hold_seconds = kHoldSeconds;
    EXPECT_EQ(ledger_.Do(SubmissionOf(++number_, post)).code, ResultCode::kOk);
    return number_;
  }
  uint64_t Next() { return ++number_; }
  AccountView View(uint64_t account) {
    return *ledger_.sequencer().FindAccount(IdOf<AccountId>(account));
  }

  TestLedger ledger_;
  std::atomic<uint64_t> number_ = 1'000;
};

TEST_F(ConcurrencyTest, OneOfSeveralCapturesTakesTheMoney) {
  for (int round = 1; round <= kRounds; ++round) {
    const uint64_t hold = Hold(100);
    const auto codes =
        AtOnce([&](int) { return SubmissionOf(Next(), CaptureHold{.target = OperationOf(hold)}); });
    EXPECT_EQ(codes.at(ResultCode::kOk), 1);
    EXPECT_EQ(codes.size(), 2);
    EXPECT_EQ(View(2).balance_kopecks, round * 100);
    EXPECT_EQ(View(1).debits_pending_kopecks, 0);
  }
}

TEST_F(ConcurrencyTest, CaptureVoidAndExpiryEndAHoldOnce) {
  int64_t captured = 0;
  std::map<ResultCode, int> all;
  for (int round = 0; round < kRounds; ++round) {
    const uint64_t hold = Hold(100);
    const uint64_t held_at = ledger_.now_ns.load();
    // In every other round its time runs out meanwhile.
    std::atomic<bool> go = false;
    std::thread clock([&] {
      while (!go) std::this_thread::yield();
      if (round % 2 == 0) ledger_.now_ns = held_at + (kHoldSeconds + 1) * kSecondNs;
    });
    const auto codes = AtOnce([&](int thread) {
      if (thread == kThreads - 1) go = true;
      if (thread == 0) return SubmissionOf(Next(), VoidHold{.target = OperationOf(hold)});
      return SubmissionOf(Next(), CaptureHold{.target = OperationOf(hold)});
    });
    clock.join();
    int ended = 0;
    for (const auto& [code, count] : codes) {
      all[code] += count;
      if (code == ResultCode::kOk) ended = count;
    }
    EXPECT_LE(ended, 1);
    EXPECT_TRUE(ended == 1 || round % 2 == 0);
    const AccountView payer = View(1);
    EXPECT_EQ(payer.debits_pending_kopecks, 0) << "ended by one of the three";
    EXPECT_EQ(payer.balance_kopecks, -View(2).balance_kopecks);
    const int64_t moved = View(2).balance_kopecks - captured;
    EXPECT_TRUE(moved == 0 || (moved == 100 && ended == 1)) << moved;
    captured += moved;
  }
  EXPECT_GE(all.size(), 2);
}

TEST_F(ConcurrencyTest, ReversalsNeverGiveBackMoreThanWasPaid) {
  for (int round = 0; round < kRounds; ++round) {
    const uint64_t sale = Next();
    ASSERT_EQ(ledger_.Do(SubmissionOf(sale, Pay({TransferOf(1, 2, 100)}))).code, ResultCode::kOk);
    // Halves: two of four fit.
    auto codes = AtOnce([&](int) {
      CancelOperation half = CancelOf(sale);
      half.ordinals = {0};
      half.amounts_kopecks = {50};
      return SubmissionOf(Next(), half);
    });
    EXPECT_EQ(codes[ResultCode::kOk], 2);
    EXPECT_EQ(codes[ResultCode::kReversalExceedsOriginal], 2);
    EXPECT_EQ(View(1).balance_kopecks, 0);
    EXPECT_EQ(View(2).balance_kopecks, 0);
  }
}

TEST_F(ConcurrencyTest, OneIdIsOneTransactionWhateverTheBody) {
  for (int round = 1; round <= kRounds; ++round) {
    const uint64_t number = Next();
    // Two with one body, two with others.
    const auto codes = AtOnce([&](int thread) {
      Submission submission = SubmissionOf(number, Pay({TransferOf(1, 2, 10)}));
      if (thread >= 2) {
        submission.command = Pay({TransferOf(1, 2, 10 + thread)});
        submission.content = DigestOf(static_cast<uint64_t>(thread));
      }
      return submission;
    });
    int ok = 0;
    int reused = 0;
    for (const auto& [code, count] : codes) {
      if (code == ResultCode::kOk) ok += count;
      if (IsReuse(code)) reused += count;
    }
    EXPECT_TRUE((ok == 2 && reused == 2) || (ok == 1 && reused == 3)) << ok << " " << reused;
    EXPECT_EQ(View(2).last_sequence, 1U + static_cast<uint64_t>(round)) << "one posting a round";
  }
}

TEST_F(ConcurrencyTest, ARefusedIdStaysRefusedWhenThereIsMoney) {
  OpenAccounts open;
  open.accounts = {::ladon::testing::TermsOf(5, kAccountLimited)};
  ASSERT_EQ(ledger_.Do(SubmissionOf(Next(), open)).code, ResultCode::kOk);
  const uint64_t number = Next();
  const Submission poor = SubmissionOf(number, Pay({TransferOf(5, 2, 10)}));
  EXPECT_EQ(ledger_.Do(poor).code, ResultCode::kInsufficientFunds);
  ledger_.Do(SubmissionOf(Next(), Pay({TransferOf(1, 5, 1'000)})));
  const auto codes = AtOnce([&](int) { return poor; });
  EXPECT_EQ(codes.at(ResultCode::kInsufficientFunds), kThreads);
  EXPECT_EQ(View(5).balance_kopecks, 1'000);
}

TEST_F(ConcurrencyTest, ABalanceBeforeTheAccountWasOpenIsNotNothing) {
  const uint64_t before = ledger_.now_ns.load();
  ledger_.now_ns += kSecondNs;
  OpenAccounts open;
  open.accounts = {::ladon::testing::TermsOf(6)};
  ASSERT_EQ(ledger_.Do(SubmissionOf(Next(), open)).code, ResultCode::kOk);
  EXPECT_THAT(ledger_.sequencer().BalanceAt(IdOf<AccountId>(6), before),
              StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(ledger_.sequencer().BalanceAt(IdOf<AccountId>(7), before),
              StatusIs(absl::StatusCode::kNotFound));
}

// Closings, extracts' parts and requests at once: what a closing tells was true at one moment.
TEST_F(ConcurrencyTest, ClosingsAmongRequestsBalance) {
  std::atomic<bool> stop = false;
  std::thread seller([&] {
    while (!stop) ledger_.Do(SubmissionOf(Next(), Pay({TransferOf(1, 2, 7)})));
  });
  for (int i = 0; i < 10; ++i) {
    const auto closing = ledger_.sequencer().BookClosing(2026'09'01);
    ASSERT_THAT(closing, IsOk());
    const LedgerView view = ledger_.sequencer().View();
    const auto rows = ReadClosingRows(
        *view.store, view.salts->KeyOfClosing(closing->head.tree_size), closing->head);
    ASSERT_THAT(rows, IsOk());
    int64_t sum = 0;
    for (const ClosingRow& row : *rows) sum += row.balance_kopecks;
    EXPECT_EQ(sum, 0) << "not one moment";
  }
  stop = true;
  seller.join();
}

}  // namespace
}  // namespace ladon::ledger
