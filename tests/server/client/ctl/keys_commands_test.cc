// Goal: `ladonctl keys split` and `combine` carry a root key from file to shares and back, write
// nothing over anything, and leave nothing half done.
// Method: whole command lines in temporary directories.
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/base/messages.h"
#include "server/client/ctl/ladonctl.h"
#include "tests/server/base/temp_dir.h"

namespace ladon::ctl {
namespace {

using ::ladon::testing::TempDir;
using ::testing::HasSubstr;
using ::testing::Not;

struct Outcome {
  int code = 0;
  std::string out;
  std::string err;
};

Outcome Keys(std::vector<std::string> arguments,
             base::Language language = base::Language::kEnglish) {
  arguments.insert(arguments.begin(), {"ladonctl", "keys"});
  std::vector<const char*> argv;
  for (const std::string& argument : arguments) argv.push_back(argument.c_str());
  std::ostringstream out;
  std::ostringstream err;
  const int code = RunLadonctl(static_cast<int>(argv.size()), argv.data(), language, &out, &err);
  return {.code = code, .out = out.str(), .err = err.str()};
}

std::string Slurp(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

// A root key and its shares, three of five.
class KeysCommandsTest : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_EQ(Keys({"init", key_}).code, 0);
    const Outcome split = Keys({"split", "--root-key-file", key_, "--out", shares_});
    ASSERT_EQ(split.code, 0) << split.err;
    EXPECT_THAT(split.out, HasSubstr("any 3 give it again"));
    EXPECT_THAT(split.out, HasSubstr(Slurp(Share(1)).substr(27, 32)));  // The set.
  }

  std::string Share(int number) const {
    return shares_ + "/share-" + std::to_string(number) + "-of-5";
  }
  size_t FilesIn(const std::string& directory) const {
    return static_cast<size_t>(std::distance(std::filesystem::directory_iterator(directory),
                                             std::filesystem::directory_iterator()));
  }

  const TempDir dir_;
  const std::string key_ = dir_.File("root.key");
  const std::string shares_ = dir_.File("shares");
  const std::string again_ = dir_.File("again.key");
};

TEST_F(KeysCommandsTest, EveryThreeOfFiveGiveTheSameFileAgain) {
  const std::string good = Slurp(key_);
  for (int a = 1; a <= 5; ++a) {
    for (int b = a + 1; b <= 5; ++b) {
      const Outcome two = Keys({"combine", "--out", again_, Share(a), Share(b)});
      EXPECT_EQ(two.code, 2);
      EXPECT_THAT(two.err, HasSubstr("3 are needed"));
      EXPECT_FALSE(std::filesystem::exists(again_));
      for (int c = b + 1; c <= 5; ++c) {
        const Outcome three = Keys({"combine", "--out", again_, Share(c), Share(a), Share(b)});
        ASSERT_EQ(three.code, 0) << three.err;
        EXPECT_EQ(Slurp(again_), good);
        std::filesystem::remove(again_);
      }
    }
  }
}

TEST_F(KeysCommandsTest, SharesAreOfTheOwnerAloneAndNothingIsOverwritten) {
  EXPECT_EQ(FilesIn(shares_), 5u);
  for (int n = 1; n <= 5; ++n) {
    struct stat info {};
    ASSERT_EQ(stat(Share(n).c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 07777, 0400u);
  }
  const std::string before = Slurp(Share(1));
  EXPECT_EQ(Keys({"split", "--root-key-file", key_, "--out", shares_}).code, 4);
  EXPECT_EQ(Slurp(Share(1)), before);

  ASSERT_EQ(Keys({"combine", "--out", again_, Share(1), Share(2), Share(3)}).code, 0);
  const std::string combined = Slurp(again_);
  const Outcome over = Keys({"combine", "--out", again_, Share(1), Share(2), Share(4)});
  EXPECT_EQ(over.code, 4);
  EXPECT_THAT(over.err, HasSubstr("never overwritten"));
  EXPECT_EQ(Slurp(again_), combined);
}

TEST_F(KeysCommandsTest, ASplitThatCannotBeWrittenLeavesNoShares) {
  const std::string other = dir_.File("other");
  std::filesystem::create_directory(other);
  std::filesystem::permissions(other, std::filesystem::perms::owner_all);
  std::ofstream(other + "/share-4-of-5") << "in the way";
  EXPECT_EQ(Keys({"split", "--root-key-file", key_, "--out", other}).code, 4);
  EXPECT_EQ(FilesIn(other), 1u);
  EXPECT_EQ(Slurp(other + "/share-4-of-5"), "in the way");

  std::filesystem::permissions(other, std::filesystem::perms(0755));
  EXPECT_EQ(Keys({"split", "--root-key-file", key_, "--out", other}).code, 4);  // Open to others.
  EXPECT_EQ(FilesIn(other), 1u);
}

TEST_F(KeysCommandsTest, OutputsTellOfTheSetAndNeverOfTheKey) {
  const std::string secret = Slurp(key_).substr(17, 64);
  const Outcome split = Keys({"--json", "split", "--root-key-file", key_, "--out",
                              dir_.File("more"), "--shares", "4", "--threshold", "2"});
  ASSERT_EQ(split.code, 0) << split.err;
  const nlohmann::json made = nlohmann::json::parse(split.out);
  EXPECT_EQ(made["threshold"], 2);
  EXPECT_EQ(made["total"], 4);
  ASSERT_EQ(made["shares"].size(), 4u);
  const std::string first = made["shares"][0];
  const std::string last = made["shares"][3];
  const Outcome combined = Keys({"--json", "combine", "--out", again_, last, first});
  ASSERT_EQ(combined.code, 0) << combined.err;
  EXPECT_EQ(nlohmann::json::parse(combined.out)["set"], made["set"]);
  EXPECT_EQ(nlohmann::json::parse(combined.out)["shares"], nlohmann::json({4, 1}));
  for (const std::string& text : {split.out, combined.out, Slurp(first)}) {
    EXPECT_THAT(text, Not(HasSubstr(secret)));
  }
  const Outcome mixed = Keys({"combine", "--out", dir_.File("none"), first, Share(2), Share(3)});
  EXPECT_EQ(mixed.code, 2);
  EXPECT_FALSE(std::filesystem::exists(dir_.File("none")));
}

TEST_F(KeysCommandsTest, WrongSharesAndUsageAreTwoAndMissingFilesFour) {
  std::string text = Slurp(Share(2));
  const size_t at = text.find("\nshare ") + 10;
  text[at] = text[at] == 'a' ? 'b' : 'a';
  std::ofstream(dir_.File("mistyped")) << text;
  const Outcome mistyped =
      Keys({"combine", "--out", again_, Share(1), dir_.File("mistyped"), Share(3)});
  EXPECT_EQ(mistyped.code, 2);
  EXPECT_THAT(mistyped.err, HasSubstr("mistyped: the share is damaged"));
  const Outcome russian =
      Keys({"combine", "--out", again_, Share(1), Share(1), Share(3)}, base::Language::kRussian);
  EXPECT_EQ(russian.code, 2);
  EXPECT_THAT(russian.err, HasSubstr("та же часть"));

  EXPECT_EQ(Keys({"combine", "--out", again_, dir_.File("none"), Share(1), Share(3)}).code, 4);
  EXPECT_EQ(Keys({"combine", "--out", again_}).code, 2);
  EXPECT_EQ(Keys({"split", "--root-key-file", dir_.File("none"), "--out", dir_.File("x")}).code, 4);
  for (const auto& [shares, threshold] :
       {std::pair("5", "6"), std::pair("5", "1"), std::pair("17", "3"), std::pair("1", "1")}) {
    EXPECT_EQ(Keys({"split", "--root-key-file", key_, "--out", dir_.File("x"), "--shares", shares,
                    "--threshold", threshold})
                  .code,
              2);
  }
  EXPECT_FALSE(std::filesystem::exists(again_));
  EXPECT_FALSE(std::filesystem::exists(dir_.File("x")));
}

}  // namespace
}  // namespace ladon::ctl
