// Goal: what the server writes of its security log is what an outsider verifies, whole or in part,
// broken off and gone on with. Method: ranges of a small log, in pieces of a few bytes, verified
// with the public key; an earlier checkpoint as the one on a second host.
#include "server/audit/seclog_writer.h"

#include "ledger/proof/seclog_verifier.h"
#include "tests/server/audit/audit_testing.h"

namespace ladon::audit {
namespace {

using ::ladon::testing::IsOk;
using ::ladon::testing::StatusIs;
using ledger::Checkpoint;

class SeclogWriterTest : public ::testing::Test {
 protected:
  static constexpr uint64_t kRecords = 700;

  SeclogWriterTest() { world_.Append(kRecords); }

  SeclogRequest Request(uint64_t first, uint64_t end) {
    return {.first = first,
            .end = end,
            .checkpoint = *world_.Sign(),
            .checkpoint_size = world_.log().durable_size()};
  }
  std::string Write(const SeclogRequest& request, size_t piece = size_t{1} << 20) {
    const auto writer = SeclogWriter::Begin(&world_.log(), request);
    EXPECT_THAT(writer, IsOk());
    std::string bytes;
    while (!(*writer)->done()) EXPECT_THAT((*writer)->Write(piece, &bytes), IsOk());
    EXPECT_EQ((*writer)->records_done(), request.end - request.first);
    return bytes;
  }
  static ledger::VerifiedSeclog Verify(const std::string& bytes,
                                       std::optional<Checkpoint> since = {}) {
    const ledger::VerifierKey keys[] = {SecurityKey().verifier()};
    return ledger::VerifySeclog(bytes, {.keys = keys, .since = std::move(since)});
  }
  // The log as it was.
  Checkpoint At(uint64_t size) {
    return {.origin = "ladon.example/security", .size = size, .root = *world_.log().RootAt(size)};
  }

  AuditWorld world_;
};

TEST_F(SeclogWriterTest, EveryRangeVerifiesAndShowsItsRecords) {
  for (const auto& [first, end] : std::vector<std::pair<uint64_t, uint64_t>>{
           {0, kRecords}, {0, 1}, {1, 2}, {255, 257}, {256, 512}, {699, 700}, {700, 700}}) {
    const std::string bytes = Write(Request(first, end));
    const ledger::VerifiedSeclog verified = Verify(bytes);
    EXPECT_TRUE(verified.good()) << first << " " << verified.defects.front().what;
    EXPECT_EQ(verified.checkpoint.size, kRecords);
    uint64_t next = first;
    ledger::ForEachRecord(bytes, [&](const ledger::AuditLeaf& leaf) {
      EXPECT_EQ(leaf.index, next++);
      EXPECT_EQ(leaf.at_ns, 1'000 + leaf.index);
    });
    EXPECT_EQ(next, end);
  }
}

TEST_F(SeclogWriterTest, PiecesGoOnFromAnyPosition) {
  const SeclogRequest request = Request(100, 400);
  const std::string whole = Write(request);
  std::string bytes;
  SeclogPosition position;
  for (;;) {
    const auto writer = SeclogWriter::Begin(&world_.log(), request);
    ASSERT_THAT((*writer)->Seek(position), IsOk());
    ASSERT_THAT((*writer)->Write(1, &bytes), IsOk());
    position = (*writer)->position();
    if ((*writer)->done()) break;
  }
  EXPECT_EQ(bytes, whole);
  world_.Append(10, 5'000);
  EXPECT_EQ(Write(request), whole) << "it grew meanwhile, and what was begun stays what it was";
}

TEST_F(SeclogWriterTest, ProvesThatItContinuesAnEarlierCheckpoint) {
  for (const uint64_t size : {0, 1, 255, 256, 300, 699, 700}) {
    EXPECT_TRUE(Verify(Write(Request(0, kRecords)), At(size)).good()) << size;
    // What was not there yet is enough.
    const auto rest = Verify(Write(Request(size, kRecords)), At(size));
    EXPECT_TRUE(rest.good()) << size << " " << rest.defects.front().what;
  }
  Checkpoint other = At(300);
  other.root = *world_.log().RootAt(301);
  EXPECT_FALSE(Verify(Write(Request(0, kRecords)), other).good());
  EXPECT_FALSE(Verify(Write(Request(300, kRecords)), other).good());
}

TEST_F(SeclogWriterTest, RefusesWhatIsNoRange) {
  for (const auto& [first, end] : std::vector<std::pair<uint64_t, uint64_t>>{
           {2, 1}, {0, kRecords + 1}, {kRecords + 1, kRecords + 1}, {5, 5}}) {
    EXPECT_THAT(SeclogWriter::Begin(&world_.log(), Request(first, end)),
                StatusIs(absl::StatusCode::kInvalidArgument));
  }
  SeclogRequest larger = Request(0, 1);
  larger.checkpoint_size = kRecords + 1;
  EXPECT_THAT(SeclogWriter::Begin(&world_.log(), larger),
              StatusIs(absl::StatusCode::kInvalidArgument));
  const auto writer = SeclogWriter::Begin(&world_.log(), Request(10, 20));
  for (const SeclogPosition position :
       {SeclogPosition{.part = 0, .next = 1}, SeclogPosition{.part = 1, .next = 9},
        SeclogPosition{.part = 1, .next = 21}, SeclogPosition{.part = 2, .next = kRecords + 1},
        SeclogPosition{.part = 3, .next = 0}}) {
    EXPECT_THAT((*writer)->Seek(position), StatusIs(absl::StatusCode::kInvalidArgument));
  }
}

// A position that was made up makes a file that does not verify, and nothing worse.
TEST_F(SeclogWriterTest, AMadeUpPositionIsHarmless) {
  const auto writer = SeclogWriter::Begin(&world_.log(), Request(10, 20));
  for (uint64_t next = 0; next < kRecords; next += 13) {
    ASSERT_THAT((*writer)->Seek({.part = 2, .next = next}), IsOk());
    std::string bytes;
    while (!(*writer)->done()) ASSERT_THAT((*writer)->Write(1'000, &bytes), IsOk());
  }
}

}  // namespace
}  // namespace ladon::audit
