// Goal: records that are old enough leave the store without anybody asking, and trouble is told
// once. Method: a log of two ranges and a clock that is set; a directory that is not there yet.
#include "server/cmd/audit_archiver.h"

#include <filesystem>

#include "tests/server/audit/audit_testing.h"

namespace ladon {
namespace {

using audit::kMarkEvery;
using ::ladon::testing::Countdown;

constexpr uint64_t kDayNs = uint64_t{24} * 3600 * 1'000'000'000;

class AuditArchiverTest : public ::testing::Test {
 protected:
  void SetUp() override { world_.Append(2 * kMarkEvery + 10, kDayNs, 1); }

  AuditArchiver::Options Options(uint64_t now_ns) {
    return {.archive = {.log = &world_.log(),
                        .ledger = &world_.ledger().sequencer(),
                        .checkpointer = &world_.checkpointer(),
                        .directory = world_.dir().Sub("archive")},
            .keep_days = 10,
            .now_ns = [now_ns] { return now_ns; },
            .on_archived =
                [this](const audit::Archived& archived) {
                  archived_.push_back(archived.end);
                  done_.Done();
                },
            .on_failed =
                [this](const absl::Status& why) {
                  failures_.push_back(std::string(why.message()));
                  done_.Done();
                }};
  }

  audit::AuditWorld world_;
  Countdown done_{1};
  std::vector<uint64_t> archived_;
  std::vector<std::string> failures_;
};

TEST_F(AuditArchiverTest, ArchivesWhatIsDueAtOnce) {
  std::filesystem::create_directory(world_.dir().Sub("archive"));
  {
    const AuditArchiver archiver(Options(12 * kDayNs));
    done_.Wait();
  }
  EXPECT_EQ(archived_, std::vector<uint64_t>{kMarkEvery});
  EXPECT_EQ(world_.log().first(), kMarkEvery);
  EXPECT_TRUE(failures_.empty());
}

TEST_F(AuditArchiverTest, YoungerRecordsStay) {
  std::filesystem::create_directory(world_.dir().Sub("archive"));
  for (const uint64_t now_ns : {uint64_t{0}, kDayNs, 11 * kDayNs}) {
    const AuditArchiver archiver(Options(now_ns));  // Looks once, however short it lives.
  }
  EXPECT_EQ(world_.log().first(), 0);
  EXPECT_TRUE(archived_.empty());
}

TEST_F(AuditArchiverTest, TroubleIsTold) {
  {
    const AuditArchiver archiver(Options(12 * kDayNs));
    done_.Wait();
  }
  EXPECT_EQ(failures_.size(), 1);
  EXPECT_EQ(world_.log().first(), 0);
}

}  // namespace
}  // namespace ladon
