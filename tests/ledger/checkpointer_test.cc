// Goal: what was signed once stays true, or nothing is signed. Method: a ledger that grows and
// restarts; a store put back to yesterday, another store, a damaged or foreign file; a folder that
// takes no file; many threads asking at once.
#include "ledger/checkpointer.h"

#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <set>
#include <thread>

#include "absl/strings/match.h"
#include "ledger/proof/merkle_proof.h"
#include "tests/testing/ledger_testing.h"

namespace ladon::ledger {
namespace {

using ::ladon::testing::IsOk;
using ::ladon::testing::Pay;
using ::ladon::testing::StatusIs;
using ::ladon::testing::SubmissionOf;
using ::ladon::testing::TempDir;
using ::ladon::testing::TestLedger;
using ::ladon::testing::TransferOf;
namespace fs = std::filesystem;

SigningKey KeyOf(uint8_t seed, const char* name = "ladon.example/test") {
  std::array<uint8_t, kEd25519Bytes> bytes;
  bytes.fill(seed);
  return *SigningKey::FromSeed(name, bytes);
}

class CheckpointerTest : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_THAT(ledger_.Open(), IsOk());
    ledger_.OpenAccounts(1, 2);
  }

  absl::StatusOr<std::unique_ptr<Checkpointer>> Open(std::vector<uint8_t> seeds = {1},
                                                     TestLedger* ledger = nullptr) {
    CheckpointerOptions options;
    options.log = &(ledger == nullptr ? ledger_ : *ledger).sequencer();
    for (const uint8_t seed : seeds) options.keys.push_back(KeyOf(seed));
    options.path = path();
    return Checkpointer::Open(std::move(options));
  }

  std::string path() const { return dir_.Sub("checkpoint"); }
  void Post(TestLedger* ledger = nullptr) {
    (ledger == nullptr ? ledger_ : *ledger)
        .Do(SubmissionOf(next_operation_++, Pay({TransferOf(1, 2, 5)})));
  }
  static Checkpoint Opened(const std::string& note, uint8_t seed = 1) {
    const VerifierKey keys[] = {KeyOf(seed).verifier()};
    const auto opened = OpenCheckpoint(note, keys);
    EXPECT_THAT(opened, IsOk());
    return opened.ok() ? opened->checkpoint : Checkpoint{};
  }

  TempDir dir_;
  TestLedger ledger_;
  uint64_t next_operation_ = 10;
};

TEST_F(CheckpointerTest, SignsTheHeadAndTheSameNoteWhileNothingIsAdded) {
  auto checkpointer = *Open();
  EXPECT_EQ(checkpointer->last(), "");
  const std::string first = *checkpointer->Sign();
  EXPECT_EQ(Opened(first).size, ledger_.sequencer().Head().first);
  EXPECT_EQ(Opened(first).root, ledger_.sequencer().Head().second);
  EXPECT_EQ(Opened(first).origin, "ladon.example/test");
  EXPECT_EQ(*checkpointer->Sign(), first);
  Post();
  const std::string second = *checkpointer->Sign();
  EXPECT_EQ(Opened(second).size, Opened(first).size + 1);
  EXPECT_EQ(checkpointer->last(), second);
  const auto proof = ledger_.sequencer().ProveConsistency(Opened(first).size, Opened(second).size);
  ASSERT_THAT(proof, IsOk());
  EXPECT_THAT(VerifyConsistency(Opened(first).size, Opened(second).size, Opened(first).root,
                                Opened(second).root, *proof),
              IsOk());
}

TEST_F(CheckpointerTest, GoesOnAfterARestart) {
  const std::string note = *(*Open())->Sign();
  ledger_.Close();
  ASSERT_THAT(ledger_.Open(), IsOk());
  auto checkpointer = *Open();
  EXPECT_EQ(checkpointer->last(), note);
  Post();
  EXPECT_THAT(checkpointer->Sign(), IsOk());
  struct stat info = {};
  ASSERT_EQ(::stat(path().c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0600U);
}

TEST_F(CheckpointerTest, AStoreOfYesterdayIsFound) {
  // The same entries in a second store with the same id, which then misses the last one.
  TestLedger yesterday;
  yesterday.now_ns = ledger_.now_ns.load();
  ASSERT_THAT(yesterday.Open(), IsOk());
  yesterday.OpenAccounts(1, 2);
  ASSERT_EQ(yesterday.sequencer().Head(), ledger_.sequencer().Head());
  Post();
  ASSERT_THAT((*Open())->Sign(), IsOk());
  const auto behind = Open({1}, &yesterday);
  EXPECT_THAT(behind, StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_TRUE(absl::StrContains(behind.status().message(), "is shorter")) << behind.status();
  // And when it has grown past it on another way.
  next_operation_ = 500;
  for (int i = 0; i < 3; ++i) Post(&yesterday);
  const auto forked = Open({1}, &yesterday);
  EXPECT_THAT(forked, StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_TRUE(absl::StrContains(forked.status().message(), "begins otherwise")) << forked.status();
}

TEST_F(CheckpointerTest, AcceptingARollBackBeginsANewLogOnceWhateverCrashes) {
  auto keys_of_log = [](size_t n) -> absl::StatusOr<std::vector<VerifierKey>> {
    return std::vector{KeyOf(1, LogName("ladon.example/test", n).c_str()).verifier()};
  };
  EXPECT_THAT(AcceptRollBack(&ledger_.sequencer(), path(), keys_of_log),
              StatusIs(absl::StatusCode::kNotFound));
  TestLedger yesterday;
  yesterday.now_ns = ledger_.now_ns.load();
  ASSERT_THAT(yesterday.Open(), IsOk());
  yesterday.OpenAccounts(1, 2);
  const uint64_t size = yesterday.sequencer().Head().first;
  for (int i = 0; i < 3; ++i) Post();
  const std::string note = *(*Open())->Sign();
  ASSERT_OK_AND_ASSIGN(const auto nothing,
                       AcceptRollBack(&ledger_.sequencer(), path(), keys_of_log));
  EXPECT_EQ(nothing, std::nullopt) << "nothing was rolled back";

  ASSERT_OK_AND_ASSIGN(const auto lost,
                       AcceptRollBack(&yesterday.sequencer(), path(), keys_of_log));
  ASSERT_TRUE(lost.has_value());
  EXPECT_EQ(lost->first, size);
  EXPECT_EQ(lost->last, size + 3);
  EXPECT_EQ(lost->origin_index, size);
  EXPECT_FALSE(fs::exists(path()));
  const auto origin = yesterday.sequencer().ReadEntry(size);
  ASSERT_THAT(origin, IsOk());
  EXPECT_EQ(origin->leaf.kind, EntryKind::kOrigin);
  EXPECT_EQ(origin->leaf.document, Sha256(note));

  // The leaf is durable and the file still there: what a crash in between leaves behind.
  fs::rename(lost->kept, path());
  yesterday.Close();
  ASSERT_THAT(yesterday.OpenStore(), IsOk());
  ASSERT_THAT(yesterday.OpenSequencer(true), IsOk()) << "replay takes the second origin";
  ASSERT_OK_AND_ASSIGN(const auto again,
                       AcceptRollBack(&yesterday.sequencer(), path(), keys_of_log));
  ASSERT_TRUE(again.has_value());
  EXPECT_EQ(again->origin_index, size);
  EXPECT_EQ(again->first, size);
  EXPECT_EQ(*yesterday.sequencer().NewOrigins(), std::vector{size});
  EXPECT_FALSE(fs::exists(path()));
  Post(&yesterday);
  EXPECT_THAT(Open({1}, &yesterday), IsOk());
}

TEST_F(CheckpointerTest, AFileThatIsNotOursIsRefused) {
  const std::string note = *(*Open())->Sign();
  EXPECT_THAT(Open({2}), StatusIs(absl::StatusCode::kInvalidArgument)) << "other keys";
  for (size_t i = 0; i < note.size(); ++i) {
    std::string changed = note;
    changed[i] = static_cast<char>(changed[i] ^ 1);
    std::ofstream(path(), std::ios::binary) << changed;
    EXPECT_THAT(Open(), StatusIs(absl::StatusCode::kInvalidArgument)) << i;
  }
  std::ofstream(path(), std::ios::binary) << "";
  EXPECT_THAT(Open(), StatusIs(absl::StatusCode::kInvalidArgument));
  std::ofstream(path(), std::ios::binary) << note;
  EXPECT_THAT(Open(), IsOk());
  EXPECT_THAT(Open({}), StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST_F(CheckpointerTest, ANewKeySignsBesideTheOldOne) {
  ASSERT_THAT((*Open({1}))->Sign(), IsOk());
  Post();
  auto both = *Open({1, 2});
  const std::string note = *both->Sign();
  EXPECT_EQ(Opened(note, 1), Opened(note, 2));
  EXPECT_EQ(both->verifiers().size(), 2U);
  Post();
  EXPECT_THAT((*Open({2}))->Sign(), IsOk()) << "the old key may go then";
}

TEST_F(CheckpointerTest, NothingIsPublishedThatIsNotKept) {
  auto checkpointer = *Open();
  const std::string first = *checkpointer->Sign();
  Post();
  fs::create_directory(path() + ".new");
  EXPECT_FALSE(checkpointer->Sign().ok());
  EXPECT_EQ(checkpointer->last(), first);
  fs::remove(path() + ".new");
  EXPECT_EQ(Opened(*checkpointer->Sign()).size, Opened(first).size + 1);
}

TEST_F(CheckpointerTest, ManyAtOnceTellOneRootForASize) {
  auto checkpointer = *Open();
  std::mutex mutex;
  std::set<std::string> notes;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 50; ++i) {
        const auto note = checkpointer->Sign();
        ASSERT_THAT(note, IsOk());
        const std::lock_guard lock(mutex);
        notes.insert(*note);
      }
    });
  }
  for (int i = 0; i < 100; ++i) Post();
  for (std::thread& thread : threads) thread.join();
  std::set<uint64_t> sizes;
  for (const std::string& note : notes) EXPECT_TRUE(sizes.insert(Opened(note).size).second);
}

}  // namespace
}  // namespace ladon::ledger
