// Goal: the store refuses to be made where it cannot live, before the engine is let in.
// Method: a real directory passes and is left as it was; a limit on file sizes, set in a child
// process so that nothing else feels it, and a directory that is not there are refused.
#include "storage/free_space.h"

#include <signal.h>
#include <sys/resource.h>

#include <filesystem>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/status_testing.h"
#include "tests/testing/temp_dir.h"

namespace ladon::storage {
namespace {

using ::ladon::testing::IsOk;
using ::ladon::testing::StatusIs;

TEST(FreeSpaceTest, PassesAndLeavesNothingBehind) {
  const testing::TempDir dir;
  EXPECT_THAT(TryToWrite(dir.path()), IsOk());
  EXPECT_TRUE(std::filesystem::is_empty(dir.path()));
}

TEST(FreeSpaceTest, NoSuchDirectory) {
  const testing::TempDir dir;
  EXPECT_THAT(CheckFreeSpace(dir.path() + "/none"), StatusIs(absl::StatusCode::kInternal));
}

TEST(FreeSpaceDeathTest, LimitOnFileSizes) {
  const testing::TempDir dir;
  const auto limited = [&] {
    signal(SIGXFSZ, SIG_IGN);
    const rlimit tiny{.rlim_cur = 64, .rlim_max = 64};
    if (setrlimit(RLIMIT_FSIZE, &tiny) != 0) _exit(2);
    _exit(absl::IsResourceExhausted(TryToWrite(dir.path())) ? 0 : 1);
  };
  EXPECT_EXIT(limited(), ::testing::ExitedWithCode(0), "");
  EXPECT_TRUE(std::filesystem::is_empty(dir.path()));
}

}  // namespace
}  // namespace ladon::storage
