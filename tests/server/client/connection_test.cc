// Goal: whatever the server answers, a person gets a sentence and a program knows whether to
// repeat. Method: walks every reason of the contract and every gRPC code; identities broken file by
// file.
#include "server/client/connection.h"

#include <sys/stat.h>

#include <fstream>
#include <string>

#include "tests/server/base/temp_dir.h"
#include "tests/testing/status_testing.h"

namespace ladon::client {
namespace {

using ::ladon::testing::StatusIs;
using ::ladon::testing::TempDir;

grpc::Status Refusal(v1::ErrorReason reason, const std::string& field) {
  v1::ErrorDetail detail;
  detail.set_reason(reason);
  detail.set_field(field);
  detail.set_message_ru("по-русски");
  detail.set_message_en("in English");
  v1::RpcStatus rich;
  rich.set_code(static_cast<int>(grpc::StatusCode::FAILED_PRECONDITION));
  rich.add_details()->PackFrom(detail);
  return {grpc::StatusCode::FAILED_PRECONDITION, "refused", rich.SerializeAsString()};
}

TEST(ConnectionTest, EveryReasonOfTheContractHasASentence) {
  const auto* reasons = v1::ErrorReason_descriptor();
  ASSERT_GT(reasons->value_count(), 40);
  for (int i = 0; i < reasons->value_count(); ++i) {
    const auto reason = static_cast<v1::ErrorReason>(reasons->value(i)->number());
    if (reason == v1::ERROR_REASON_UNSPECIFIED) continue;
    const std::string key = reasons->value(i)->name().substr(std::string("ERROR_REASON_").size());
    ASSERT_TRUE(base::HasText(key)) << key;
    for (const auto language : {base::Language::kRussian, base::Language::kEnglish}) {
      EXPECT_EQ(Explain(Refusal(reason, ""), language), base::Text(key, language));
    }
  }
}

TEST(ConnectionTest, NamesTheField) {
  const std::string text =
      Explain(Refusal(v1::ERROR_REASON_FIELD_INVALID, "basket.lines[2]"), base::Language::kEnglish);
  EXPECT_NE(text.find("basket.lines[2]"), std::string::npos);
}

TEST(ConnectionTest, UsesTheServersWordsForAReasonFromTheFuture) {
  const auto future = static_cast<v1::ErrorReason>(9'999);
  EXPECT_EQ(Explain(Refusal(future, ""), base::Language::kRussian), "по-русски");
  EXPECT_EQ(Explain(Refusal(future, ""), base::Language::kEnglish), "in English");
}

TEST(ConnectionTest, ReadsNothingFromDamagedDetails) {
  for (const std::string& details :
       {std::string(), std::string("\xFF\xFF\xFF"), std::string("not a message at all")}) {
    const grpc::Status status(grpc::StatusCode::UNAVAILABLE, "", details);
    EXPECT_EQ(DetailOf(status).reason(), v1::ERROR_REASON_UNSPECIFIED);
    EXPECT_FALSE(Explain(status, base::Language::kRussian).empty());
  }
}

TEST(ConnectionTest, OnlyAVerdictIsDefinite) {
  for (int code = 0; code <= 16; ++code) {
    const bool unknown_fate = code == 1 || code == 2 || code == 4 || code == 8 || code == 13 ||
                              code == 14;  // The gRPC numbers of the header's list.
    const grpc::Status status(static_cast<grpc::StatusCode>(code), "");
    EXPECT_EQ(IsDefinite(status), !unknown_fate) << code;
    if (code != 0) {
      EXPECT_FALSE(Explain(status, base::Language::kEnglish).empty()) << code;
    }
  }
}

class IdentityTest : public ::testing::Test {
 protected:
  void SetUp() override {
    for (const char* name : {"cert.pem", "key.pem", "ca.pem"}) Put(name, "-----BEGIN X-----\n");
    ASSERT_EQ(chmod(dir_.File("key.pem").c_str(), 0400), 0);
  }
  void Put(const std::string& name, const std::string& text) {
    std::ofstream(dir_.File(name), std::ios::binary | std::ios::trunc) << text;
  }
  absl::Status Try() {
    return Connect({.server = "127.0.0.1:1", .identity = dir_.path(), .server_name = ""}).status();
  }

  TempDir dir_;
};

TEST_F(IdentityTest, OpensALazyChannelWhenTheFilesAreRight) {
  EXPECT_TRUE(Try().ok());
}

TEST_F(IdentityTest, NamesTheMissingFile) {
  for (const std::string name : {"cert.pem", "key.pem", "ca.pem"}) {
    ASSERT_EQ(rename(dir_.File(name).c_str(), dir_.File("away").c_str()), 0);
    const absl::Status status = Try();
    EXPECT_THAT(status, StatusIs(absl::StatusCode::kNotFound));
    EXPECT_NE(std::string(status.message()).find(name), std::string::npos);
    ASSERT_EQ(rename(dir_.File("away").c_str(), dir_.File(name).c_str()), 0);
  }
}

TEST_F(IdentityTest, RefusesAnOpenKey) {
  for (const mode_t mode : {0440, 0404, 0660, 0644}) {
    ASSERT_EQ(chmod(dir_.File("key.pem").c_str(), mode), 0);
    EXPECT_THAT(Try(), StatusIs(absl::StatusCode::kFailedPrecondition)) << mode;
  }
}

TEST_F(IdentityTest, RefusesWhatIsNotPemOrTooLarge) {
  Put("ca.pem", "");
  EXPECT_THAT(Try(), StatusIs(absl::StatusCode::kFailedPrecondition));
  Put("ca.pem", "hello");
  EXPECT_THAT(Try(), StatusIs(absl::StatusCode::kFailedPrecondition));
  Put("ca.pem", "-----BEGIN X-----\n" + std::string(64 * 1024, 'x'));
  EXPECT_THAT(Try(), StatusIs(absl::StatusCode::kFailedPrecondition));
}

}  // namespace
}  // namespace ladon::client
