// Goal: what is decided, sealed and written at the same time comes out in order, or not at all.
// Method: the writer is held while it answers a group, so that a full group waits sealed behind it
// and a third one is open; then the disk goes on, or fails.
#include "ledger/committer.h"

#include <algorithm>
#include <memory>
#include <mutex>
#include <thread>

#include "tests/testing/ledger_testing.h"

namespace ladon::ledger {
namespace {

using ::ladon::testing::Countdown;
using ::ladon::testing::Fault;
using ::ladon::testing::IsOk;
using ::ladon::testing::Pay;
using ::ladon::testing::StatusIs;
using ::ladon::testing::SubmissionOf;
using ::ladon::testing::TestLedger;
using ::ladon::testing::TransferOf;

// More than one group, and less than two.
constexpr uint64_t kMore = 1'500;
static_assert(kMore > kBatchSubmissionsMax && kMore < 2 * kBatchSubmissionsMax);

class CommitterTest : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_THAT(ledger_.Open(), IsOk());
    ledger_.OpenAccounts(1, 3);
  }

  Submission Debit(uint64_t number) { return SubmissionOf(number, Pay({TransferOf(1, 2, 1)})); }

  // Returns when the writer is held, and `more` further debits are decided behind it. Their answers
  // go to `told_`.
  void FillThePipeline(uint64_t more = kMore) {
    answered_ = std::make_unique<Countdown>(more);
    Countdown held(1);
    Submission first = Debit(100);
    first.done = [this, &held](const absl::Status&, const Outcome&) {
      held.Done();
      release_.Wait();
    };
    ASSERT_THAT(ledger_.sequencer().Submit(std::move(first)), IsOk());
    held.Wait();
    durable_ = ledger_.sequencer().Head().first;
    Countdown decided(more);
    for (uint64_t i = 1; i <= more; ++i) {
      Submission submission = Debit(100 + i);
      submission.record = [&decided](const absl::Status&, const Outcome&, storage::Overlay&) {
        decided.Done();
      };
      submission.done = [this](const absl::Status& status, const Outcome& outcome) {
        {
          const std::lock_guard lock(mutex_);
          told_.emplace_back(status, outcome.index);
        }
        answered_->Done();
      };
      ASSERT_THAT(ledger_.sequencer().Submit(std::move(submission)), IsOk());
    }
    decided.Wait();
    EXPECT_EQ(ledger_.sequencer().Head().first, durable_);
  }

  Countdown release_{1};
  std::unique_ptr<Countdown> answered_;
  std::mutex mutex_;  // A failure is told by several threads.
  std::vector<std::pair<absl::Status, uint64_t>> told_;
  uint64_t durable_ = 0;
  TestLedger ledger_;
};

TEST_F(CommitterTest, AFullGroupIsSealedWhileAnotherIsWritten) {
  ASSERT_NO_FATAL_FAILURE(FillThePipeline());
  release_.Done();
  answered_->Wait();
  ASSERT_EQ(told_.size(), kMore);
  for (uint64_t i = 0; i < kMore; ++i) {
    ASSERT_THAT(told_[i].first, IsOk());
    ASSERT_EQ(told_[i].second, durable_ + i);
  }
  EXPECT_EQ(ledger_.Balance(1), -static_cast<int64_t>(kMore + 1));
  ledger_.Close();
  ASSERT_THAT(ledger_.OpenStore(), IsOk());
  ASSERT_THAT(ledger_.OpenSequencer(/*verify_all=*/true), IsOk());
  EXPECT_EQ(ledger_.Balance(1), -static_cast<int64_t>(kMore + 1));
}

TEST_F(CommitterTest, AFailureIsToldToEverybodyInThePipeline) {
  ASSERT_NO_FATAL_FAILURE(FillThePipeline());
  ledger_.disk().FailAt(ledger_.disk().operations() + 1, Fault::kIoError);
  release_.Done();
  answered_->Wait();
  ASSERT_EQ(told_.size(), kMore);
  EXPECT_TRUE(std::all_of(told_.begin(), told_.end(),
                          [](const auto& one) { return absl::IsUnavailable(one.first); }));
  EXPECT_THAT(ledger_.sequencer().Submit(Debit(1)), StatusIs(absl::StatusCode::kUnavailable));
  ledger_.Close();
  ASSERT_THAT(ledger_.OpenStore(), IsOk());
  ASSERT_THAT(ledger_.OpenSequencer(/*verify_all=*/true), IsOk());
  // What was answered is there; of the rest all of a group or nothing.
  const uint64_t booked = ledger_.sequencer().Head().first - durable_;
  EXPECT_TRUE(booked == 0 || booked == kBatchSubmissionsMax) << booked;
}

TEST_F(CommitterTest, AFailureWhileItStopsIsToldToWhoWaitsSealed) {
  // Exactly one group: nothing is open or queued behind it, so the applier is at its last work.
  ASSERT_NO_FATAL_FAILURE(FillThePipeline(kBatchSubmissionsMax));
  ledger_.disk().FailAt(ledger_.disk().operations() + 1, Fault::kIoError);
  std::thread stop([this] { ledger_.sequencer().Stop(); });
  release_.Done();
  answered_->Wait();
  stop.join();
  ASSERT_EQ(told_.size(), kBatchSubmissionsMax);
  for (const auto& [status, index] : told_) {
    ASSERT_THAT(status, StatusIs(absl::StatusCode::kUnavailable));
  }
}

}  // namespace
}  // namespace ladon::ledger
