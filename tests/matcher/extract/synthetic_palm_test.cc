// Goal: synthetic palms can stand in for real ones wherever machinery is tested.
// Method: same seeds, same bytes; 60 palms with 3 samples each through extractor and gallery,
// searched with new samples of the same palms and of 20 others.
#include "matcher/extract/synthetic_palm.h"

#include <array>
#include <memory>
#include <random>

#include "gtest/gtest.h"
#include "matcher/distance.h"
#include "matcher/extract/extractor.h"
#include "matcher/gallery.h"
#include "matcher/thresholds.h"
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

TEST(SyntheticPalmTest, GrowingPalmDriftsAwayWithTheYears) {
  // A sensor that does not measure the hand sees a child's palm grow: nearer to its enrolment after
  // months than after years, and a stranger's in the end.
  constexpr uint64_t kPalms = 12;
  const std::array<double, 5> years_later = {0, 1, 3, 6, 10};
  std::array<double, 5> mean_q16 = {};
  for (uint64_t palm = 0; palm < kPalms; ++palm) {
    const auto at = [&](double age_years, uint64_t sample) {
      return RenderSyntheticPalmPng({palm, sample, SeenSizeAtAge(age_years)});
    };
    ASSERT_OK_AND_ASSIGN(const Extraction row, ExtractTemplate(at(7, 1)));
    for (size_t i = 0; i < years_later.size(); ++i) {
      ASSERT_OK_AND_ASSIGN(const Extraction probe, ExtractProbe(at(7 + years_later[i], 2)));
      mean_q16[i] += SearchDistanceQ16(row.codes[0], probe.codes) / double{kPalms};
    }
  }
  const double accepted_q16 = kDefaultThresholds.steps[0].distance_max_q16;
  EXPECT_LT(mean_q16[0], accepted_q16);
  EXPECT_LT(mean_q16[1], accepted_q16);
  EXPECT_LT(mean_q16[1], mean_q16[2]);
  EXPECT_LT(mean_q16[2], mean_q16[3]);
  EXPECT_LT(mean_q16[3], mean_q16[4]);
  EXPECT_GT(mean_q16[4], accepted_q16);
}

}  // namespace
}  // namespace ladon::matcher
