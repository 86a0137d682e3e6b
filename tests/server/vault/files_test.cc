// Goal: key files are written whole, read only from where nobody else can write, and every refusal
// says what to do. Method: real files in a temporary directory; each condition broken alone.
#include "server/vault/files.h"

#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "tests/testing/status_testing.h"
#include "tests/testing/temp_dir.h"

namespace ladon::vault {
namespace {

using ::ladon::testing::IsOk;
using ::ladon::testing::StatusIs;
using ::ladon::testing::TempDir;
using ::testing::HasSubstr;

mode_t ModeOf(const std::string& path) {
  struct stat info {};
  EXPECT_EQ(lstat(path.c_str(), &info), 0);
  return info.st_mode & 07777;
}

TEST(FilesTest, CreatesAFileOfItsOwnerAndReadsItBack) {
  const TempDir dir;
  const std::string path = dir.Sub("file");
  const std::string bytes("a\0b", 3);
  ASSERT_THAT(CreateSyncedFile(path, bytes), IsOk());
  EXPECT_EQ(ModeOf(path), 0600);
  ASSERT_OK_AND_ASSIGN(const std::string read, ReadPrivateFile(path, 3));
  EXPECT_EQ(read, bytes);
  EXPECT_FALSE(std::filesystem::exists(path + ".new"));
}

TEST(FilesTest, NeverOverwrites) {
  const TempDir dir;
  const std::string path = dir.Sub("file");
  ASSERT_THAT(CreateSyncedFile(path, "first"), IsOk());
  EXPECT_THAT(CreateSyncedFile(path, "second"), StatusIs(absl::StatusCode::kAlreadyExists));
  ASSERT_OK_AND_ASSIGN(const std::string read, ReadPrivateFile(path, 100));
  EXPECT_EQ(read, "first");
  EXPECT_FALSE(std::filesystem::exists(path + ".new"));
}

TEST(FilesTest, ReplacesWhatACrashLeftHalfWritten) {
  const TempDir dir;
  const std::string path = dir.Sub("file");
  std::ofstream(path + ".new") << "half";
  ASSERT_THAT(CreateSyncedFile(path, "whole"), IsOk());
  ASSERT_OK_AND_ASSIGN(const std::string read, ReadPrivateFile(path, 100));
  EXPECT_EQ(read, "whole");
}

TEST(FilesTest, ReadRefusesWhatOthersCouldRead) {
  const TempDir dir;
  const std::string path = dir.Sub("file");
  ASSERT_THAT(CreateSyncedFile(path, "key"), IsOk());
  for (const mode_t open : {0604, 0602, 0601, 0640, 0620, 0610}) {
    ASSERT_EQ(chmod(path.c_str(), open), 0);
    const auto read = ReadPrivateFile(path, 100);
    EXPECT_THAT(read, StatusIs(absl::StatusCode::kFailedPrecondition)) << open;
    EXPECT_THAT(std::string(read.status().message()), HasSubstr("run chmod 0600 " + path));
  }
  ASSERT_EQ(chmod(path.c_str(), 0400), 0);
  EXPECT_THAT(ReadPrivateFile(path, 100), IsOk());
}

TEST(FilesTest, ReadRefusesWhatIsNoRegularFile) {
  const TempDir dir;
  ASSERT_THAT(CreateSyncedFile(dir.Sub("file"), "key"), IsOk());
  std::filesystem::create_symlink(dir.Sub("file"), dir.Sub("link"));
  ASSERT_EQ(mkfifo(dir.Sub("pipe").c_str(), 0600), 0);
  for (const std::string& path : {dir.path(), dir.Sub("link"), dir.Sub("pipe")}) {
    const auto read = ReadPrivateFile(path, 100);
    EXPECT_THAT(read, StatusIs(absl::StatusCode::kFailedPrecondition));
    EXPECT_THAT(std::string(read.status().message()), HasSubstr("not a regular file"));
  }
  EXPECT_THAT(ReadPrivateFile(dir.Sub("none"), 100), StatusIs(absl::StatusCode::kNotFound));
}

TEST(FilesTest, ReadRefusesMoreThanTheLimit) {
  const TempDir dir;
  const std::string path = dir.Sub("file");
  ASSERT_THAT(CreateSyncedFile(path, "1234"), IsOk());
  EXPECT_THAT(ReadPrivateFile(path, 4), IsOk());
  EXPECT_THAT(ReadPrivateFile(path, 3), StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST(FilesTest, DirectoriesMustBeTheOwnersAlone) {
  const TempDir dir;
  const std::string path = dir.Sub("keys");
  EXPECT_THAT(CheckPrivateDirectory(path), StatusIs(absl::StatusCode::kNotFound));
  ASSERT_THAT(MakePrivateDirectory(path), IsOk());
  EXPECT_EQ(ModeOf(path), 0700);
  EXPECT_THAT(MakePrivateDirectory(path), IsOk()) << "making it again is no trouble";
  for (const mode_t open : {0701, 0702, 0704, 0710, 0720, 0740, 0755}) {
    ASSERT_EQ(chmod(path.c_str(), open), 0);
    for (const absl::Status& refused : {CheckPrivateDirectory(path), MakePrivateDirectory(path)}) {
      EXPECT_THAT(refused, StatusIs(absl::StatusCode::kFailedPrecondition)) << open;
      EXPECT_THAT(std::string(refused.message()), HasSubstr("run chmod 0700 " + path));
    }
  }
}

TEST(FilesTest, DirectoriesMustBeDirectories) {
  const TempDir dir;
  ASSERT_THAT(CreateSyncedFile(dir.Sub("file"), ""), IsOk());
  std::filesystem::create_directory_symlink(dir.path(), dir.Sub("link"));
  for (const char* name : {"file", "link"}) {
    EXPECT_THAT(MakePrivateDirectory(dir.Sub(name)),
                StatusIs(absl::StatusCode::kFailedPrecondition));
  }
  EXPECT_THAT(MakePrivateDirectory(dir.Sub("no/parent")), StatusIs(absl::StatusCode::kNotFound));
}

}  // namespace
}  // namespace ladon::vault
