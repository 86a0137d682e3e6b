// Goal: what leaves the store is in a file that verifies, and never in neither place. Method: two
// ranges of old records; the file in the way, damaged, or left by an attempt that crashed; a disk
// that fails at every step of the deletion; restarts in between.
#include "server/audit/archive.h"

#include <filesystem>
#include <fstream>

#include "ledger/proof/seclog_verifier.h"
#include "ledger/replaced_file.h"
#include "server/audit/process_event.h"
#include "tests/server/audit/audit_testing.h"

namespace ladon::audit {
namespace {

using ::ladon::testing::IsOk;
using ::ladon::testing::StatusIs;
namespace fs = std::filesystem;

constexpr uint64_t kNow = 1'000'000;

class ArchiveTest : public ::testing::Test {
 protected:
  void SetUp() override {
    fs::create_directory(directory());
    // Record i was written at i.
    world_.Append(2 * kMarkEvery + 10, 0);
  }
  std::string directory() const { return world_.dir().Sub("archive"); }
  std::string PathOf(uint64_t first, uint64_t end) const {
    return directory() + "/" + ArchiveName(first, end);
  }
  absl::StatusOr<std::optional<Archived>> Next(uint64_t before_ns) {
    return ArchiveNext({.log = &world_.log(),
                        .ledger = &world_.ledger().sequencer(),
                        .checkpointer = &world_.checkpointer(),
                        .directory = directory()},
                       before_ns, kNow);
  }
  void ExpectVerifies(uint64_t first, uint64_t end) {
    const std::string bytes = *ledger::ReadSmallFile(PathOf(first, end), size_t{64} << 20);
    const ledger::VerifierKey keys[] = {SecurityKey().verifier()};
    const auto verified = ledger::VerifySeclog(bytes, {.keys = keys});
    EXPECT_TRUE(verified.good()) << verified.defects.front().what;
    EXPECT_EQ(verified.head.first, first);
    EXPECT_EQ(verified.head.end, end);
  }
  static uint64_t FilesIn(const std::string& directory) {
    return static_cast<uint64_t>(
        std::distance(fs::directory_iterator(directory), fs::directory_iterator()));
  }

  AuditWorld world_;
};

TEST_F(ArchiveTest, TakesWholeRangesThatAreOldEnoughAndALaterMarkKeeps) {
  for (const uint64_t before_ns : {uint64_t{0}, kMarkEvery - 1}) {
    ASSERT_OK_AND_ASSIGN(const auto nothing, Next(before_ns));
    EXPECT_EQ(nothing, std::nullopt) << "a record of the range is too young";
  }
  ASSERT_OK_AND_ASSIGN(const auto archived, Next(kMarkEvery));
  ASSERT_TRUE(archived.has_value());
  EXPECT_EQ(archived->path, PathOf(0, kMarkEvery));
  ExpectVerifies(0, kMarkEvery);
  EXPECT_EQ(world_.log().first(), kMarkEvery);
  EXPECT_FALSE(world_.Has(0));
  EXPECT_FALSE(world_.Has(kMarkEvery - 1));
  EXPECT_TRUE(world_.Has(kMarkEvery));
  // The deletion left a record that names the file.
  const ledger::AuditLeaf told = world_.Read(2 * kMarkEvery + 10);
  EXPECT_EQ(told.event, static_cast<uint16_t>(ProcessEvent::kArchived));
  const std::string bytes = *ledger::ReadSmallFile(archived->path, size_t{64} << 20);
  EXPECT_EQ(told.request, ledger::Sha256(bytes).bytes);

  ASSERT_OK_AND_ASSIGN(const auto more, Next(~uint64_t{0}));
  EXPECT_EQ(more, std::nullopt) << "the second mark needs what is before it";
  world_.Reopen();
  EXPECT_THAT(Log::Open(&world_.ledger().store(), {.verify_all = true}), IsOk());
  const auto page = ListRecords(world_.log(), {.limit = 1});
  ASSERT_THAT(page, IsOk());
  EXPECT_EQ(page->records.front().index, kMarkEvery);
  world_.Append(kMarkEvery, kMarkEvery * 3);
  ASSERT_OK_AND_ASSIGN(const auto next, Next(~uint64_t{0}));
  ASSERT_TRUE(next.has_value());
  ExpectVerifies(kMarkEvery, 2 * kMarkEvery);
}

TEST_F(ArchiveTest, AnAttemptThatCrashedIsFinished) {
  // The file is written, and a part of its records is gone.
  ASSERT_THAT(Next(kMarkEvery), IsOk());
  const std::string written = *ledger::ReadSmallFile(PathOf(0, kMarkEvery), size_t{64} << 20);
  AuditWorld other;
  other.Append(2 * kMarkEvery + 10, 0);
  const std::string folder = other.dir().Sub("archive");
  fs::create_directory(folder);
  std::ofstream(folder + "/" + ArchiveName(0, kMarkEvery), std::ios::binary) << written;
  for (int i = 0; i < 3; ++i) {
    ASSERT_THAT(
        CommitAndWait(&other.ledger().sequencer(),
                      [&](storage::Overlay* overlay) { other.log().Drop(kMarkEvery, overlay); }),
        IsOk());
  }
  other.Reopen();
  ASSERT_THAT(other.Sign(), IsOk());
  const auto finished = ArchiveNext({.log = &other.log(),
                                     .ledger = &other.ledger().sequencer(),
                                     .checkpointer = &other.checkpointer(),
                                     .directory = folder},
                                    kMarkEvery, kNow);
  ASSERT_THAT(finished, IsOk());
  EXPECT_EQ(other.log().first(), kMarkEvery);
  EXPECT_EQ(FilesIn(folder), 1) << "nothing is written twice";
}

TEST_F(ArchiveTest, AFileInTheWayStaysAndNothingIsDeleted) {
  for (const std::string& content : {std::string("something of somebody"), std::string()}) {
    std::ofstream(PathOf(0, kMarkEvery), std::ios::binary) << content;
    const auto refused = Next(kMarkEvery);
    EXPECT_THAT(refused, StatusIs(absl::StatusCode::kAlreadyExists));
    EXPECT_THAT(std::string(refused.status().message()), ::testing::HasSubstr("move it away"));
    EXPECT_EQ(*ledger::ReadSmallFile(PathOf(0, kMarkEvery), 100), content);
    EXPECT_TRUE(world_.Has(0));
  }
  fs::remove(PathOf(0, kMarkEvery));
  ASSERT_THAT(Next(kMarkEvery), IsOk());
  EXPECT_FALSE(world_.Has(0));
}

TEST_F(ArchiveTest, WithoutItsDirectoryNothingIsDeleted) {
  fs::remove_all(directory());
  EXPECT_FALSE(Next(kMarkEvery).ok());
  EXPECT_EQ(world_.log().first(), 0);
  EXPECT_TRUE(world_.Has(0));
}

TEST_F(ArchiveTest, ARecordThatWasChangedInTheStoreIsNotArchived) {
  world_.Close();
  {
    ASSERT_THAT(world_.ledger().OpenStore(), IsOk());
    ledger::AuditLeaf changed = LeafAt(5, 105);
    changed.index = 5;
    Forge(&world_.ledger().store(), changed);
    world_.ledger().Close();
  }
  world_.Open();
  const auto refused = Next(kMarkEvery);
  EXPECT_THAT(refused, StatusIs(absl::StatusCode::kDataLoss));
  EXPECT_THAT(std::string(refused.status().message()), ::testing::HasSubstr("was changed"));
  EXPECT_TRUE(world_.Has(0));
  EXPECT_EQ(world_.log().first(), 0);
}

TEST_F(ArchiveTest, AnyRecordIsInTheFileOrInTheStoreWhereverTheDiskFails) {
  for (uint64_t ahead = 1; ahead <= 4; ++ahead) {
    world_.ledger().disk().FailAt(world_.ledger().disk().operations() + ahead,
                                  ::ladon::testing::Fault::kPowerCut);
    EXPECT_FALSE(Next(kMarkEvery).ok());
    ExpectVerifies(0, kMarkEvery);
    world_.Close();
    world_.ledger().PowerCut();
    world_.Open();
    EXPECT_TRUE(world_.Has(world_.log().first()));
    EXPECT_THAT(Log::Open(&world_.ledger().store(), {.verify_all = true}), IsOk());
  }
  ASSERT_THAT(Next(kMarkEvery), IsOk());
  EXPECT_EQ(world_.log().first(), kMarkEvery);
  EXPECT_EQ(FilesIn(directory()), 1);
}

}  // namespace
}  // namespace ladon::audit
