// Goal: a layout says what it means, or is refused by file and line: a wrong one would read sums
// from another column. Method: the layouts that are shipped; a small one with every key changed.
#include "server/client/registry/profile.h"

#include <algorithm>
#include <fstream>
#include <string>
#include <utility>

#include "tests/server/base/temp_dir.h"
#include "tests/server/client/registry/encoded.h"
#include "tests/testing/status_testing.h"

namespace ladon::registry {
namespace {

using ::ladon::testing::IsOk;
using ::ladon::testing::StatusIs;
using ::ladon::testing::TempDir;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr char kText[] = R"(name = "bank-1"
charset = "koi8-r"
delimiter = "\t"
decimal_mark = ","
quote = true
may_be_empty = true
header_lines = 2
columns = 9
comment = "#"
[fields]
payment_id = 1
account = "ACCOUNT"
sum = 3
fee = 4
refund_of = 5
[paid_at]
date = 6
date_format = "DD.MM.YYYY"
time = 7
time_format = "HH:MM"
[kind]
column = 8
payment = ["in"]
refund = ["out", "back"]
ignored = ["moved"]
[footer]
prefix = "="
count = 1
sum = 2
)";

std::string Refusal(const std::string& text) {
  const absl::StatusOr<Profile> profile = ParseProfile(text, "bank.toml");
  EXPECT_THAT(profile, StatusIs(absl::StatusCode::kInvalidArgument)) << text;
  return std::string(profile.status().message());
}

std::string Refusal(const std::string& part, const std::string& with) {
  return Refusal(Replaced(kText, part, with));
}

TEST(ProfileTest, ReadsEveryKey) {
  ASSERT_OK_AND_ASSIGN(const Profile profile, ParseProfile(kText, "bank.toml"));
  EXPECT_EQ(profile.name, "bank-1");
  EXPECT_EQ(profile.charset, Charset::kKoi8R);
  EXPECT_EQ(profile.delimiter, '\t');
  EXPECT_EQ(profile.decimal_mark, ',');
  EXPECT_TRUE(profile.quote);
  EXPECT_TRUE(profile.may_be_empty);
  EXPECT_EQ(profile.header_lines, 2u);
  EXPECT_EQ(profile.columns, 9u);
  EXPECT_EQ(profile.comment, "#");
  EXPECT_EQ(profile.fields.payment_id.number, 1u);
  EXPECT_EQ(profile.fields.account.name, "ACCOUNT");
  EXPECT_EQ(profile.fields.account.number, 0u);
  EXPECT_EQ(profile.fields.sum.number, 3u);
  EXPECT_EQ(profile.fields.fee.number, 4u);
  EXPECT_EQ(profile.fields.refund_of.number, 5u);
  EXPECT_EQ(profile.paid_at.date.number, 6u);
  EXPECT_TRUE(profile.paid_at.date_format.Read("01.09.2026"));
  EXPECT_EQ(profile.paid_at.time.number, 7u);
  EXPECT_TRUE(profile.paid_at.time_format.Read("12:01"));
  EXPECT_EQ(profile.kind.column.number, 8u);
  EXPECT_THAT(profile.kind.payment, ElementsAre("in"));
  EXPECT_THAT(profile.kind.refund, ElementsAre("out", "back"));
  EXPECT_THAT(profile.kind.ignored, ElementsAre("moved"));
  EXPECT_EQ(profile.footer.prefix, "=");
  EXPECT_EQ(profile.footer.count, 1u);
  EXPECT_EQ(profile.footer.sum, 2u);
  EXPECT_EQ(profile.pairs.from, 0u);
  EXPECT_TRUE(profile.NamedByHeader());
}

TEST(ProfileTest, LeavesOutWhatMayBeLeftOut) {
  ASSERT_OK_AND_ASSIGN(const Profile profile, ParseProfile(R"(name = "least"
charset = "utf-8"
delimiter = ";"
decimal_mark = "."
[fields]
payment_id = 1
account = "CLIENTNO"
sum = 2
[paid_at]
date = 3
date_format = "YYYY-MM-DD HH:MM:SS"
[pairs]
from = 4
)",
                                                           "least.toml"));
  EXPECT_FALSE(profile.quote);
  EXPECT_FALSE(profile.may_be_empty);
  EXPECT_EQ(profile.header_lines, 0u);
  EXPECT_FALSE(profile.fields.fee.given());
  EXPECT_FALSE(profile.kind.column.given());
  EXPECT_EQ(profile.pairs.from, 4u);
  EXPECT_EQ(profile.pairs.separator, ':');
  EXPECT_THAT(profile.footer.prefix, IsEmpty());
  EXPECT_FALSE(profile.NamedByHeader());
}

TEST(ProfileTest, ShippedLayoutsAreRead) {
  for (const std::string name : {"qiwi-daily", "tochka", "sber-footer", "sber-pairs"}) {
    ASSERT_OK_AND_ASSIGN(const Profile profile, LoadProfile("deploy/registries/" + name + ".toml"));
    EXPECT_EQ(profile.name, name);
  }
}

TEST(ProfileTest, RefusesUnknownKeysAndTablesByLine) {
  EXPECT_EQ(Refusal("quote = true", "quotes = true"), "bank.toml, line 5: unknown key quotes");
  EXPECT_EQ(Refusal("fee = 4", "fees = 4"), "bank.toml, line 14: unknown key [fields] fees");
  EXPECT_EQ(Refusal("[footer]", "[foot]"), "bank.toml, line 26: unknown table foot");
  EXPECT_EQ(Refusal("[footer]", "[[footer]]"), "bank.toml, line 26: unknown key footer");
  EXPECT_EQ(Refusal("[footer]", "[\"\"]"), "bank.toml, line 26: unknown table ");
  EXPECT_THAT(Refusal("fee = 4", "fee = {column = 4}"), HasSubstr("line 14: [fields] fee must be"));
}

TEST(ProfileTest, RefusesWhatIsNoToml) {
  EXPECT_THAT(Refusal("quote = true", "quote = "), HasSubstr("bank.toml, line 5: "));
  EXPECT_THAT(Refusal("fee = 4", "fee = 4\nfee = 5"), HasSubstr("bank.toml, line 15: "));
  EXPECT_THAT(Refusal("name = \"bank-1\"", "name = \"\xCF\""), HasSubstr("bank.toml, line 1: "));
}

TEST(ProfileTest, RefusesMissingKeys) {
  for (const std::string key : {"name = \"bank-1\"", "charset = \"koi8-r\"", "delimiter = \"\\t\"",
                                "decimal_mark = \",\"", "payment_id = 1", "account = \"ACCOUNT\"",
                                "sum = 3", "date = 6", "date_format = \"DD.MM.YYYY\"", "column = 8",
                                "payment = [\"in\"]", "prefix = \"=\"", "count = 1", "sum = 2"}) {
    EXPECT_THAT(Refusal(key + "\n", "\n"), HasSubstr("bank.toml: ")) << key;
    EXPECT_THAT(Refusal(key + "\n", "\n"), HasSubstr(key.substr(0, key.find(' ')) + " is missing"))
        << key;
  }
}

TEST(ProfileTest, RefusesValuesOfAnotherTypeOrOutOfRange) {
  const std::string long_text(kProfileTextBytesMax + 1, 'x');
  const std::pair<const char*, std::string> bad[] = {
      {"name = \"bank-1\"", "name = 1"},
      {"name = \"bank-1\"", "name = \"\""},
      {"name = \"bank-1\"", "name = \"Bank\""},
      {"name = \"bank-1\"", "name = \"../bank\""},
      {"name = \"bank-1\"", "name = \"" + std::string(33, 'b') + "\""},
      {"charset = \"koi8-r\"", "charset = \"KOI8\""},
      {"delimiter = \"\\t\"", "delimiter = \";;\""},
      {"delimiter = \"\\t\"", "delimiter = \"a\""},
      {"delimiter = \"\\t\"", "delimiter = \" \""},
      {"delimiter = \"\\t\"", "delimiter = \"\\n\""},
      {"delimiter = \"\\t\"", "delimiter = \"\\u0000\""},
      {"delimiter = \"\\t\"", "delimiter = \"\\\"\""},
      {"delimiter = \"\\t\"", "delimiter = \",\""},
      {"decimal_mark = \",\"", "decimal_mark = \";\""},
      {"quote = true", "quote = 1"},
      {"quote = true", "quote = \"yes\""},
      {"header_lines = 2", "header_lines = -1"},
      {"header_lines = 2", "header_lines = 21"},
      {"header_lines = 2", "header_lines = 2.0"},
      {"columns = 9", "columns = 65"},
      {"comment = \"#\"", "comment = \"\""},
      {"comment = \"#\"", "comment = \"" + long_text + "\""},
      {"payment_id = 1", "payment_id = 0"},
      {"payment_id = 1", "payment_id = 65"},
      {"payment_id = 1", "payment_id = \"\""},
      {"payment_id = 1", "payment_id = \"" + long_text + "\""},
      {"payment_id = 1", "payment_id = [1]"},
      {"date_format = \"DD.MM.YYYY\"", "date_format = \"HH:MM\""},
      {"date_format = \"DD.MM.YYYY\"", "date_format = \"DD.MM\""},
      {"time_format = \"HH:MM\"", "time_format = \"DD.MM.YYYY\""},
      {"time_format = \"HH:MM\"", "time_format = \"HH\""},
      {"payment = [\"in\"]", "payment = \"in\""},
      {"payment = [\"in\"]", "payment = []"},
      {"payment = [\"in\"]", "payment = [1]"},
      {"payment = [\"in\"]", "payment = [\"\"]"},
      {"prefix = \"=\"", "prefix = \"\""},
      {"count = 1", "count = 0"},
  };
  for (const auto& [part, with] : bad) {
    const std::string line =
        ", line " +
        std::to_string(1 + std::count(kText, std::string_view(kText).find(part) + kText, '\n'));
    EXPECT_THAT(Refusal(part, with), HasSubstr(line + ": ")) << with;
  }
}

TEST(ProfileTest, RefusesKeysThatContradictEachOther) {
  EXPECT_THAT(Refusal("header_lines = 2", "header_lines = 0"),
              HasSubstr("line 12: [fields] account is a name"));
  EXPECT_THAT(Refusal("columns = 9", "columns = 7"),
              HasSubstr("line 22: [kind] column lies behind the last"));
  EXPECT_THAT(Refusal("time_format = \"HH:MM\"", ""), HasSubstr("line 19: [paid_at] time is set"));
  EXPECT_THAT(Refusal("time = 7", ""), HasSubstr("line 20: [paid_at] time_format is set"));
  EXPECT_THAT(Refusal("\"DD.MM.YYYY\"", "\"DD.MM.YYYY HH:MM\""), HasSubstr("has the time already"));
  EXPECT_THAT(Refusal("\"back\"", "\"moved\""), HasSubstr("a value in common"));
  EXPECT_THAT(Refusal("prefix = \"=\"", "prefix = \"##\""), HasSubstr("cannot be told"));
  EXPECT_THAT(Refusal("sum = 2\n", "sum = 1\n"), HasSubstr("must not be where the count is"));
  const std::string pairs = Replaced(kText, "columns = 9\n", "");
  EXPECT_THAT(Refusal(pairs + "[pairs]\nfrom = 5\n"), HasSubstr("number among the pairs"));
  EXPECT_THAT(Refusal(pairs + "[pairs]\nfrom = 9\nseparator = \"\\t\"\n"),
              HasSubstr("must not be the delimiter"));
  EXPECT_THAT(Refusal(std::string(kText) + "[pairs]\nfrom = 9\n"),
              HasSubstr("line 8: columns must not be set"));
}

TEST(ProfileTest, IsAtMost64KiB) {
  const std::string most =
      std::string(kText) + std::string(kProfileBytesMax - sizeof(kText) + 1, '\n');
  EXPECT_THAT(ParseProfile(most, "bank.toml"), IsOk());
  EXPECT_THAT(Refusal(most + "\n"), HasSubstr("longer than 64 KiB"));
}

TEST(ProfileTest, IsLoadedFromAFile) {
  TempDir dir;
  const std::string path = dir.File("bank.toml");
  EXPECT_THAT(LoadProfile(path), StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(LoadProfile(dir.path()), StatusIs(absl::StatusCode::kNotFound));
  std::ofstream(path) << kText;
  EXPECT_THAT(LoadProfile(path), IsOk());
  std::ofstream(path) << kText << std::string(kProfileBytesMax, '\n');
  EXPECT_THAT(LoadProfile(path), StatusIs(absl::StatusCode::kInvalidArgument));
}

}  // namespace
}  // namespace ladon::registry
