// Goal: the root key is read from where the configuration says, and from nowhere else.
// Method: a key file in a directory that stands for systemd's; what is sealed by one way of naming
// it opens by the other.
#include "server/cmd/root_key_source.h"

#include <string>

#include "server/base/key_file.h"
#include "tests/server/base/temp_dir.h"
#include "tests/testing/status_testing.h"

namespace ladon {
namespace {

using ::ladon::testing::IsOk;
using ::ladon::testing::StatusIs;
using ::ladon::testing::TempDir;
using ::testing::HasSubstr;

TEST(RootKeySourceTest, ACredentialIsReadFromSystemdsDirectory) {
  const TempDir dir;
  ASSERT_THAT(base::CreateRootKeyFile(dir.File("ladon-root-key")), IsOk());
  const Environment given = [&dir](const std::string& name) {
    return name == "CREDENTIALS_DIRECTORY" ? dir.path() : std::string();
  };
  Config credential;
  credential.keys.root_key_credential = "ladon-root-key";
  Config file;
  file.keys.root_key_file = dir.File("ladon-root-key");
  ASSERT_OK_AND_ASSIGN(const vault::RootKey one, RootKeyOf(credential, given));
  ASSERT_OK_AND_ASSIGN(const vault::RootKey other, RootKeyOf(file, given));
  ASSERT_OK_AND_ASSIGN(const std::string sealed, one.Seal("head", base::SecretKey::Random()));
  EXPECT_THAT(other.Open("head", sealed), IsOk());

  credential.keys.root_key_credential = "another";
  ASSERT_OK_AND_ASSIGN(const vault::RootKey none, RootKeyOf(credential, given));
  EXPECT_THAT(none.Open("head", sealed), StatusIs(absl::StatusCode::kNotFound));
}

TEST(RootKeySourceTest, WithoutCredentialsItSaysHowToGetThem) {
  Config credential;
  credential.keys.root_key_credential = "ladon-root-key";
  const auto refused = RootKeyOf(credential, [](const std::string&) { return std::string(); });
  EXPECT_THAT(refused, StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_THAT(std::string(refused.status().message()),
              HasSubstr("LoadCredentialEncrypted=ladon-root-key"));
}

}  // namespace
}  // namespace ladon
