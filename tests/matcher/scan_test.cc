// Goal: the scan is the plain minimum over everything, and the two best do not depend on order.
// Method: against nested loops over the specification; all permutations of small candidate lists.
#include "matcher/scan.h"

#include <algorithm>
#include <map>
#include <random>
#include <vector>

#include "gtest/gtest.h"
#include "matcher/distance.h"
#include "tests/matcher/random_codes.h"

namespace ladon::matcher {
namespace {

TEST(ScanTest, EveryRowGetsTheSpecifiedDistance) {
  std::mt19937_64 rng(30);
  const std::array<uint8_t, kSchoolSecretBytes> secret{3};
  const SchoolTransform transform = SchoolTransform::Derive(secret);
  std::vector<VeinCode> plain;
  for (size_t r = 0; r < kOpenRowsMax; ++r) plain.push_back(RandomCode(rng));
  // Some rows are the probe's own palm, at the edge of what alignment reaches and beyond.
  std::vector<VeinCode> probe = {
      Shift(NoisyCopy(plain[1], 0.5, rng), 4, 4), Shift(NoisyCopy(plain[2], 0.6, rng), -4, 3),
      Shift(NoisyCopy(plain[3], 0.2, rng), 7, 0), Shift(NoisyCopy(plain[4], 0.72, rng), 0, -5)};
  std::vector<VeinCode> rows;
  for (const VeinCode& code : plain) rows.push_back(transform.Apply(code));
  for (size_t codes = 1; codes <= probe.size(); ++codes) {
    const std::span<const VeinCode> shown(probe.data(), codes);
    const ProbeVariants variants(transform, shown);
    std::vector<int32_t> expected;
    for (const VeinCode& code : plain) expected.push_back(SearchDistanceQ16(code, shown));
    const auto nearest = std::min_element(expected.begin(), expected.end()) - expected.begin();
    EXPECT_EQ(nearest, 1) << "the best of the probe's own palms";
    for (const KernelLevel level :
         {KernelLevel::kScalar, KernelLevel::kAvx2, KernelLevel::kAvx512}) {
      const kernels::MatchKernels& kernels = kernels::MatchKernelsFor(level);
      for (const size_t count : {size_t{0}, size_t{1}, kOpenRowsMax - 1, kOpenRowsMax}) {
        std::vector<int32_t> distances(count);
        ScanRows({rows.data(), count}, variants, kernels, distances);
        EXPECT_EQ(distances,
                  std::vector<int32_t>(expected.begin(),
                                       expected.begin() + static_cast<ptrdiff_t>(count)));
      }
    }
  }
}

TEST(TwoBestTest, EveryOrderGivesTheSameAnswerWithTies) {
  std::vector<Candidate> offered = {{100, SubjectOf(3)}, {100, SubjectOf(1)}, {100, SubjectOf(2)},
                                    {90, SubjectOf(3)},  {120, SubjectOf(1)}, {95, SubjectOf(4)}};
  std::vector<size_t> order = {0, 1, 2, 3, 4, 5};
  do {
    TwoBest two;
    for (const size_t i : order) two.Offer(offered[i]);
    ASSERT_EQ(two.best(), (Candidate{90, SubjectOf(3)}));
    ASSERT_EQ(two.best_other(), (Candidate{95, SubjectOf(4)}));
  } while (std::next_permutation(order.begin(), order.end()));
}

TEST(TwoBestTest, EqualsSortingForRandomOffers) {
  std::mt19937_64 rng(31);
  for (int round = 0; round < 500; ++round) {
    TwoBest two;
    std::map<SubjectRef, int32_t> nearest;
    for (int i = 0; i < 12; ++i) {
      const Candidate c = {static_cast<int32_t>(rng() % 8), SubjectOf(rng() % 5)};
      two.Offer(c);
      const auto [it, added] = nearest.emplace(c.subject, c.distance_q16);
      if (!added) it->second = std::min(it->second, c.distance_q16);
    }
    std::vector<Candidate> sorted;
    for (const auto& [subject, distance] : nearest) sorted.push_back({distance, subject});
    std::sort(sorted.begin(), sorted.end());
    ASSERT_EQ(two.best(), sorted[0]);
    if (sorted.size() > 1) {
      ASSERT_EQ(two.best_other(), sorted[1]);
    }
  }
}

TEST(ProbeVariantsDeathTest, ProbeCodeCountIsBounded) {
  const std::array<uint8_t, kSchoolSecretBytes> secret{};
  const SchoolTransform transform = SchoolTransform::Derive(secret);
  const std::vector<VeinCode> most(kProbeCodesMax);
  EXPECT_EQ(ProbeVariants(transform, most).codes(), kProbeCodesMax);
  const std::vector<VeinCode> more(kProbeCodesMax + 1);
  EXPECT_DEATH(ProbeVariants(transform, more), "kProbeCodesMax");
  EXPECT_DEATH(ProbeVariants(transform, {}), "empty");
}

}  // namespace
}  // namespace ladon::matcher
