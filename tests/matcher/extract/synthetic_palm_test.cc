// Goal: synthetic palms can stand in for real ones wherever machinery is tested.
// Method: same seeds, same bytes; 60 palms with 3 samples each through extractor and gallery,
// searched with new samples of the same palms and of 20 others.
#include "matcher/extract/synthetic_palm.h"

#include <memory>
#include <random>

#include "gtest/gtest.h"
#include "matcher/extract/extractor.h"
#include "matcher/gallery.h"
#include "tests/matcher/random_codes.h"
#include "tests/testing/status_testing.h"

namespace ladon::matcher {
namespace {

using ::ladon::testing::IsOk;
using Decision = SearchResult::Decision;

TEST(SyntheticPalmTest, SeedsDecideEveryByte) {
  const auto first = RenderSyntheticPalmPng({.palm_seed = 3, .sample_seed = 4});
  EXPECT_EQ(RenderSyntheticPalmPng({.palm_seed = 3, .sample_seed = 4}), first);
  EXPECT_NE(RenderSyntheticPalmPng({.palm_seed = 3, .sample_seed = 5}), first);
  EXPECT_NE(RenderSyntheticPalmPng({.palm_seed = 4, .sample_seed = 4}), first);
}

TEST(SyntheticPalmTest, EnrolledAreFoundAndOthersAreNobody) {
  constexpr uint64_t kPalms = 60;
  constexpr uint64_t kSamples = 3;
  constexpr uint64_t kStrangers = 20;
  constexpr std::array<uint8_t, kSchoolSecretBytes> kSecret = {5};
  ASSERT_OK_AND_ASSIGN(const auto key, MemoryKey::Create(SeededBytes(1)));
  ASSERT_OK_AND_ASSIGN(
      const auto gallery,
      Gallery::Open({.memory_key = key.get(), .school_secret = kSecret, .random = SeededBytes(2)}));
  for (uint64_t palm = 0; palm < kPalms; ++palm) {
    for (uint64_t sample = 0; sample < kSamples; ++sample) {
      ASSERT_OK_AND_ASSIGN(const Extraction extraction,
                           ExtractTemplate(RenderSyntheticPalmPng({palm, sample})));
      ASSERT_THAT(
          gallery->Add({SubjectOf(palm), static_cast<uint16_t>(sample)}, extraction.codes[0]),
          IsOk());
    }
  }
  for (uint64_t palm = 0; palm < kPalms + kStrangers; ++palm) {
    ASSERT_OK_AND_ASSIGN(const Extraction probe,
                         ExtractProbe(RenderSyntheticPalmPng({palm, kSamples})));
    const DetailedResult detailed = gallery->SearchDetailed(probe.codes);
    if (palm < kPalms) {
      EXPECT_EQ(detailed.result.decision, Decision::kMatch) << "palm seed " << palm;
      EXPECT_EQ(detailed.result.subject, SubjectOf(palm));
    } else {
      EXPECT_EQ(detailed.result.decision, Decision::kNobody) << "palm seed " << palm;
    }
  }
}

}  // namespace
}  // namespace ladon::matcher
