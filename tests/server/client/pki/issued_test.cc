// Goal: the index of what was issued reads back what was written, and nothing else.
// Method: the example of the header byte by byte; lines broken one at a time; a real file.
#include "server/client/pki/issued.h"

#include <sys/stat.h>
#include <unistd.h>

#include <string>
#include <utility>
#include <vector>

#include "server/client/pki/identity_files.h"
#include "tests/server/base/temp_dir.h"
#include "tests/testing/status_testing.h"

namespace ladon::pki {
namespace {

using ::ladon::testing::IsOk;
using ::ladon::testing::StatusIs;
using ::ladon::testing::TempDir;
using std::chrono::seconds;
using std::chrono::sys_seconds;
using ::testing::HasSubstr;

constexpr char kAuditor[] = "ladon://-/auditor/22222222222222222222222222222222";
constexpr char kExample[] =
    "ladon issued certificates 1\n"
    "crl 2\n"
    "4f00000000000000000000000000000a 1914364800 - - server -\n"
    "4f00000000000000000000000000000b 1914364800 1883001600 superseded "
    "ladon://-/auditor/22222222222222222222222222222222 P-104\n";

IssuedIndex Example() {
  const sys_seconds until(seconds(1'914'364'800));
  return {.list_number = 2,
          .all = {{.serial_hex = "4f00000000000000000000000000000a",
                   .principal = "server",
                   .not_after = until},
                  {.serial_hex = "4f00000000000000000000000000000b",
                   .principal = kAuditor,
                   .holder = "P-104",
                   .not_after = until,
                   .revocation = Revocation{.at = sys_seconds(seconds(1'883'001'600)),
                                            .reason = RevocationReason::kSuperseded}}}};
}

TEST(IssuedTest, TheExampleOfTheHeaderIsTheFormat) {
  EXPECT_EQ(Format(Example()), kExample);
  ASSERT_OK_AND_ASSIGN(const IssuedIndex read, ParseIssued(kExample));
  EXPECT_EQ(read, Example());
}

TEST(IssuedTest, ALineThatIsNotOneIsNamed) {
  const std::string head = "ladon issued certificates 1\ncrl 2\n";
  const std::string good = "4f 1914364800 - - server -\n";
  ASSERT_THAT(ParseIssued(head + good), IsOk());
  for (const auto& [text, line] : std::vector<std::pair<std::string, std::string>>{
           {"", "line 1 "},
           {"ladon issued certificates 2\ncrl 2\n", "line 1 "},
           {"ladon issued certificates 1\n", "line 2 "},
           {"ladon issued certificates 1\ncrl -1\n", "line 2 "},
           {head + good + good, "line 4 "},
           {head + good.substr(0, good.size() - 1), "line 3 "},
           {head + "\n", "line 3 "},
           {head + "4F 1914364800 - - server -\n", "line 3 "},
           {head + "004f 1914364800 - - server -\n", "line 3 "},
           {head + "4f soon - - server -\n", "line 3 "},
           {head + "4f 1914364800 1883001600 - server -\n", "line 3 "},
           {head + "4f 1914364800 - superseded server -\n", "line 3 "},
           {head + "4f 1914364800 1883001600 lost server -\n", "line 3 "},
           {head + "4f 1914364800 - - till -\n", "line 3 "},
           {head + "4f 1914364800 - - server \n", "line 3 "},
           {head + "4f 1914364800 - - server " + std::string(41, 'x') + "\n", "line 3 "}}) {
    const auto read = ParseIssued(text);
    EXPECT_THAT(read, StatusIs(absl::StatusCode::kInvalidArgument)) << text;
    EXPECT_THAT(std::string(read.status().message()), HasSubstr(line));
  }
}

TEST(IssuedTest, IsWrittenWholeAndClosed) {
  const TempDir dir;
  ASSERT_OK_AND_ASSIGN(const IssuedIndex none, ReadIssued(dir.path()));
  EXPECT_EQ(none, IssuedIndex());
  ASSERT_THAT(WriteIssued(dir.path(), Example()), IsOk());
  ASSERT_OK_AND_ASSIGN(const IssuedIndex read, ReadIssued(dir.path()));
  EXPECT_EQ(read, Example());
  struct stat info {};
  ASSERT_EQ(stat(dir.File("issued").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 07777, 0600u);
  EXPECT_FALSE(FileExists(dir.File("issued.new")));
  ASSERT_THAT(ReplaceFile(dir.File("issued"), "ladon", 0600), IsOk());
  const auto damaged = ReadIssued(dir.path());
  EXPECT_THAT(damaged, StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_THAT(std::string(damaged.status().message()), HasSubstr("issued: line 1"));
}

TEST(IssuedTest, TheSizeIsBounded) {
  const TempDir dir;
  ASSERT_THAT(WriteNewFile(dir.File("issued"), kExample, 0600), IsOk());
  ASSERT_EQ(truncate(dir.File("issued").c_str(), kIssuedBytesMax + 1), 0);
  EXPECT_THAT(ReadIssued(dir.path()), StatusIs(absl::StatusCode::kFailedPrecondition));
}

TEST(IssuedTest, HoldersAndSerialNumbersHaveOneSpelling) {
  for (const std::string& good : {std::string("P-104"), std::string("7"), std::string("a-b"),
                                  std::string(kHolderCharactersMax, 'x')}) {
    EXPECT_TRUE(IsHolder(good)) << good;
  }
  for (const std::string& bad :
       {std::string(), std::string("-"), std::string(" a"), std::string("a "), std::string("a\nb"),
        std::string("a b"), std::string("ё"), std::string(kHolderCharactersMax + 1, 'x')}) {
    EXPECT_FALSE(IsHolder(bad)) << bad;
  }
  EXPECT_EQ(SerialOfText("4F:00:0A"), "4f000a");
  EXPECT_EQ(SerialOfText("0000f000a"), "0f000a") << "whole bytes, none of them zero in front";
  EXPECT_EQ(SerialOfText(std::string(40, 'f')), std::string(40, 'f'));
  for (const std::string& bad :
       {std::string(), std::string("0"), std::string("xyz"), std::string(42, 'f')}) {
    EXPECT_EQ(SerialOfText(bad), std::nullopt) << bad;
  }
}

}  // namespace
}  // namespace ladon::pki
