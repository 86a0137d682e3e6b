// Goal: the second host has every day's last checkpoint and the newest one, whole. Method: notes of
// several days; a directory that is not there, and one that comes back.
#include "server/cmd/checkpoint_copy.h"

#include <filesystem>

#include "ledger/replaced_file.h"
#include "tests/testing/status_testing.h"
#include "tests/testing/temp_dir.h"

namespace ladon {
namespace {

using ::ladon::testing::IsOk;
using ::ladon::testing::StatusIs;
using ::ladon::testing::TempDir;
namespace fs = std::filesystem;

constexpr uint64_t kNoonNs = uint64_t{1'788'264'000} * 1'000'000'000;  // 2026-09-01 12:00 UTC.
constexpr uint64_t kHourNs = uint64_t{3600} * 1'000'000'000;

std::string Read(const std::string& path) {
  return ledger::ReadSmallFile(path, 1'000).value_or("nothing");
}

TEST(CheckpointCopyTest, KeepsTheLastOfEachDayAndTheNewest) {
  const TempDir dir;
  CheckpointCopy copy(dir.path());
  ASSERT_THAT(copy.Keep("first", kNoonNs), IsOk());
  ASSERT_THAT(copy.Keep("second", kNoonNs + 11 * kHourNs), IsOk());
  ASSERT_THAT(copy.Keep("third", kNoonNs + 13 * kHourNs), IsOk());
  EXPECT_EQ(Read(dir.Sub("security-checkpoint-2026-09-01")), "second");
  EXPECT_EQ(Read(dir.Sub("security-checkpoint-2026-09-02")), "third");
  EXPECT_EQ(Read(dir.Sub("security-checkpoint-latest")), "third");
  ASSERT_THAT(copy.Keep("third", kNoonNs + 40 * kHourNs), IsOk());
  EXPECT_FALSE(fs::exists(dir.Sub("security-checkpoint-2026-09-03"))) << "nothing new to keep";
}

TEST(CheckpointCopyTest, ADirectoryThatIsNotThereIsNotMade) {
  const TempDir dir;
  const std::string mount = dir.Sub("mount");
  CheckpointCopy copy(mount);
  EXPECT_THAT(copy.Keep("first", kNoonNs), StatusIs(absl::StatusCode::kNotFound));
  EXPECT_FALSE(fs::exists(mount));
  fs::create_directory(mount);
  ASSERT_THAT(copy.Keep("first", kNoonNs), IsOk()) << "what failed is tried again";
  EXPECT_EQ(Read(mount + "/security-checkpoint-latest"), "first");
}

}  // namespace
}  // namespace ladon
