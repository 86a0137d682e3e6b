// Goal: a private file is born closed and never replaced.
// Method: real files in a temporary directory; every refusal once.
#include "server/client/pki/identity_files.h"

#include <sys/stat.h>
#include <unistd.h>

#include <string>

#include "tests/server/base/temp_dir.h"
#include "tests/testing/status_testing.h"

namespace ladon::pki {
namespace {

using ::ladon::testing::IsOk;
using ::ladon::testing::StatusIs;
using ::ladon::testing::TempDir;

TEST(IdentityFilesTest, WritesOnceWithTheModeAsked) {
  const TempDir dir;
  ASSERT_THAT(WriteNewFile(dir.File("a"), "one", 0400), IsOk());
  struct stat info {};
  ASSERT_EQ(stat(dir.File("a").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 07777, 0400u);
  EXPECT_THAT(WriteNewFile(dir.File("a"), "two", 0400), StatusIs(absl::StatusCode::kAlreadyExists));
  ASSERT_OK_AND_ASSIGN(const std::string text, ReadSmallFile(dir.File("a")));
  EXPECT_EQ(text, "one");
  ASSERT_EQ(symlink(dir.File("target").c_str(), dir.File("link").c_str()), 0);
  EXPECT_FALSE(WriteNewFile(dir.File("link"), "x", 0400).ok());
  EXPECT_FALSE(FileExists(dir.File("target")));
}

TEST(IdentityFilesTest, ReadsUpToTheLimit) {
  const TempDir dir;
  EXPECT_THAT(ReadSmallFile(dir.File("none")), StatusIs(absl::StatusCode::kNotFound));
  ASSERT_THAT(WriteNewFile(dir.File("most"), std::string(kPemBytesMax, 'x'), 0600), IsOk());
  EXPECT_THAT(ReadSmallFile(dir.File("most")), IsOk());
  ASSERT_THAT(WriteNewFile(dir.File("more"), std::string(kPemBytesMax + 1, 'x'), 0600), IsOk());
  EXPECT_THAT(ReadSmallFile(dir.File("more")), StatusIs(absl::StatusCode::kFailedPrecondition));
}

TEST(IdentityFilesTest, ReplacesWholeFiles) {
  const TempDir dir;
  ASSERT_THAT(WriteNewFile(dir.File("a.new"), "of one that was killed", 0400), IsOk());
  for (const std::string text : {"one", "two"}) {
    ASSERT_THAT(ReplaceFile(dir.File("a"), text, 0444), IsOk());
    ASSERT_OK_AND_ASSIGN(const std::string read, ReadSmallFile(dir.File("a")));
    EXPECT_EQ(read, text);
    EXPECT_FALSE(FileExists(dir.File("a.new")));
  }
  EXPECT_THAT(ReplaceFile(dir.File("none/a"), "x", 0444),
              StatusIs(absl::StatusCode::kFailedPrecondition));
  ASSERT_EQ(mkdir(dir.File("d").c_str(), 0700), 0);
  EXPECT_THAT(ReplaceFile(dir.File("d"), "x", 0444),
              StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_FALSE(FileExists(dir.File("d.new")));
}

TEST(IdentityFilesTest, KeepsKeysOutOfOpenDirectories) {
  const TempDir dir;
  ASSERT_THAT(MakePrivateDirectory(dir.File("a/b/c")), IsOk());
  EXPECT_THAT(MakePrivateDirectory(dir.File("a/b/c")), IsOk());
  ASSERT_EQ(chmod(dir.File("a/b/c").c_str(), 0750), 0);
  EXPECT_THAT(MakePrivateDirectory(dir.File("a/b/c")),
              StatusIs(absl::StatusCode::kFailedPrecondition));
  ASSERT_THAT(WriteNewFile(dir.File("file"), "x", 0600), IsOk());
  EXPECT_THAT(MakePrivateDirectory(dir.File("file")),
              StatusIs(absl::StatusCode::kFailedPrecondition));
}

}  // namespace
}  // namespace ladon::pki
