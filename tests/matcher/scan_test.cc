// Goal: the scan is the plain minimum over everything, and the two best do not depend on order.
// Method: against nested loops over the specification; all permutations of small candidate lists.
#include "matcher/scan.h"

#include <algorithm>
#include <limits>
#include <map>
#include <random>
#include <vector>

#include "gtest/gtest.h"
#include "matcher/distance.h"
#include "tests/matcher/random_codes.h"

namespace ladon::matcher {
namespace {

TEST(ScanTest, LowerNearestIsTheMinimumAtEveryBlockEdge) {
  std::mt19937_64 rng(30);
  for (const size_t count : {size_t{0}, size_t{1}, kVariantsPerBlock - 1, kVariantsPerBlock,
                             kVariantsPerBlock + 1, size_t{81}}) {
    std::vector<VeinCode> rows;
    for (int r = 0; r < 3; ++r) rows.push_back(RandomCode(rng));
    std::vector<VeinCode> variants;
    for (size_t v = 0; v < count; ++v) variants.push_back(NoisyCopy(rows[v % 3], 0.8, rng));
    std::vector<int32_t> expected(3, std::numeric_limits<int32_t>::max());
    for (size_t r = 0; r < 3; ++r) {
      for (const VeinCode& v : variants)
        expected[r] = std::min(expected[r], DistanceQ16(rows[r], v));
    }
    for (const KernelLevel level : {KernelLevel::kScalar, KernelLevel::kAvx2}) {
      std::vector<int32_t> nearest(3, std::numeric_limits<int32_t>::max());
      LowerNearest(rows, variants, kernels::HammingMaskedFor(level), nearest);
      EXPECT_EQ(nearest, expected);
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
  EXPECT_EQ(ProbeVariants(transform, most).variants().size(), kProbeCodesMax * kShifts);
  const std::vector<VeinCode> more(kProbeCodesMax + 1);
  EXPECT_DEATH(ProbeVariants(transform, more), "kProbeCodesMax");
  EXPECT_DEATH(ProbeVariants(transform, {}), "empty");
}

}  // namespace
}  // namespace ladon::matcher
