// Goal: nobody is given two security logs for one: what was signed stays true over restarts, an old
// store is refused, and going on from one begins a log with another name. Method: stores that are
// put back to before; checkpoints signed while records come in.
#include "server/audit/signed_records.h"

#include <filesystem>
#include <thread>

#include "server/audit/process_event.h"
#include "tests/server/audit/audit_testing.h"

namespace ladon::audit {
namespace {

using ::ladon::testing::IsOk;
using ::ladon::testing::StatusIs;
using ledger::Checkpoint;
using ledger::VerifierKey;

absl::StatusOr<std::vector<VerifierKey>> KeysOfLog(size_t n) {
  return std::vector{SecurityKey(ledger::LogName("ladon.example/security", n)).verifier()};
}

Checkpoint Opened(const std::string& note, size_t log = 0) {
  const auto opened = ledger::OpenCheckpoint(note, *KeysOfLog(log));
  EXPECT_THAT(opened, IsOk());
  return opened.ok() ? opened->checkpoint : Checkpoint{};
}

TEST(SignedRecordsTest, SignsDurableRecordsOnlyAndGoesOnAfterARestart) {
  AuditWorld world;
  world.Append(300);
  const Checkpoint first = Opened(*world.Sign());
  EXPECT_EQ(first.size, 300);
  EXPECT_EQ(first.root, world.log().Head().second);
  world.Reopen();
  world.Append(5, 9'000);
  const Checkpoint second = Opened(*world.Sign());
  EXPECT_EQ(second.size, 305);
  EXPECT_EQ(*world.log().RootAt(300), first.root);
  // Decided, and not durable.
  storage::Batch batch;
  storage::Overlay overlay(&world.ledger().store(), &batch);
  world.log().Append(LeafAt(10'000), &overlay);
  EXPECT_EQ(world.records().Size(), 305);
  EXPECT_THAT(world.records().RootAt(306), StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST(SignedRecordsTest, ManyRecordsAndManySignaturesAtOnce) {
  AuditWorld world;
  std::vector<std::string> notes;
  std::thread signer([&] {
    for (int i = 0; i < 100; ++i) {
      const auto note = world.checkpointer().Sign();
      ASSERT_THAT(note, IsOk());
      notes.push_back(*note);
    }
  });
  for (int i = 0; i < 300; ++i) world.Append(LeafAt(1'000));
  signer.join();
  for (const std::string& note : notes) {
    const Checkpoint checkpoint = Opened(note);
    EXPECT_EQ(*world.log().RootAt(checkpoint.size), checkpoint.root);
  }
}

TEST(SignedRecordsTest, AnOldStoreIsRefusedAndAcceptedUnderAnotherName) {
  AuditWorld today;
  today.Append(20);
  AuditWorld yesterday;  // The same records but the last ones.
  yesterday.Append(12);
  const std::string note = *today.Sign();
  std::filesystem::copy_file(today.checkpoint_path(), yesterday.checkpoint_path(),
                             std::filesystem::copy_options::overwrite_existing);
  const auto refused = yesterday.Sign();
  EXPECT_THAT(refused, StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_THAT(std::string(refused.status().message()),
              ::testing::HasSubstr("security log: a checkpoint over 20 records has been signed"));
  EXPECT_THAT(std::string(refused.status().message()), ::testing::HasSubstr("--new-origin"));

  ASSERT_OK_AND_ASSIGN(
      const auto lost,
      ledger::AcceptRollBack(&yesterday.records(), yesterday.checkpoint_path(), KeysOfLog));
  ASSERT_TRUE(lost.has_value());
  EXPECT_EQ(lost->first, 12);
  EXPECT_EQ(lost->last, 20);
  EXPECT_EQ(lost->origin_index, 12);
  const ledger::AuditLeaf leaf = yesterday.Read(12);
  EXPECT_EQ(leaf.event, static_cast<uint16_t>(ProcessEvent::kNewLog));
  EXPECT_EQ(leaf.request, ledger::Sha256(note).bytes);
  EXPECT_EQ(*yesterday.records().NewOrigins(), std::vector<uint64_t>{12});
  EXPECT_EQ(*yesterday.records().CheckpointBefore(12), ledger::Sha256(note));
  EXPECT_THAT(yesterday.records().CheckpointBefore(3), StatusIs(absl::StatusCode::kNotFound));

  yesterday.Reopen();
  const Checkpoint next = Opened(*yesterday.Sign(), 1);
  EXPECT_EQ(next.origin, "ladon.example/security/2");
  EXPECT_EQ(next.size, 13);
  ASSERT_OK_AND_ASSIGN(
      const auto again,
      ledger::AcceptRollBack(&yesterday.records(), yesterday.checkpoint_path(), KeysOfLog));
  EXPECT_EQ(again, std::nullopt) << "once";
  EXPECT_THAT(yesterday.records().BookNewOrigin({}), StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST(SignedRecordsTest, ATreeThatLostATileSignsNothing) {
  AuditWorld world;
  world.Append(300);
  world.Reopen();
  world.ledger().sequencer().Stop();
  storage::Batch batch;
  batch.Delete(storage::Family::kTree, RecordTileKey(0, 0));
  ASSERT_THAT(world.ledger().store().Write(batch), IsOk());
  EXPECT_THAT(world.records().RootAt(200), StatusIs(absl::StatusCode::kDataLoss));
}

TEST(RecordTest, AFailedWriteIsToldAndNothingIsDurable) {
  AuditWorld world;
  world.Append(3);
  world.ledger().disk().FailAt(world.ledger().disk().operations() + 1,
                               ::ladon::testing::Fault::kNoSpace);
  EXPECT_THAT(RecordAndWait(&world.ledger().sequencer(), &world.log(),
                            LeafOf(ProcessEvent::kStarted, {}, 5)),
              StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_EQ(world.log().durable_size(), 3);
  EXPECT_THAT(RecordAndWait(&world.ledger().sequencer(), &world.log(),
                            LeafOf(ProcessEvent::kStopping, {}, 5)),
              StatusIs(absl::StatusCode::kUnavailable));
}

TEST(ProcessEventTest, EveryEventHasANameOfItsOwnAndNobodyBehindIt) {
  for (const ProcessEvent event : kProcessEvents) {
    const auto number = static_cast<uint16_t>(event);
    EXPECT_GE(number, kProcessEventsFirst);
    EXPECT_LE(number, kProcessEventsLast);
    EXPECT_EQ(ProcessEventOf(ProcessEventName(number)), event);
    const ledger::AuditLeaf leaf = LeafOf(event, ledger::Sha256("x"), 12);
    EXPECT_EQ(leaf.event, number);
    EXPECT_EQ(leaf.at_ns, 12);
    EXPECT_EQ(leaf.role, 0);
    EXPECT_EQ(leaf.actor, (std::array<uint8_t, 16>{}));
    EXPECT_EQ(leaf.request, ledger::Sha256("x").bytes);
    EXPECT_THAT(ledger::EncodeAuditLeaf(leaf), IsOk());
  }
  EXPECT_EQ(ProcessEventName(999), "");
  EXPECT_EQ(ProcessEventOf("process/nothing"), std::nullopt);
}

}  // namespace
}  // namespace ladon::audit
