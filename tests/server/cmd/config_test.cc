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

}  // namespace
}  // namespace ladon
