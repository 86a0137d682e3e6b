// Goal: what a child shows becomes a message the server accepts, or a refusal a cashier can read.
// Method: synthetic palms, damaged files, card numbers of every technology.
#include "server/client/terminal/means.h"

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "matcher/extract/extractor.h"
#include "matcher/extract/synthetic_palm.h"
#include "matcher/vein_code.h"
#include "server/base/id.h"
#include "tests/testing/status_testing.h"

namespace ladon::terminal {
namespace {

using ::ladon::testing::IsOk;
using ::ladon::testing::StatusIs;

TEST(MeansTest, ImageBecomesAProbeOfWholeTemplates) {
  const std::vector<uint8_t> image = matcher::RenderSyntheticPalmPng({.palm_seed = 1});
  ASSERT_OK_AND_ASSIGN(const v1::Probe probe, ProbeOfImage(image, v1::LIVENESS_PASS));
  EXPECT_GE(probe.codes_size(), 1);
  EXPECT_LE(probe.codes_size(), 15);
  EXPECT_EQ(probe.sensor_id().size(), 16U);
  EXPECT_EQ(probe.liveness(), v1::LIVENESS_PASS);
  for (const std::string& code : probe.codes()) {
    const std::vector<uint8_t> bytes(code.begin(), code.end());
    EXPECT_THAT(matcher::ParseTemplate(bytes), IsOk());
  }
}

TEST(MeansTest, TemplateOfAnImageIsAcceptedAsAProbe) {
  const std::vector<uint8_t> image = matcher::RenderSyntheticPalmPng({.palm_seed = 2});
  ASSERT_OK_AND_ASSIGN(const TemplateSample sample, TemplateOfImage(image));
  EXPECT_EQ(sample.bytes.size(), matcher::kTemplateBytes);
  EXPECT_LE(sample.quality, 100U);
  const std::vector<uint8_t> bytes(sample.bytes.begin(), sample.bytes.end());
  ASSERT_OK_AND_ASSIGN(const v1::Probe probe, ProbeOfTemplate(bytes, v1::LIVENESS_UNKNOWN));
  EXPECT_EQ(probe.codes(0), sample.bytes);
  std::vector<uint8_t> damaged = bytes;
  damaged[2] = 9;
  EXPECT_THAT(ProbeOfTemplate(damaged, v1::LIVENESS_UNKNOWN),
              StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST(MeansTest, RefusedImageIsExplainedInBothLanguages) {
  const std::vector<uint8_t> text = {'h', 'e', 'l', 'l', 'o'};
  const absl::Status refused = ProbeOfImage(text, v1::LIVENESS_PASS).status();
  EXPECT_EQ(matcher::ExtractRefusalReason(refused), "NOT_AN_IMAGE");
  EXPECT_EQ(PalmRefusal(refused, base::Language::kEnglish),
            base::Text("terminal.palm.NOT_AN_IMAGE", base::Language::kEnglish));
  EXPECT_EQ(PalmRefusal(refused, base::Language::kRussian),
            base::Text("terminal.palm.NOT_AN_IMAGE", base::Language::kRussian));
  for (const char* reason :
       {"NOT_AN_IMAGE", "IMAGE_TOO_LARGE", "TOO_SMALL", "TOO_DARK", "SATURATED", "NO_PALM",
        "HAND_ABSENT", "FINGERS_CLOSED", "HAND_CUT_OFF"}) {
    EXPECT_TRUE(base::HasText(std::string("terminal.palm.") + reason)) << reason;
  }
}

TEST(MeansTest, CardNumbersOfEveryTechnology) {
  constexpr v1::ReaderProfile kOrder = v1::READER_PROFILE_TRANSMISSION_ORDER;
  ASSERT_OK_AND_ASSIGN(const v1::Card card,
                       CardOfText("04:A1-B2 c3d4e5f6", v1::CARD_TECHNOLOGY_ISO14443A, kOrder));
  EXPECT_EQ(card.uid(), *base::BytesOfHex("04a1b2c3d4e5f6"));
  const std::vector<std::pair<v1::CardTechnology, std::vector<size_t>>> lengths = {
      {v1::CARD_TECHNOLOGY_ISO14443A, {4, 7, 10}},
      {v1::CARD_TECHNOLOGY_EM4100, {5}},
      {v1::CARD_TECHNOLOGY_WIEGAND26, {3}}};
  for (const auto& [technology, good] : lengths) {
    for (size_t n = 0; n <= kCardUidBytesMax + 1; ++n) {
      const bool fits = std::find(good.begin(), good.end(), n) != good.end();
      EXPECT_EQ(CardOfText(std::string(2 * n, 'a'), technology, kOrder).ok(), fits) << n;
    }
  }
  for (const char* bad : {"04A1B2C", "04A1B2CG", "карта"}) {
    EXPECT_THAT(CardOfText(bad, v1::CARD_TECHNOLOGY_ISO14443A, kOrder),
                StatusIs(absl::StatusCode::kInvalidArgument));
  }
}

TEST(ReadFileTest, ReadsUpToTheLimitAndSaysWhatIsWrong) {
  std::string dir = (std::filesystem::temp_directory_path() / "ladon-means-XXXXXX").string();
  ASSERT_NE(mkdtemp(dir.data()), nullptr);
  const std::string path = dir + "/file";
  std::ofstream(path) << "12345";
  ASSERT_OK_AND_ASSIGN(const std::vector<uint8_t> bytes, ReadFile(path, 5));
  EXPECT_EQ(bytes, (std::vector<uint8_t>{'1', '2', '3', '4', '5'}));
  EXPECT_THAT(ReadFile(path, 4), StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(ReadFile(dir, 5), StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(ReadFile(dir + "/none", 5), StatusIs(absl::StatusCode::kNotFound));
  std::ofstream(path).close();
  ASSERT_OK_AND_ASSIGN(const std::vector<uint8_t> empty, ReadFile(path, 5));
  EXPECT_TRUE(empty.empty());
  std::filesystem::remove_all(dir);
}

}  // namespace
}  // namespace ladon::terminal
