// Goal: only an empty directory or a store is let through, and every refusal says what to do.
// Method: directories in each state, made by hand.
#include "storage/store_directory.h"

#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include "absl/strings/match.h"
#include "tests/testing/status_testing.h"
#include "tests/testing/temp_dir.h"

namespace ladon::storage {
namespace {

using ::ladon::testing::IsOk;
using ::ladon::testing::StatusIs;
using ::ladon::testing::TempDir;

void Touch(const std::string& path) {
  std::ofstream(path) << "x";
}

TEST(StoreDirectoryTest, MakesItForItsOwnerOnly) {
  const TempDir dir;
  const std::string path = dir.Sub("store");
  ASSERT_THAT(MakeDirectory(path), IsOk());
  struct stat info = {};
  ASSERT_EQ(::stat(path.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 07777, 0700u);
  EXPECT_THAT(MakeDirectory(path), IsOk());  // Once more: it is there.
  ASSERT_OK_AND_ASSIGN(const DirectoryState state, InspectDirectory(path));
  EXPECT_EQ(state, DirectoryState::kEmpty);
}

TEST(StoreDirectoryTest, MakesNoParents) {
  const TempDir dir;
  EXPECT_THAT(MakeDirectory(dir.Sub("a/b")), StatusIs(absl::StatusCode::kFailedPrecondition));
}

TEST(StoreDirectoryTest, RefusesWhatOthersMayRead) {
  const TempDir dir;
  for (const mode_t mode : {0750, 0705, 0710, 0770}) {
    ASSERT_EQ(::chmod(dir.path().c_str(), mode), 0);
    const auto state = InspectDirectory(dir.path());
    EXPECT_THAT(state, StatusIs(absl::StatusCode::kFailedPrecondition));
    EXPECT_TRUE(absl::StrContains(state.status().message(), "chmod 700 " + dir.path()));
  }
  ASSERT_EQ(::chmod(dir.path().c_str(), 0700), 0);
  EXPECT_THAT(InspectDirectory(dir.path()), IsOk());
}

TEST(StoreDirectoryTest, RefusesFilesAndNothing) {
  const TempDir dir;
  EXPECT_THAT(InspectDirectory(dir.Sub("none")), StatusIs(absl::StatusCode::kNotFound));
  Touch(dir.Sub("file"));
  EXPECT_THAT(InspectDirectory(dir.Sub("file")), StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_THAT(InspectDirectory(dir.path()), StatusIs(absl::StatusCode::kFailedPrecondition));
}

TEST(StoreDirectoryTest, TellsALostStoreFromAnUnfinishedOne) {
  const TempDir dir;
  for (const char* name : {"LOCK", "LOG", "IDENTITY", "MANIFEST-000001", "000001.dbtmp"}) {
    Touch(dir.Sub(name));
  }
  ASSERT_OK_AND_ASSIGN(DirectoryState state, InspectDirectory(dir.path()));
  EXPECT_EQ(state, DirectoryState::kEmpty);
  for (const char* name : {"000004.log", "000009.sst", "MANIFEST-000005"}) {
    Touch(dir.Sub(name));
    EXPECT_THAT(InspectDirectory(dir.path()), StatusIs(absl::StatusCode::kDataLoss)) << name;
    std::filesystem::remove(dir.Sub(name));
  }
  Touch(dir.Sub("CURRENT"));
  ASSERT_OK_AND_ASSIGN(state, InspectDirectory(dir.path()));
  EXPECT_EQ(state, DirectoryState::kStore);
}

}  // namespace
}  // namespace ladon::storage
