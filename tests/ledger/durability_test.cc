// Goal: what was acknowledged survives a power cut, once and wholly; what survives is a prefix of
// what was decided; a disk that fails is never papered over. Method: a disk that forgets what was
// not synced. The power is cut at random operations under concurrent debits; then a fixed scenario
// meets each kind of fault at each of its operations. The same test without syncs must fail.
#include <algorithm>
#include <iostream>
#include <random>
#include <thread>

#include "tests/testing/ledger_testing.h"

namespace ladon::ledger {
namespace {

using ::ladon::testing::CancelOf;
using ::ladon::testing::Fault;
using ::ladon::testing::IdOf;
using ::ladon::testing::IsOk;
using ::ladon::testing::OperationOf;
using ::ladon::testing::Pay;
using ::ladon::testing::SubmissionOf;
using ::ladon::testing::TestLedger;
using ::ladon::testing::TransferOf;

constexpr int kThreads = 3;
constexpr uint64_t kRequestsPerThread = 400;

uint64_t RequestNumber(int thread, uint64_t i) {
  return 1'000 + static_cast<uint64_t>(thread) * kRequestsPerThread + i;
}

// Debits of 1 kopeck from several threads until the ledger stops. Returns the acknowledged ones.
std::vector<uint64_t> DebitUntilStopped(TestLedger* ledger) {
  std::vector<std::vector<uint64_t>> acknowledged(kThreads);
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([ledger, t, &mine = acknowledged[static_cast<size_t>(t)]] {
      for (uint64_t i = 0; i < kRequestsPerThread; ++i) {
        const uint64_t number = RequestNumber(t, i);
        if (!ledger->Call(SubmissionOf(number, Pay({TransferOf(1, 2, 1)}))).first.ok()) {
          return;
        }
        mine.push_back(number);
      }
    });
  }
  std::vector<uint64_t> all;
  for (int t = 0; t < kThreads; ++t) {
    threads[static_cast<size_t>(t)].join();
    const auto& mine = acknowledged[static_cast<size_t>(t)];
    all.insert(all.end(), mine.begin(), mine.end());
  }
  return all;
}

// After recovery (which verified that the journal is one unbroken prefix): how many acknowledged
// requests are lost. Checks that the balance is exactly the number of debits that are there.
uint64_t CountLost(TestLedger* ledger, const std::vector<uint64_t>& acknowledged) {
  uint64_t lost = 0;
  for (const uint64_t number : acknowledged) {
    const auto found = ledger->sequencer().FindOperation(OperationOf(number));
    EXPECT_THAT(found, IsOk());
    lost += found.ok() && found->has_value() ? 0 : 1;
  }
  uint64_t there = 0;
  for (int t = 0; t < kThreads; ++t) {
    for (uint64_t i = 0; i < kRequestsPerThread; ++i) {
      const auto found = ledger->sequencer().FindOperation(OperationOf(RequestNumber(t, i)));
      there += found.ok() && found->has_value() ? 1 : 0;
    }
  }
  if (ledger->sequencer().FindAccount(IdOf<AccountId>(1)).has_value()) {
    EXPECT_EQ(ledger->Balance(1), -static_cast<int64_t>(there));
    EXPECT_EQ(ledger->Balance(2), static_cast<int64_t>(there));
    EXPECT_EQ(ledger->sequencer().Head().first, there + 2);  // The origin and the accounts.
  } else {
    EXPECT_EQ(there, 0u);
  }
  return lost;
}

// Rounds of {open, debit, power cut at a random operation, reopen}. Returns the lost requests.
uint64_t RunPowerCuts(int rounds, bool sync) {
  constexpr uint64_t kSeed = 7;
  std::mt19937_64 random(kSeed);
  uint64_t lost = 0;
  uint64_t acknowledged_in_all = 0;
  for (int round = 0; round < rounds; ++round) {
    TestLedger ledger(random(), /*tear=*/round % 2 == 1);
    EXPECT_THAT(ledger.Open(sync), IsOk());
    ledger.OpenAccounts(1, 2);
    ledger.disk().FailAt(ledger.disk().operations() + 1 + random() % 600, Fault::kPowerCut);
    const std::vector<uint64_t> acknowledged = DebitUntilStopped(&ledger);
    acknowledged_in_all += acknowledged.size();
    ledger.PowerCut();
    EXPECT_THAT(ledger.Open(), IsOk()) << "seed " << kSeed << ", round " << round;
    if (::testing::Test::HasFailure()) {
      return lost;
    }
    lost += CountLost(&ledger, acknowledged);
    if (!sync) {
      continue;  // The accounts themselves may be lost.
    }
    // Some of them again: one effect, whatever became of the first try.
    const int64_t before = ledger.Balance(1);
    for (const uint64_t number : acknowledged) {
      if (number % 10 == 0) {
        EXPECT_TRUE(ledger.Do(SubmissionOf(number, Pay({TransferOf(1, 2, 1)}))).replayed);
      }
    }
    EXPECT_EQ(ledger.Balance(1), before);
  }
  std::cout << rounds << " rounds, " << acknowledged_in_all << " acknowledged, " << lost
            << " lost\n";
  EXPECT_GT(acknowledged_in_all, static_cast<uint64_t>(rounds) * 10);
  return lost;
}

TEST(DurabilityTest, PowerCutsLoseNothingThatWasAcknowledged) {
  EXPECT_EQ(RunPowerCuts(24, /*sync=*/true), 0u);
}

// The proof that the test above can fail.
TEST(DurabilityTest, WithoutSyncsTheSameTestFindsLosses) {
  EXPECT_GT(RunPowerCuts(3, /*sync=*/false), 0u);
}

// A fixed scenario of a few groups; returns the numbers of the acknowledged requests.
std::vector<uint64_t> RunScenario(TestLedger* ledger) {
  std::vector<uint64_t> acknowledged;
  if (!ledger->Open().ok()) {
    return acknowledged;
  }
  OpenAccounts open;
  open.accounts = {::ladon::testing::TermsOf(1), ::ladon::testing::TermsOf(2)};
  const std::pair<uint64_t, Command> requests[] = {
      {1, open},
      {2, Pay({TransferOf(1, 2, 30)})},
      {3, Pay({TransferOf(1, 2, 12)})},
      {4, CancelOf(2)},
      {5, CancelOf(99)},
  };
  for (const auto& [number, command] : requests) {
    const auto [status, outcome] = ledger->Call(SubmissionOf(number, command));
    if (!status.ok()) {
      EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable) << status;
      EXPECT_THAT(ledger->sequencer().Submit(SubmissionOf(50, command)),
                  ::ladon::testing::StatusIs(absl::StatusCode::kUnavailable));
      ledger->sequencer().Stop();
      EXPECT_EQ(ledger->fatal_calls, 1);
      return acknowledged;
    }
    EXPECT_EQ(outcome.code, ResultCode::kOk);
    acknowledged.push_back(number);
  }
  // A day's end: rows in batches of their own, then the leaf.
  if (const auto closing = ledger->sequencer().BookClosing(2026'09'01); !closing.ok()) {
    EXPECT_EQ(closing.status().code(), absl::StatusCode::kUnavailable) << closing.status();
    ledger->sequencer().Stop();
    EXPECT_EQ(ledger->fatal_calls, 1);
    return acknowledged;
  }
  EXPECT_EQ(ledger->fatal_calls, 0);
  return acknowledged;
}

// Every closing that is told of has its leaf and rows with its root.
void ExpectClosingsWhole(TestLedger* ledger) {
  ASSERT_OK_AND_ASSIGN(const auto closings, ledger->sequencer().ListClosings());
  const LedgerView view = ledger->sequencer().View();
  for (const BookedClosing& closing : closings) {
    ASSERT_OK_AND_ASSIGN(const Entry leaf, ledger->sequencer().ReadEntry(closing.index));
    EXPECT_EQ(leaf.openings, std::vector<Opening>{closing.head});
    EXPECT_THAT(ReadClosingRows(*view.store, view.salts->KeyOfClosing(closing.head.tree_size),
                                closing.head),
                IsOk());
  }
}

class LedgerFaultTest : public ::testing::TestWithParam<Fault> {};

TEST_P(LedgerFaultTest, EveryOperationMayFail) {
  // What comes before the ledger's first entry is the store's business (storage/fault_test.cc).
  uint64_t operation = 0;
  {
    TestLedger ledger;
    ASSERT_THAT(ledger.OpenStore(), IsOk());
    operation = ledger.disk().operations();
  }
  const uint64_t first = operation;
  for (bool happened = true; happened; ++operation) {
    SCOPED_TRACE(operation);
    TestLedger ledger(operation, /*tear=*/operation % 2 == 0);
    ledger.disk().FailAt(operation, GetParam());
    const std::vector<uint64_t> acknowledged = RunScenario(&ledger);
    happened = ledger.disk().happened();
    ledger.PowerCut();
    ASSERT_THAT(ledger.Open(), IsOk());
    const std::pair<uint64_t, int64_t> balances[] = {{2, -30}, {3, -42}, {4, -12}, {5, -12}};
    int64_t expected = 0;
    for (uint64_t number = 1; number <= 5; ++number) {
      ASSERT_OK_AND_ASSIGN(const auto found, ledger.sequencer().FindOperation(OperationOf(number)));
      const bool was_acknowledged =
          std::find(acknowledged.begin(), acknowledged.end(), number) != acknowledged.end();
      EXPECT_TRUE(found.has_value() || !was_acknowledged) << "lost request " << number;
      EXPECT_FALSE(found.has_value() && number > acknowledged.size() + 1) << "never issued";
      if (found.has_value() && number >= 2) {
        expected = balances[number - 2].second;
      }
    }
    if (ledger.sequencer().FindAccount(IdOf<AccountId>(1)).has_value()) {
      EXPECT_EQ(ledger.Balance(1), expected);
    }
    ExpectClosingsWhole(&ledger);
    // The scenario can be run to its end on the recovered store.
    ledger.Close();
    ledger.fatal_calls = 0;
    EXPECT_EQ(RunScenario(&ledger).size(), 5u);
    EXPECT_EQ(ledger.Balance(1), -12);
    ExpectClosingsWhole(&ledger);
  }
  EXPECT_GT(operation, first + 10) << "the scenario hardly touched the disk";
}

INSTANTIATE_TEST_SUITE_P(Faults, LedgerFaultTest,
                         ::testing::Values(Fault::kIoError, Fault::kNoSpace, Fault::kTornAppend,
                                           Fault::kPowerCut));

}  // namespace
}  // namespace ladon::ledger
