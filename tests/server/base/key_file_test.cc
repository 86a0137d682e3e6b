// Goal: a root key is read back exactly, never overwritten, and every damage is told apart.
// Method: one good file; then each byte is broken, each length cut, each mode opened.
#include "server/base/key_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <string>

#include "server/base/id.h"
#include "tests/server/base/temp_dir.h"
#include "tests/testing/status_testing.h"

namespace ladon::base {
namespace {

using ::ladon::testing::IsOk;
using ::ladon::testing::StatusIs;
using ::ladon::testing::TempDir;
using ::testing::HasSubstr;

std::string Slurp(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

void Put(const std::string& path, const std::string& text, mode_t mode = 0400) {
  unlink(path.c_str());
  std::ofstream(path, std::ios::binary) << text;
  ASSERT_EQ(chmod(path.c_str(), mode), 0);
}

TEST(KeyFileTest, CreatesReadableByOwnerOnlyAndReadsBack) {
  const TempDir dir;
  const std::string path = dir.File("root.key");
  ASSERT_THAT(CreateRootKeyFile(path), IsOk());
  struct stat info {};
  ASSERT_EQ(stat(path.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 07777, 0400u);
  const std::string text = Slurp(path);
  ASSERT_EQ(text.size(), 17u + 64u + 1u);
  EXPECT_EQ(text.substr(0, 17), "ladon root key 1\n");
  ASSERT_OK_AND_ASSIGN(const SecretKey key, ReadRootKeyFile(path));
  const auto bytes = key.RevealForCrypto();
  EXPECT_EQ(HexOf(std::string(bytes.begin(), bytes.end())), text.substr(17, 64));
}

TEST(KeyFileTest, NeverOverwrites) {
  const TempDir dir;
  const std::string path = dir.File("root.key");
  ASSERT_THAT(CreateRootKeyFile(path), IsOk());
  const std::string before = Slurp(path);
  EXPECT_THAT(CreateRootKeyFile(path), StatusIs(absl::StatusCode::kAlreadyExists));
  EXPECT_EQ(Slurp(path), before);
}

TEST(KeyFileTest, WritesAKeyThatIsGivenAndReadsItBack) {
  const TempDir dir;
  const std::string path = dir.File("root.key");
  const SecretKey given = SecretKey::Random();
  ASSERT_THAT(WriteRootKeyFile(path, given), IsOk());
  struct stat info {};
  ASSERT_EQ(stat(path.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 07777, 0400u);
  ASSERT_OK_AND_ASSIGN(const SecretKey key, ReadRootKeyFile(path));
  EXPECT_TRUE(std::ranges::equal(key.RevealForCrypto(), given.RevealForCrypto()));
  EXPECT_THAT(WriteRootKeyFile(path, SecretKey::Random()),
              StatusIs(absl::StatusCode::kAlreadyExists));
}

TEST(KeyFileTest, NamesTheTroubleOfTheFileSystem) {
  const TempDir dir;
  const std::string path = dir.File("root.key");
  EXPECT_THAT(ReadRootKeyFile(path), StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(CreateRootKeyFile(dir.File("none/root.key")),
              StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_THAT(ReadRootKeyFile(dir.path()), StatusIs(absl::StatusCode::kFailedPrecondition));
  ASSERT_THAT(CreateRootKeyFile(path), IsOk());
  ASSERT_EQ(symlink(path.c_str(), dir.File("link").c_str()), 0);
  EXPECT_THAT(ReadRootKeyFile(dir.File("link")), StatusIs(absl::StatusCode::kFailedPrecondition));
  ASSERT_EQ(mkfifo(dir.File("pipe").c_str(), 0600), 0);
  EXPECT_THAT(ReadRootKeyFile(dir.File("pipe")), StatusIs(absl::StatusCode::kFailedPrecondition));
}

TEST(KeyFileTest, RefusesEveryModeOpenToOthers) {
  const TempDir dir;
  const std::string path = dir.File("root.key");
  ASSERT_THAT(CreateRootKeyFile(path), IsOk());
  for (mode_t open = 0; open <= 077; ++open) {
    ASSERT_EQ(chmod(path.c_str(), 0400 | open), 0);
    const absl::StatusOr<SecretKey> key = ReadRootKeyFile(path);
    if (open == 0) {
      EXPECT_THAT(key, IsOk());
      continue;
    }
    ASSERT_THAT(key, StatusIs(absl::StatusCode::kFailedPrecondition)) << open;
    EXPECT_THAT(std::string(key.status().message()), HasSubstr("chmod 0400"));
  }
}

TEST(KeyFileTest, ACredentialMayShowTheMaskOfItsAccessListWhenItIsRoots) {
  const TempDir dir;
  const std::string path = dir.File("root.key");
  EXPECT_THAT(ReadRootKeyCredential(path), StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(std::string(ReadRootKeyCredential(path).status().message()),
              HasSubstr("LoadCredential"));
  ASSERT_THAT(CreateRootKeyFile(path), IsOk());
  EXPECT_THAT(ReadRootKeyCredential(path), IsOk());
  const bool of_root = geteuid() == 0 && getegid() == 0;
  for (mode_t open = 1; open <= 077; ++open) {
    ASSERT_EQ(chmod(path.c_str(), 0400 | open), 0);
    const absl::StatusOr<SecretKey> key = ReadRootKeyCredential(path);
    EXPECT_EQ(key.ok(), of_root && open == 040) << open;
  }
}

TEST(KeyFileTest, RefusesEveryCutAndEveryBrokenByte) {
  const TempDir dir;
  const std::string path = dir.File("root.key");
  ASSERT_THAT(CreateRootKeyFile(path), IsOk());
  const std::string good = Slurp(path);
  for (size_t size = 0; size < good.size(); ++size) {
    Put(path, good.substr(0, size));
    EXPECT_THAT(ReadRootKeyFile(path), StatusIs(absl::StatusCode::kInvalidArgument)) << size;
  }
  for (size_t at = 0; at < good.size(); ++at) {
    std::string bad = good;
    bad[at] = '~';
    Put(path, bad);
    const absl::StatusOr<SecretKey> key = ReadRootKeyFile(path);
    ASSERT_THAT(key, StatusIs(absl::StatusCode::kInvalidArgument)) << at;
    // The message must not show any of the key.
    EXPECT_EQ(std::string(key.status().message()).find(good.substr(20, 8)), std::string::npos);
  }
  Put(path, good + "x");
  EXPECT_THAT(ReadRootKeyFile(path), StatusIs(absl::StatusCode::kInvalidArgument));
  Put(path, "ladon root key 2\n" + good.substr(17));
  const absl::StatusOr<SecretKey> newer = ReadRootKeyFile(path);
  ASSERT_THAT(newer, StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(std::string(newer.status().message()), HasSubstr("version"));
}

}  // namespace
}  // namespace ladon::base
