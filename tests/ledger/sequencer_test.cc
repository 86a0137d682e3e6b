// Goal: each request has one effect and one answer, told after it is durable, in order; a failed
// write stops everything. Method: a real store on a disk that can be stopped from acknowledging,
// the same requests again, from several threads, and in one group.
#include "ledger/sequencer.h"

#include <map>
#include <thread>

#include "tests/testing/ledger_testing.h"

namespace ladon::ledger {
namespace {

using ::ladon::testing::CancelOf;
using ::ladon::testing::Countdown;
using ::ladon::testing::DigestOf;
using ::ladon::testing::Fault;
using ::ladon::testing::IdOf;
using ::ladon::testing::IsOk;
using ::ladon::testing::OperationOf;
using ::ladon::testing::Pay;
using ::ladon::testing::StatusIs;
using ::ladon::testing::SubmissionOf;
using ::ladon::testing::TermsOf;
using ::ladon::testing::TestLedger;
using ::ladon::testing::TransferOf;
using storage::Family;

class SequencerTest : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_THAT(ledger_.Open(), IsOk());
    ledger_.OpenAccounts(1, 3);
  }

  Submission Debit(uint64_t number, int64_t amount_kopecks = 10) {
    return SubmissionOf(number, Pay({TransferOf(1, 2, amount_kopecks)}));
  }
  Submission Cancel(uint64_t number, uint64_t target) {
    return SubmissionOf(number, CancelOf(target));
  }

  // Holds the applier in a submission's record callback, so that what is submitted meanwhile makes
  // one group.
  class Gate {
   public:
    explicit Gate(TestLedger* ledger) {
      Submission submission;
      submission.record = [this](const absl::Status&, const Outcome&, storage::Overlay&) {
        entered_.Done();
        opened_.Wait();
      };
      submission.done = [this](const absl::Status&, const Outcome&) { left_.Done(); };
      EXPECT_THAT(ledger->sequencer().Submit(std::move(submission)), IsOk());
      entered_.Wait();
    }
    void Open() {
      opened_.Done();
      left_.Wait();
    }

   private:
    Countdown entered_;
    Countdown opened_;
    Countdown left_;
  };

  // Submits while the applier is held, so that all of them are decided in one group.
  std::vector<Outcome> InOneGroup(std::vector<Submission> submissions) {
    std::vector<Outcome> outcomes(submissions.size());
    Countdown waiting(submissions.size());
    Gate gate(&ledger_);
    for (size_t i = 0; i < submissions.size(); ++i) {
      submissions[i].done = [&, i](const absl::Status& status, const Outcome& outcome) {
        EXPECT_THAT(status, IsOk());
        outcomes[i] = outcome;
        waiting.Done();
      };
      EXPECT_THAT(ledger_.sequencer().Submit(std::move(submissions[i])), IsOk());
    }
    gate.Open();
    waiting.Wait();
    return outcomes;
  }

  TestLedger ledger_;
};

TEST_F(SequencerTest, SameRequestHasOneEffectAndOneAnswer) {
  const Outcome first = ledger_.Do(Debit(10));
  EXPECT_EQ(first.code, ResultCode::kOk);
  EXPECT_FALSE(first.replayed);
  const Outcome again = ledger_.Do(Debit(10));
  EXPECT_TRUE(again.replayed);
  EXPECT_EQ(again.index, first.index);
  EXPECT_EQ(again.entry->leaf, first.entry->leaf);
  EXPECT_EQ(again.entry->openings, first.entry->openings);
  EXPECT_EQ(ledger_.Balance(1), -10);
  ledger_.Close();
  ASSERT_THAT(ledger_.Open(), IsOk());
  EXPECT_TRUE(ledger_.Do(Debit(10)).replayed);
  EXPECT_EQ(ledger_.Balance(1), -10);
}

TEST_F(SequencerTest, SameIdOtherContentIsRefusedWithoutATrace) {
  ledger_.Do(Debit(10));
  const auto head = ledger_.sequencer().Head();
  Submission other = Debit(10, 999);
  other.content = DigestOf(11);
  const Outcome refused = ledger_.Do(std::move(other));
  EXPECT_EQ(refused.code, ResultCode::kExistsWithDifferentAmount);
  EXPECT_FALSE(refused.replayed);
  EXPECT_EQ(refused.entry, nullptr);
  EXPECT_EQ(ledger_.sequencer().Head(), head);
  EXPECT_TRUE(ledger_.Do(Debit(10)).replayed);  // The first one still stands.
}

TEST_F(SequencerTest, ARefusalIsForEver) {
  ASSERT_EQ(ledger_.Do(SubmissionOf(2, SetAccountTerms{TermsOf(1, kAccountFrozen)})).code,
            ResultCode::kOk);
  EXPECT_EQ(ledger_.Do(Debit(10)).code, ResultCode::kAccountFrozen);
  ASSERT_EQ(ledger_.Do(SubmissionOf(3, SetAccountTerms{TermsOf(1)})).code, ResultCode::kOk);
  const Outcome again = ledger_.Do(Debit(10));
  EXPECT_EQ(again.code, ResultCode::kAccountFrozen);
  EXPECT_TRUE(again.replayed);
  EXPECT_EQ(ledger_.Do(Debit(11)).code, ResultCode::kOk);
}

TEST_F(SequencerTest, SameIdFromSeveralThreadsAndInOneGroup) {
  constexpr int kThreads = 4;
  constexpr uint64_t kRequests = 200;
  std::atomic<int> fresh = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&] {
      for (uint64_t i = 0; i < kRequests; ++i) {
        const Outcome outcome = ledger_.Do(Debit(100 + i, 1));
        EXPECT_EQ(outcome.code, ResultCode::kOk);
        fresh += outcome.replayed ? 0 : 1;
      }
    });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  EXPECT_EQ(fresh, static_cast<int>(kRequests));
  EXPECT_EQ(ledger_.Balance(1), -static_cast<int64_t>(kRequests));

  std::vector<Submission> twice;
  twice.push_back(Debit(10));
  twice.push_back(Debit(10));
  const std::vector<Outcome> outcomes = InOneGroup(std::move(twice));
  EXPECT_FALSE(outcomes[0].replayed);
  EXPECT_TRUE(outcomes[1].replayed);
  EXPECT_EQ(outcomes[1].entry->leaf, outcomes[0].entry->leaf);
}

TEST_F(SequencerTest, CancelAfterDebit) {
  const Outcome paid = ledger_.Do(Debit(10));
  const Outcome cancelled = ledger_.Do(Cancel(20, 10));
  EXPECT_EQ(cancelled.code, ResultCode::kOk);
  EXPECT_FALSE(cancelled.burnt);
  EXPECT_EQ(cancelled.entry->leaf.related, paid.entry->leaf.transaction);
  EXPECT_EQ(ledger_.Balance(1), 0);
  EXPECT_TRUE(ledger_.Do(Cancel(20, 10)).replayed);
  EXPECT_EQ(ledger_.Do(Cancel(21, 10)).code, ResultCode::kReversalExceedsOriginal);
  EXPECT_EQ(ledger_.Do(Debit(10)).code, ResultCode::kOk);  // The stored answer.
  EXPECT_EQ(ledger_.Balance(1), 0);
}

TEST_F(SequencerTest, CancelBeforeDebit) {
  const uint64_t before = ledger_.sequencer().Head().first;
  const Outcome cancelled = ledger_.Do(Cancel(20, 10));
  EXPECT_EQ(cancelled.code, ResultCode::kOk);
  EXPECT_TRUE(cancelled.burnt);
  EXPECT_EQ(ledger_.sequencer().Head().first, before + 2);
  const Outcome late = ledger_.Do(Debit(10));
  EXPECT_EQ(late.code, ResultCode::kCancelledBeforeArrival);
  EXPECT_TRUE(late.replayed);
  Submission other_content = Debit(10);
  other_content.content = DigestOf(99);
  EXPECT_EQ(ledger_.Do(std::move(other_content)).code, ResultCode::kCancelledBeforeArrival);
  const Outcome again = ledger_.Do(Cancel(20, 10));
  EXPECT_TRUE(again.replayed);
  EXPECT_TRUE(again.burnt);
  const Outcome second = ledger_.Do(Cancel(21, 10));
  EXPECT_EQ(second.code, ResultCode::kOk);
  EXPECT_TRUE(second.burnt);
  EXPECT_EQ(ledger_.sequencer().Head().first, before + 3);  // No second burnt leaf.
  EXPECT_EQ(ledger_.Balance(1), 0);
}

TEST_F(SequencerTest, CancelAndDebitInOneGroupInEitherOrder) {
  std::vector<Submission> debit_first;
  debit_first.push_back(Debit(10));
  debit_first.push_back(Cancel(20, 10));
  debit_first.push_back(Cancel(21, 10));
  std::vector<Outcome> outcomes = InOneGroup(std::move(debit_first));
  EXPECT_EQ(outcomes[1].code, ResultCode::kOk);
  EXPECT_FALSE(outcomes[1].burnt);
  EXPECT_EQ(outcomes[2].code, ResultCode::kReversalExceedsOriginal);
  EXPECT_EQ(ledger_.Balance(1), 0);

  std::vector<Submission> cancel_first;
  cancel_first.push_back(Cancel(30, 12));
  cancel_first.push_back(Debit(12));
  cancel_first.push_back(Cancel(30, 12));
  outcomes = InOneGroup(std::move(cancel_first));
  EXPECT_TRUE(outcomes[0].burnt);
  EXPECT_EQ(outcomes[1].code, ResultCode::kCancelledBeforeArrival);
  EXPECT_TRUE(outcomes[2].replayed);
  EXPECT_TRUE(outcomes[2].burnt);
  EXPECT_EQ(ledger_.Balance(1), 0);
}

TEST_F(SequencerTest, ATokenPaysOnce) {
  PostTransaction post = Pay({TransferOf(1, 2, 10)});
  post.nonce = IdOf<Nonce>(1);
  PostTransaction refused = Pay({TransferOf(1, 99, 10)});
  refused.nonce = post.nonce;
  EXPECT_EQ(ledger_.Do(SubmissionOf(9, refused)).code, ResultCode::kAccountUnknown);
  std::vector<Submission> group;
  group.push_back(SubmissionOf(10, post));
  group.push_back(SubmissionOf(11, post));
  const std::vector<Outcome> outcomes = InOneGroup(std::move(group));
  EXPECT_EQ(outcomes[0].code, ResultCode::kOk);  // The refusal did not use it up.
  EXPECT_EQ(outcomes[1].code, ResultCode::kTokenAlreadyUsed);
  EXPECT_EQ(ledger_.Do(SubmissionOf(12, post)).code, ResultCode::kTokenAlreadyUsed);
  EXPECT_EQ(ledger_.Balance(1), -10);
}

TEST_F(SequencerTest, ChecksSeeEarlierDecisionsAndRefuseWithoutATrace) {
  const auto head = ledger_.sequencer().Head();
  bool changed = false;
  bool recorded = false;
  Submission submission = Debit(10);
  submission.check = [](const storage::Reader&) { return absl::PermissionDeniedError("consent"); };
  submission.changes = [&](const Outcome&, storage::Overlay&) { changed = true; };
  submission.record = [&](const absl::Status& status, const Outcome&, storage::Overlay& overlay) {
    EXPECT_THAT(status, StatusIs(absl::StatusCode::kPermissionDenied));
    overlay.Put(Family::kAuditLog, "refused", "1");
    recorded = true;
  };
  EXPECT_THAT(ledger_.Call(std::move(submission)).first,
              StatusIs(absl::StatusCode::kPermissionDenied));
  EXPECT_FALSE(changed);
  EXPECT_TRUE(recorded);
  EXPECT_EQ(ledger_.sequencer().Head(), head);
  ASSERT_OK_AND_ASSIGN(const auto written, ledger_.store().Get(Family::kAuditLog, "refused"));
  EXPECT_EQ(written, "1");
  EXPECT_FALSE(ledger_.Do(Debit(10)).replayed);  // The id was not burnt.

  std::vector<Submission> group;
  group.push_back(Debit(11));
  group.back().changes = [](const Outcome&, storage::Overlay& overlay) {
    overlay.Put(Family::kDirectory, "mark", "seen");
  };
  group.push_back(Debit(12));
  group.back().check = [](const storage::Reader& reader) {
    EXPECT_EQ(reader.Get(Family::kDirectory, "mark").value(), "seen");
    return absl::OkStatus();
  };
  InOneGroup(std::move(group));
}

TEST_F(SequencerTest, CompanionsAreCalledAsPromised) {
  int changes = 0;
  int records = 0;
  auto counted = [&](Submission submission) {
    submission.changes = [&](const Outcome&, storage::Overlay&) { ++changes; };
    submission.record = [&](const absl::Status&, const Outcome&, storage::Overlay&) { ++records; };
    return submission;
  };
  ledger_.Do(counted(Debit(10)));
  EXPECT_EQ(std::pair(changes, records), std::pair(1, 1));
  ledger_.Do(counted(Debit(10)));  // Replayed: recorded, not changed.
  EXPECT_EQ(std::pair(changes, records), std::pair(1, 2));
  ledger_.Do(counted(SubmissionOf(11, Pay({}))));  // Refused.
  EXPECT_EQ(std::pair(changes, records), std::pair(1, 3));
  ledger_.Do(counted(Submission{}));  // No command: everything but an entry.
  EXPECT_EQ(std::pair(changes, records), std::pair(2, 4));
}

TEST_F(SequencerTest, CallbacksComeAfterTheSyncAndInOrder) {
  std::vector<Submission> group;
  std::vector<uint64_t> order;
  Countdown waiting(100);
  Gate gate(&ledger_);
  for (uint64_t i = 0; i < 100; ++i) {
    Submission submission = Debit(100 + i, 1);
    submission.done = [&, i](const absl::Status&, const Outcome& outcome) {
      order.push_back(i);
      EXPECT_GT(ledger_.sequencer().Head().first, outcome.index);
      EXPECT_THAT(ledger_.sequencer().ReadEntry(outcome.index), IsOk());
      const auto found = ledger_.sequencer().FindOperation(OperationOf(100 + i));
      EXPECT_TRUE(found.ok() && found->has_value());
      waiting.Done();
    };
    ASSERT_THAT(ledger_.sequencer().Submit(std::move(submission)), IsOk());
  }
  EXPECT_EQ(ledger_.sequencer().FindOperation(OperationOf(100)).value(), std::nullopt);
  gate.Open();
  waiting.Wait();
  EXPECT_EQ(order.size(), 100u);
  EXPECT_TRUE(std::is_sorted(order.begin(), order.end()));
}

TEST_F(SequencerTest, QueueIsBounded) {
  Gate gate(&ledger_);
  for (size_t i = 0; i < kQueueMax; ++i) {
    Submission submission;
    submission.caller = i / kQueueOfCallerMax;
    ASSERT_THAT(ledger_.sequencer().Submit(std::move(submission)), IsOk());
    if (i + 1 == kQueueOfCallerMax) {  // This caller's share is full; others have room.
      EXPECT_THAT(ledger_.sequencer().Submit(Submission{}),
                  StatusIs(absl::StatusCode::kResourceExhausted));
    }
  }
  EXPECT_EQ(ledger_.sequencer().QueueDepth(), kQueueMax);
  bool called = false;
  Submission refused = Debit(10);
  refused.caller = 77;
  refused.done = [&](const absl::Status&, const Outcome&) { called = true; };
  EXPECT_THAT(ledger_.sequencer().Submit(std::move(refused)),
              StatusIs(absl::StatusCode::kResourceExhausted));
  gate.Open();
  ledger_.sequencer().Stop();
  EXPECT_FALSE(called);
  EXPECT_EQ(ledger_.sequencer().QueueDepth(), 0u);
}

TEST_F(SequencerTest, CallersTakeTurns) {
  Gate gate(&ledger_);
  constexpr uint64_t kOfTheBusyOne = 500;
  Countdown waiting(kOfTheBusyOne + 1);
  std::vector<Submission> busy;
  uint64_t answered = 0;
  uint64_t answered_before_the_other = 0;
  for (uint64_t i = 0; i < kOfTheBusyOne; ++i) {
    Submission& submission = busy.emplace_back(Debit(100 + i, 1));
    submission.caller = 1;
    submission.done = [&](const absl::Status&, const Outcome&) {
      ++answered;
      waiting.Done();
    };
  }
  ASSERT_THAT(ledger_.sequencer().SubmitAll(std::move(busy)), IsOk());
  Submission other = Debit(10);
  other.caller = 2;
  other.done = [&](const absl::Status&, const Outcome&) {
    answered_before_the_other = answered;
    waiting.Done();
  };
  ASSERT_THAT(ledger_.sequencer().Submit(std::move(other)), IsOk());
  gate.Open();
  waiting.Wait();
  EXPECT_LE(answered_before_the_other, 1u);
}

TEST_F(SequencerTest, ManyAreTakenTogetherOrNotAtAll) {
  std::vector<Submission> many;
  for (uint64_t i = 0; i < 3; ++i) many.push_back(Debit(100 + i, 1));
  many.back().operation = {};
  bool called = false;
  many.front().done = [&](const absl::Status&, const Outcome&) { called = true; };
  EXPECT_THAT(ledger_.sequencer().SubmitAll(std::move(many)),
              StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(ledger_.sequencer().SubmitAll({}), IsOk());
  ledger_.Do(Debit(10));
  EXPECT_FALSE(called);
  EXPECT_EQ(ledger_.Balance(1), -10);
}

TEST_F(SequencerTest, GroupsAreBoundedByCountAndBytes) {
  // Callbacks of a group come before the next one is written: the head tells the groups apart.
  Countdown waiting(kBatchSubmissionsMax + 1);
  Gate gate(&ledger_);
  std::map<uint64_t, size_t> by_head;
  for (uint64_t i = 0; i <= kBatchSubmissionsMax; ++i) {
    Submission submission = Debit(100 + i, 1);
    submission.done = [&](const absl::Status&, const Outcome&) {
      ++by_head[ledger_.sequencer().Head().first];
      waiting.Done();
    };
    ASSERT_THAT(ledger_.sequencer().Submit(std::move(submission)), IsOk());
  }
  gate.Open();
  waiting.Wait();
  EXPECT_GE(by_head.size(), 2u);
  for (const auto& [head, count] : by_head) EXPECT_LE(count, kBatchSubmissionsMax) << head;

  // Each submission adds half a batch and a small mark. A mark that is in the overlay and not yet
  // in the store belongs to the group that is being put together, to the one that waits, or to the
  // one being written.
  constexpr size_t kLarge = storage::kBatchBytesMax / 2;
  constexpr int kSubmissions = 8;
  int largest = 0;
  std::vector<Submission> large(kSubmissions);
  for (int i = 0; i < kSubmissions; ++i) {
    large[static_cast<size_t>(i)].record = [&, i](const absl::Status&, const Outcome&,
                                                  storage::Overlay& overlay) {
      overlay.Put(Family::kVault, absl::StrCat("large ", i), std::string(kLarge, 'x'));
      overlay.Put(Family::kVault, absl::StrCat("mark ", i), "");
      int in_group = 0;
      for (int j = 0; j <= i; ++j) {
        const std::string mark = absl::StrCat("mark ", j);
        const bool durable = ledger_.store().Get(Family::kVault, mark).value().has_value();
        in_group += !durable && overlay.Get(Family::kVault, mark).value().has_value() ? 1 : 0;
      }
      largest = std::max(largest, in_group);
    };
  }
  InOneGroup(std::move(large));
  EXPECT_GE(largest, 2);
  EXPECT_LE(largest, 6);
}

TEST_F(SequencerTest, LargeGroupsAreSplitIntoBlocks) {
  // Each transaction takes about 16 KB in the journal; a block holds 32 KiB.
  std::vector<Submission> group;
  for (uint64_t i = 0; i < 400; ++i) {
    PostTransaction post;
    for (size_t t = 0; t < kTransfersMax; ++t) {
      post.transfers.push_back(TransferOf(1, 2, 1));
      post.transfers.back().line = LineDetail{};
    }
    group.push_back(SubmissionOf(100 + i, post));
  }
  const std::vector<Outcome> outcomes = InOneGroup(std::move(group));
  for (const Outcome& outcome : outcomes) {
    ASSERT_EQ(outcome.code, ResultCode::kOk);
    ASSERT_THAT(ledger_.sequencer().ReadEntry(outcome.index), IsOk());
  }
  const auto head = ledger_.sequencer().Head();
  ledger_.Close();
  ASSERT_THAT(ledger_.Open(), IsOk());
  EXPECT_EQ(ledger_.sequencer().Head(), head);
}

TEST_F(SequencerTest, RefusesWhatIsNoRequest) {
  const auto bad = StatusIs(absl::StatusCode::kInvalidArgument);
  Submission submission = Debit(10);
  submission.operation = {};
  EXPECT_THAT(ledger_.sequencer().Submit(submission), bad);
  submission = Debit(10);
  submission.service_date = 2026'13'01;
  EXPECT_THAT(ledger_.sequencer().Submit(submission), bad);
  submission = Debit(10);
  submission.transaction = {};
  EXPECT_THAT(ledger_.sequencer().Submit(submission), bad);
  PostTransaction post;
  post.transfers.assign(kTransfersMax + 1, TransferOf(1, 2, 1));
  EXPECT_THAT(ledger_.sequencer().Submit(SubmissionOf(10, post)), bad);
  EXPECT_THAT(ledger_.sequencer().Submit(SubmissionOf(10, OpenAccounts{})), bad);
  OpenAccounts open;
  open.accounts.assign(kAccountsPerCommandMax + 1, TermsOf(9));
  EXPECT_THAT(ledger_.sequencer().Submit(SubmissionOf(10, open)), bad);
  EXPECT_THAT(ledger_.sequencer().Submit(Cancel(10, 10)), bad);
  CancelOperation cancel = CancelOf(9);
  cancel.ordinals.assign(kTransfersMax + 1, 0);
  EXPECT_THAT(ledger_.sequencer().Submit(SubmissionOf(10, cancel)), bad);
}

TEST_F(SequencerTest, TimeNeverGoesBack) {
  const uint64_t first = ledger_.Do(Debit(10)).entry->leaf.booked_at_ns;
  ledger_.now_ns -= 1'000'000'000;
  const uint64_t second = ledger_.Do(Debit(11)).entry->leaf.booked_at_ns;
  EXPECT_EQ(second, first + 1);
  ledger_.Close();
  ASSERT_THAT(ledger_.Open(), IsOk());
  EXPECT_EQ(ledger_.Do(Debit(12)).entry->leaf.booked_at_ns, second + 1);
  ledger_.now_ns += 5'000'000'000;
  EXPECT_EQ(ledger_.Do(Debit(13)).entry->leaf.booked_at_ns, ledger_.now_ns);
}

TEST_F(SequencerTest, StatementsHavePages) {
  ledger_.Do(SubmissionOf(10, Pay({TransferOf(1, 2, 1), TransferOf(1, 2, 2)})));
  for (uint64_t i = 0; i < 5; ++i) {
    ledger_.Do(Debit(20 + i));
  }
  ledger_.Do(SubmissionOf(30, Pay({TransferOf(3, 2, 1)})));
  const AccountId account = IdOf<AccountId>(1);
  ASSERT_OK_AND_ASSIGN(std::vector<Entry> all, ledger_.sequencer().ReadStatement(account, 1, 100));
  ASSERT_EQ(all.size(), 7u);  // Its opening, the double payment once, five payments.
  EXPECT_EQ(all[0].leaf.kind, EntryKind::kAccounts);
  EXPECT_EQ(all[1].leaf.operation, OperationOf(10));
  ASSERT_OK_AND_ASSIGN(std::vector<Entry> page, ledger_.sequencer().ReadStatement(account, 4, 2));
  ASSERT_EQ(page.size(), 2u);
  EXPECT_EQ(page[0].leaf.operation, OperationOf(20));
  EXPECT_EQ(ledger_.sequencer().FindAccount(account)->last_sequence, 8u);
  ASSERT_OK_AND_ASSIGN(page, ledger_.sequencer().ReadStatement(account, 9, 10));
  EXPECT_TRUE(page.empty());
  EXPECT_THAT(ledger_.sequencer().ReadEntry(1'000), StatusIs(absl::StatusCode::kNotFound));
}

TEST_F(SequencerTest, StatementPagesAreBounded) {
  std::vector<Submission> many;
  for (uint64_t i = 0; i < kStatementEntriesMax + 5; ++i) {
    many.push_back(Debit(100 + i, 1));
  }
  ledger_.CallAll(std::move(many));
  ASSERT_OK_AND_ASSIGN(const std::vector<Entry> page,
                       ledger_.sequencer().ReadStatement(IdOf<AccountId>(1), 1, SIZE_MAX));
  EXPECT_EQ(page.size(), kStatementEntriesMax);
}

TEST_F(SequencerTest, AFailedWriteStopsEverythingAndIsToldOnce) {
  Gate gate(&ledger_);
  constexpr int kWaiting = 2'000;  // More than one group.
  Countdown waiting(kWaiting);
  std::atomic<int> unavailable = 0;
  for (int i = 0; i < kWaiting; ++i) {
    Submission submission = Debit(100 + static_cast<uint64_t>(i), 1);
    submission.done = [&](const absl::Status& status, const Outcome& outcome) {
      unavailable += absl::IsUnavailable(status) && outcome.entry == nullptr ? 1 : 0;
      waiting.Done();
    };
    ASSERT_THAT(ledger_.sequencer().Submit(std::move(submission)), IsOk());
  }
  ledger_.disk().FailAt(ledger_.disk().operations() + 2, Fault::kIoError);  // The sync.
  gate.Open();
  waiting.Wait();
  EXPECT_EQ(unavailable, kWaiting);
  EXPECT_THAT(ledger_.sequencer().Submit(Debit(10)), StatusIs(absl::StatusCode::kUnavailable));
  ledger_.sequencer().Stop();
  EXPECT_EQ(ledger_.fatal_calls, 1);
  EXPECT_THAT(ledger_.sequencer().FindOperation(OperationOf(100)),
              StatusIs(absl::StatusCode::kUnavailable));
}

TEST_F(SequencerTest, StopFinishesWhatWasAccepted) {
  std::atomic<int> answered = 0;
  for (uint64_t i = 0; i < 50; ++i) {
    Submission submission = Debit(100 + i, 1);
    submission.done = [&](const absl::Status& status, const Outcome&) {
      answered += status.ok() ? 1 : 0;
    };
    ASSERT_THAT(ledger_.sequencer().Submit(std::move(submission)), IsOk());
  }
  ledger_.sequencer().Stop();
  EXPECT_EQ(answered, 50);
  EXPECT_THAT(ledger_.sequencer().Submit(Debit(10)), StatusIs(absl::StatusCode::kUnavailable));
  ledger_.sequencer().Stop();
}

TEST_F(SequencerTest, CallbacksMaySubmit) {
  Countdown second_done;
  Submission first = Debit(10);
  first.done = [&](const absl::Status&, const Outcome&) {
    Submission second = Debit(11);
    second.done = [&](const absl::Status& status, const Outcome&) {
      EXPECT_THAT(status, IsOk());
      second_done.Done();
    };
    EXPECT_THAT(ledger_.sequencer().Submit(std::move(second)), IsOk());
  };
  ASSERT_THAT(ledger_.sequencer().Submit(std::move(first)), IsOk());
  second_done.Wait();
  EXPECT_EQ(ledger_.Balance(1), -20);
}

}  // namespace
}  // namespace ladon::ledger
