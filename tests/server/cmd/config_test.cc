// Goal: the sample configuration is one, and a key means what it says.
// Method: deploy/ladond.toml as it is, and with keys of its own taken from it.
#include "server/cmd/config.h"

#include <fstream>
#include <sstream>
#include <string>

#include "tests/server/base/temp_dir.h"
#include "tests/testing/status_testing.h"

namespace ladon {
namespace {

using ::ladon::testing::StatusIs;
using ::ladon::testing::TempDir;
using ::testing::HasSubstr;

std::string Sample() {
  std::ifstream file("deploy/ladond.toml");
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

absl::StatusOr<Config> Load(const std::string& text) {
  const TempDir dir;
  std::ofstream(dir.File("ladond.toml")) << text;
  return LoadConfig(dir.File("ladond.toml"));
}

TEST(ConfigTest, RevocationListsAreOffUntilAFileIsNamed) {
  ASSERT_OK_AND_ASSIGN(const Config sample, Load(Sample()));
  EXPECT_EQ(sample.tls.client_ca, "/etc/ladon/tls/ca.pem");
  EXPECT_EQ(sample.tls.crl, "");
  std::string named = Sample();
  const size_t at = named.find("#crl = \"\"");
  ASSERT_NE(at, std::string::npos);
  named.replace(at, 9, "crl = \"/etc/ladon/tls/crl.pem\"");
  ASSERT_OK_AND_ASSIGN(const Config with, Load(named));
  EXPECT_EQ(with.tls.crl, "/etc/ladon/tls/crl.pem");
  named.replace(named.find("crl = \"/etc"), 6, "crl = 7 #");
  const auto refused = Load(named);
  EXPECT_THAT(refused, StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(std::string(refused.status().message()), HasSubstr("[tls] crl must be a text"));
}

// The sample with other lines in place of where its root key lies.
std::string WithRootKey(const std::string& lines) {
  std::string text = Sample();
  const std::string sample = "\nroot_key_credential = \"root.key\"\n";
  const size_t at = text.find(sample);
  EXPECT_NE(at, std::string::npos);
  return text.replace(at, sample.size(), "\n" + lines + "\n");
}

// The sample with another line in place of one that is there.
std::string With(const std::string& line, const std::string& other) {
  std::string text = Sample();
  const size_t at = text.find("\n" + line + "\n");
  EXPECT_NE(at, std::string::npos) << line;
  return text.replace(at, line.size() + 2, "\n" + other + "\n");
}

TEST(ConfigTest, NobodyIsToldOfAnythingUntilSomebodyWantsIt) {
  ASSERT_OK_AND_ASSIGN(const Config sample, Load(Sample()));
  EXPECT_FALSE(OutboxOptionsOf(sample).notices);
  EXPECT_FALSE(OutboxOptionsOf(sample).receipts);
  EXPECT_EQ(OutboxOptionsOf(sample).low_balance_kopecks, 0);
  ASSERT_OK_AND_ASSIGN(const Config with,
                       Load(With("#low_balance = \"0\"", "low_balance = \"99.50\"")));
  EXPECT_EQ(OutboxOptionsOf(with).low_balance_kopecks, 9'950);
  for (const auto& [line, other] :
       {std::pair("#low_balance = \"0\"", "low_balance = \"1,5\""),
        std::pair("#low_balance = \"0\"", "low_balance = \"100000.01\""),
        std::pair("#low_balance_days = 2", "low_balance_days = 367"),
        std::pair("#attempts_max = 20", "attempts_max = 0"),
        std::pair("#attempts_max = 20", "attempts_max = 101"),
        std::pair("#notices = false", "notices = 1")}) {
    const auto refused = Load(With(line, other));
    EXPECT_THAT(refused, StatusIs(absl::StatusCode::kInvalidArgument)) << other;
    EXPECT_THAT(std::string(refused.status().message()), HasSubstr("[outbox]"));
  }
}

TEST(ConfigTest, ContractsAreTablesOfTheirOwn) {
  ASSERT_OK_AND_ASSIGN(const Config sample, Load(Sample()));
  EXPECT_TRUE(sample.contracts.empty());
  const std::string one =
      "\n[[contract]]\nname = \"bank\"\nfee_percent = \"1.50\"\npaid_min = \"1.00\"\n";
  ASSERT_OK_AND_ASSIGN(const Config with, Load(Sample() + one));
  ASSERT_EQ(with.contracts.size(), 1);
  EXPECT_EQ(with.contracts.at("bank").fee_hundredths, 150);
  EXPECT_EQ(with.contracts.at("bank").paid_kopecks_min, 100);
  EXPECT_EQ(with.contracts.at("bank").time_zone, sample.ledger.time_zone);
  for (const auto& [lines, why] :
       {std::pair(one + one, "stands there twice"),
        std::pair(one + "fee = \"1\"\n", "unknown key fee"),
        std::pair(one + "paid_max = 100.5\n", "paid_max must be a text"),
        std::pair(one + "fee_min = \"1.00\"\n", "more than its own fee"),
        std::pair(one + "refund_days = 31\n", "refund_days must be 0 to 30"),
        std::pair(one + "time_zone = \"Europe/Nowhere\"\n", "IANA"),
        std::pair(std::string("\n[contract]\nname = \"bank\"\n"), "[[contract]]")}) {
    const auto refused = Load(Sample() + lines);
    EXPECT_THAT(refused, StatusIs(absl::StatusCode::kInvalidArgument)) << why;
    EXPECT_THAT(std::string(refused.status().message()), HasSubstr(why));
    EXPECT_THAT(std::string(refused.status().message()), HasSubstr(", line "));
  }
}

TEST(ConfigTest, TheRootKeyLiesInAFileOrInACredential) {
  ASSERT_OK_AND_ASSIGN(const Config sample, Load(Sample()));
  EXPECT_EQ(sample.keys.root_key_credential, "root.key");
  EXPECT_EQ(sample.keys.root_key_file, "");
  ASSERT_OK_AND_ASSIGN(const Config file, Load(WithRootKey("root_key_file = \"/etc/key\"")));
  EXPECT_EQ(file.keys.root_key_file, "/etc/key");
  EXPECT_EQ(file.keys.root_key_credential, "");

  const auto none = Load(WithRootKey(""));
  EXPECT_THAT(none, StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(std::string(none.status().message()), HasSubstr("[keys] root_key_file is missing"));
  const auto both =
      Load(WithRootKey("root_key_file = \"/etc/key\"\nroot_key_credential = \"ladon-root-key\""));
  EXPECT_THAT(both, StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(std::string(both.status().message()), HasSubstr("[keys] root_key_credential is set"));
}

TEST(ConfigTest, ACredentialHasThePlainNameOfAFile) {
  for (const std::string& name :
       {std::string("ladon-root-key"), std::string("root.key"), std::string(255, 'k')}) {
    EXPECT_TRUE(Load(WithRootKey("root_key_credential = \"" + name + "\"")).ok()) << name;
  }
  for (const std::string& name :
       {std::string("/etc/root.key"), std::string("a/b"), std::string("."), std::string(".."),
        std::string("root key"), std::string("ключ"), std::string("a:b"), std::string(256, 'k')}) {
    const auto refused = Load(WithRootKey("root_key_credential = \"" + name + "\""));
    EXPECT_THAT(refused, StatusIs(absl::StatusCode::kInvalidArgument)) << name;
    EXPECT_THAT(std::string(refused.status().message()), HasSubstr("plain file name")) << name;
  }
}

}  // namespace
}  // namespace ladon
