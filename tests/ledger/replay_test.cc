// Goal: a journal that does not verify is refused, naming the entry. Method: a good journal of a
// few blocks, then blocks removed, swapped or changed in the store behind the ledger's back.
#include "absl/strings/match.h"
#include "ledger/index.h"
#include "ledger/journal.h"
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
using ::ladon::testing::TestSecret;
using ::ladon::testing::TransferOf;
using storage::Family;

constexpr uint64_t kBlocks = 6;  // The origin, the accounts, four payments: one entry each.

class ReplayTest : public ::testing::Test {
 protected:
  // Leaves the store open, without a ledger on it.
  void SetUp() override {
    ASSERT_THAT(ledger_.Open(), IsOk());
    ledger_.OpenAccounts(1, 2);
    for (uint64_t i = 0; i < kBlocks - 2; ++i) {
      ledger_.Do(SubmissionOf(10 + i, Pay({TransferOf(1, 2, 5)})));
    }
    head_ = ledger_.sequencer().Head();
    ASSERT_EQ(head_.first, kBlocks);
    ledger_.Close();
    ASSERT_THAT(ledger_.OpenStore(), IsOk());
  }

  std::string Block(uint64_t index) {
    return ledger_.store().Get(Family::kJournal, JournalKey(index)).value().value();
  }
  void PutBlock(uint64_t index, const std::string& value) {
    storage::Batch batch;
    batch.Put(Family::kJournal, JournalKey(index), value);
    ASSERT_THAT(ledger_.store().Write(batch), IsOk());
  }
  void Remove(Family family, const std::string& key) {
    storage::Batch batch;
    batch.Delete(family, key);
    ASSERT_THAT(ledger_.store().Write(batch), IsOk());
  }
  void ExpectRefusal(uint64_t index) {
    const absl::Status status = ledger_.OpenSequencer(true);
    EXPECT_THAT(status, StatusIs(absl::StatusCode::kDataLoss));
    EXPECT_TRUE(absl::StrContains(status.message(), absl::StrCat("entry ", index, ":"))) << status;
  }

  TestLedger ledger_;
  std::pair<uint64_t, Digest> head_;
};

TEST_F(ReplayTest, GoodJournalOpensToTheSameHead) {
  ASSERT_THAT(ledger_.OpenSequencer(), IsOk());
  EXPECT_EQ(ledger_.sequencer().Head(), head_);
  EXPECT_EQ(ledger_.Balance(1), -20);
  EXPECT_EQ(ledger_.sequencer().FindAccount(IdOf<AccountId>(1))->last_sequence, 5u);
}

TEST_F(ReplayTest, TheRepeatGuardSurvives) {
  ASSERT_THAT(ledger_.OpenSequencer(), IsOk());
  PostTransaction post = Pay({TransferOf(1, 2, 5)});
  post.document = DigestOf(5);
  post.repeat_window_ns = 1'000'000'000;
  EXPECT_EQ(ledger_.Do(SubmissionOf(100, post)).code, ResultCode::kOk);
  ledger_.Close();
  ASSERT_THAT(ledger_.Open(), IsOk());
  EXPECT_EQ(ledger_.Do(SubmissionOf(101, post)).code, ResultCode::kPossibleRepeat);
  EXPECT_EQ(ledger_.Do(SubmissionOf(102, CancelOf(100))).code, ResultCode::kOk);
  ledger_.Close();
  ASSERT_THAT(ledger_.Open(), IsOk());
  EXPECT_EQ(ledger_.Do(SubmissionOf(101, post)).code, ResultCode::kOk);
}

TEST_F(ReplayTest, RemovedBlocks) {
  for (const uint64_t index : {uint64_t{0}, uint64_t{3}, kBlocks - 1}) {
    const std::string block = Block(index);
    Remove(Family::kJournal, JournalKey(index));
    ExpectRefusal(index);
    PutBlock(index, block);
  }
  EXPECT_THAT(ledger_.OpenSequencer(), IsOk());
}

TEST_F(ReplayTest, LostHeadAndLostJournal) {
  const std::optional<std::string> head = *ledger_.store().Get(Family::kMeta, "ledger/head");
  Remove(Family::kMeta, "ledger/head");
  ExpectRefusal(0);
  storage::Batch batch;
  batch.Put(Family::kMeta, "ledger/head", *head);
  for (uint64_t index = 0; index < kBlocks; ++index) {
    batch.Delete(Family::kJournal, JournalKey(index));
  }
  ASSERT_THAT(ledger_.store().Write(batch), IsOk());
  ExpectRefusal(0);  // And not a new journal under an old head.
}

TEST_F(ReplayTest, HeadOfAnotherRoot) {
  std::string head = **ledger_.store().Get(Family::kMeta, "ledger/head");
  head.back() = static_cast<char>(head.back() ^ 1);
  storage::Batch batch;
  batch.Put(Family::kMeta, "ledger/head", head);
  ASSERT_THAT(ledger_.store().Write(batch), IsOk());
  ExpectRefusal(kBlocks - 1);
}

TEST_F(ReplayTest, SwappedBlocks) {
  const std::string two = Block(2);
  const std::string three = Block(3);
  PutBlock(2, three);
  PutBlock(3, two);
  ExpectRefusal(2);
  // The same with the headers set right: the leaves still know their places.
  std::string forged = three;
  forged.replace(0, 16, two, 0, 16);
  PutBlock(2, forged);
  ExpectRefusal(2);
}

TEST_F(ReplayTest, JournalOfAnotherStore) {
  TestLedger other(1, false, 0x11);
  ASSERT_THAT(other.Open(), IsOk());
  PutBlock(0, other.store().Get(Family::kJournal, JournalKey(0)).value().value());
  ExpectRefusal(0);
}

TEST_F(ReplayTest, FlippedBytes) {
  // Offsets in a block of one entry: header 16, length 4, leaf length 2, leaf, openings, previous.
  const std::string block = Block(4);
  constexpr size_t kLeafAt = 22;
  ASSERT_OK_AND_ASSIGN(const Entry entry,
                       ReadJournalEntry(ledger_.store(), SaltSource(TestSecret()), 4));
  const size_t openings_at = kLeafAt + EncodeLeaf(entry.leaf)->size();
  const std::pair<const char*, size_t> places[] = {
      {"magic", 0},
      {"first index", 11},
      {"count", 15},
      {"length", 19},
      {"leaf length", 21},
      {"leaf: time", kLeafAt + 20},
      {"leaf: content", kLeafAt + 80},
      {"opening: account", openings_at},
      {"opening: amount", openings_at + 23},
      {"entry before", block.size() - 41},
      {"root", block.size() - 40},
      {"time of the block", block.size() - 1},
  };
  for (const auto& [name, at] : places) {
    SCOPED_TRACE(name);
    std::string flipped = block;
    flipped[at] = static_cast<char>(flipped[at] ^ 1);
    PutBlock(4, flipped);
    ExpectRefusal(4);
  }
  PutBlock(4, block);
  EXPECT_THAT(ledger_.OpenSequencer(), IsOk());
}

// Every bit of a block: none may pass.
TEST_F(ReplayTest, EveryFlippedByteOfABlock) {
  const std::string block = Block(3);
  for (size_t at = 0; at < block.size(); ++at) {
    std::string flipped = block;
    flipped[at] = static_cast<char>(flipped[at] ^ (1 << at % 8));
    PutBlock(3, flipped);
    EXPECT_THAT(ledger_.OpenSequencer(true), StatusIs(absl::StatusCode::kDataLoss))
        << "byte " << at;
  }
}

TEST_F(ReplayTest, AnotherSecretOpensNothing) {
  SequencerOptions options;
  options.store = &ledger_.store();
  options.now_ns = [] { return uint64_t{1}; };
  options.verify_all = true;
  const auto opened = Sequencer::Open(std::move(options));
  EXPECT_THAT(opened, StatusIs(absl::StatusCode::kDataLoss));
  EXPECT_TRUE(absl::StrContains(opened.status().message(), "entry 1:")) << opened.status();
}

TEST_F(ReplayTest, ReadersNoticeAnIndexThatLies) {
  ASSERT_THAT(ledger_.OpenSequencer(), IsOk());
  storage::Batch batch;
  // As if all operations had been written behind.
  batch.Put(Family::kMeta, std::string(kOperationsDoneKey), JournalKey(kBlocks));
  batch.Put(Family::kOperations, OperationIndexKey(OperationOf(10)), JournalKey(3));
  batch.Put(Family::kOperations, OperationIndexKey(OperationOf(11)), JournalKey(99));
  batch.Put(Family::kAccountIndex, AccountIndexKey(IdOf<AccountId>(1), 2), JournalKey(99));
  batch.Put(Family::kAccountIndex, AccountIndexKey(IdOf<AccountId>(2), 2), JournalKey(3));
  ledger_.Close();
  ASSERT_THAT(ledger_.OpenStore(), IsOk());
  ASSERT_THAT(ledger_.store().Write(batch), IsOk());
  ASSERT_THAT(ledger_.OpenSequencer(), IsOk());
  for (const uint64_t number : {10, 11}) {
    EXPECT_THAT(ledger_.sequencer().FindOperation(OperationOf(number)),
                StatusIs(absl::StatusCode::kDataLoss));
  }
  for (const uint64_t account : {1, 2}) {
    EXPECT_THAT(ledger_.sequencer().ReadStatement(IdOf<AccountId>(account), 1, 10),
                StatusIs(absl::StatusCode::kDataLoss));
  }
}

TEST_F(ReplayTest, TellsItsProgress) {
  std::vector<uint64_t> told;
  SequencerOptions options;
  options.store = &ledger_.store();
  options.ledger_secret = TestSecret();
  options.now_ns = [] { return uint64_t{1}; };
  options.on_progress = [&](uint64_t entries) { told.push_back(entries); };
  EXPECT_THAT(Sequencer::Open(std::move(options)), IsOk());
  EXPECT_EQ(told, std::vector<uint64_t>{kBlocks});
}

// A backup may hold the mark of the index of operations without the last run of it.
TEST(ReplayIndexTest, WhatTheIndexOfOperationsLacksIsFoundWhenAllIsRead) {
  TestLedger ledger;
  ASSERT_THAT(ledger.Open(), IsOk());
  ledger.OpenAccounts(1, 2);
  const auto debit = [] { return SubmissionOf(10, Pay({TransferOf(1, 2, 5)})); };
  const Outcome first = ledger.Do(debit());
  ASSERT_EQ(first.code, ResultCode::kOk);
  const uint64_t entries = ledger.sequencer().Head().first;
  ledger.Close();
  const auto put = [&](Family family, const std::string& key, uint64_t value) {
    ASSERT_THAT(ledger.OpenStore(), IsOk());
    storage::Batch batch;
    batch.Put(family, key, EncodeIndex(value));
    ASSERT_THAT(ledger.store().Write(batch), IsOk());
  };
  put(Family::kMeta, std::string(kOperationsDoneKey), entries);
  ASSERT_THAT(ledger.OpenSequencer(/*verify_all=*/true), IsOk());
  const Outcome again = ledger.Do(debit());
  EXPECT_TRUE(again.replayed);
  EXPECT_EQ(again.index, first.index);
  ledger.Close();
  // What it says wrongly is refused.
  put(Family::kOperations, OperationIndexKey(OperationOf(10)), first.index - 1);
  EXPECT_THAT(ledger.OpenSequencer(/*verify_all=*/true), StatusIs(absl::StatusCode::kDataLoss));
}

}  // namespace
}  // namespace ladon::ledger
