// Goal: a scenario comes back as it was written, and nothing else passes for one.
// Method: write, read, compare; then break the file in every part.
#include "server/client/load/scenario.h"

#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>

#include "tests/testing/status_testing.h"

namespace ladon::load {
namespace {

using ::ladon::testing::IsOk;
using ::ladon::testing::StatusIs;

class ScenarioTest : public ::testing::Test {
 protected:
  ScenarioTest() {
    std::string name = (std::filesystem::temp_directory_path() / "ladon-scenario-XXXXXX").string();
    root_ = mkdtemp(name.data());
    path_ = root_ + "/scenario.json";
  }
  ~ScenarioTest() override { std::filesystem::remove_all(root_); }

  static Scenario Full() {
    Scenario scenario;
    scenario.server = "localhost:7443";
    scenario.school_id = std::string(16, 's');
    scenario.caterer_id = std::string(16, 'c');
    v1::PriceListItem item;
    item.set_item_id(std::string(16, 'i'));
    item.set_category(3);
    item.set_name("Чай");
    item.set_unit_price_kopecks(1'000);
    scenario.items = {item};
    v1::Card card;
    card.set_technology(v1::CARD_TECHNOLOGY_ISO14443A);
    card.set_reader_profile(v1::READER_PROFILE_REVERSED);
    card.set_uid("\x04\x01\x02\x03\x04\x05\x06");
    scenario.cards = {card};
    scenario.accounts = {std::string(16, 'a')};
    scenario.subjects = {std::string(16, 'u')};
    v1::Probe probe;
    probe.add_codes(std::string(900, '\xFE'));
    probe.add_codes(std::string(900, '\x01'));
    scenario.probes = {probe};
    return scenario;
  }

  std::string root_;
  std::string path_;
};

TEST_F(ScenarioTest, ComesBackAsItWas) {
  const Scenario written = Full();
  ASSERT_THAT(WriteScenario(path_, written), IsOk());
  ASSERT_OK_AND_ASSIGN(const Scenario read, ReadScenario(path_));
  EXPECT_EQ(read.server, written.server);
  EXPECT_EQ(read.school_id, written.school_id);
  EXPECT_EQ(read.caterer_id, written.caterer_id);
  EXPECT_EQ(read.accounts, written.accounts);
  EXPECT_EQ(read.subjects, written.subjects);
  EXPECT_EQ(read.items[0].SerializeAsString(), written.items[0].SerializeAsString());
  EXPECT_EQ(read.cards[0].SerializeAsString(), written.cards[0].SerializeAsString());
  ASSERT_EQ(read.probes[0].codes_size(), 2);
  EXPECT_EQ(read.probes[0].codes(0), written.probes[0].codes(0));
  EXPECT_EQ(read.probes[0].liveness(), v1::LIVENESS_PASS);
}

TEST_F(ScenarioTest, IsPrivateAndNeverOverwritten) {
  ASSERT_THAT(WriteScenario(path_, Full()), IsOk());
  struct stat info {};
  ASSERT_EQ(stat(path_.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0600U);
  EXPECT_THAT(WriteScenario(path_, Full()), StatusIs(absl::StatusCode::kAlreadyExists));
}

TEST_F(ScenarioTest, RefusesWhatIsBroken) {
  ASSERT_THAT(WriteScenario(path_, Full()), IsOk());
  std::ifstream in(path_);
  const std::string good{std::istreambuf_iterator<char>(in), {}};
  const auto refused = [&](const nlohmann::json& json) {
    std::ofstream(path_, std::ios::trunc) << json.dump();
    return ReadScenario(path_).status();
  };
  for (const char* key :
       {"server", "school_id", "caterer_id", "items", "cards", "accounts", "subjects", "probes"}) {
    nlohmann::json json = nlohmann::json::parse(good);
    json.erase(key);
    EXPECT_THAT(refused(json), StatusIs(absl::StatusCode::kInvalidArgument)) << key;
    json[key] = 5;
    EXPECT_THAT(refused(json), StatusIs(absl::StatusCode::kInvalidArgument)) << key;
  }
  nlohmann::json json = nlohmann::json::parse(good);
  json["items"] = nlohmann::json::array();
  EXPECT_THAT(refused(json), StatusIs(absl::StatusCode::kInvalidArgument));
  json = nlohmann::json::parse(good);
  json["probes"] = {{"not base64!"}};
  EXPECT_THAT(refused(json), StatusIs(absl::StatusCode::kInvalidArgument));
  json = nlohmann::json::parse(good);
  json["accounts"] = std::vector<std::string>(kScenarioEntriesMax + 1, std::string(32, 'a'));
  EXPECT_THAT(refused(json), StatusIs(absl::StatusCode::kResourceExhausted));
  std::ofstream(path_, std::ios::trunc) << good.substr(0, good.size() / 2);
  EXPECT_THAT(ReadScenario(path_), StatusIs(absl::StatusCode::kInvalidArgument));
  std::filesystem::resize_file(path_, kScenarioBytesMax + 1);
  EXPECT_THAT(ReadScenario(path_), StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(ReadScenario(root_ + "/none"), StatusIs(absl::StatusCode::kNotFound));
}

}  // namespace
}  // namespace ladon::load
