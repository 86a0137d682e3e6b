// Goal: the specification of the distance is what its header says.
// Method: against a cell-by-cell model in doubles, against known values, and by its properties.
#include "matcher/distance.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <numeric>
#include <random>
#include <utility>

#include "gtest/gtest.h"
#include "matcher/kernels/elastic_totals_scalar.h"
#include "tests/matcher/random_codes.h"

namespace ladon::matcher {
namespace {

int AngularSteps(int a, int b) {
  const int apart = std::abs(a - b);
  return std::min(apart, kOrientations - apart);
}

MaskedCount ModelCount(const VeinCode& a, const VeinCode& b) {
  MaskedCount count;
  for (size_t y = 0; y < kGridSide; ++y) {
    for (size_t x = 0; x < kGridSide; ++x) {
      const std::optional<CellLines> left = CellAt(a, x, y);
      const std::optional<CellLines> right = CellAt(b, x, y);
      if (!left.has_value() || !right.has_value()) continue;
      ++count.cells;
      count.excess += 6 - 2 * AngularSteps(left->fine, right->fine) -
                      2 * AngularSteps(left->coarse, right->coarse);
    }
  }
  return count;
}

TEST(DistanceTest, CountsAngularStepsOverCommonCells) {
  std::mt19937_64 rng(3);
  for (int i = 0; i < 100; ++i) {
    const VeinCode a = RandomCode(rng, 0.2);
    const VeinCode b = RandomCode(rng, 0.4);
    EXPECT_EQ(CountMasked(a, b), ModelCount(a, b));
    EXPECT_EQ(CountMasked(a, b), CountMasked(b, a));
    const auto blocks = ExcessByBlock(a, b);
    EXPECT_EQ(std::accumulate(blocks.begin(), blocks.end(), 0), CountMasked(a, b).excess);
  }
}

TEST(DistanceTest, KnownValues) {
  EXPECT_EQ(NormalisedDistanceQ16({.excess = 6144, .cells = 1024}), 0);
  EXPECT_EQ(NormalisedDistanceQ16({.excess = 0, .cells = 1024}), 32768);
  EXPECT_EQ(NormalisedDistanceQ16({.excess = -6144, .cells = 1024}), 65536);
  // A quarter of the cells, all equal: 1/2 - 1/2 * sqrt(1/4) = 1/4. One fewer decides nothing.
  EXPECT_EQ(NormalisedDistanceQ16({.excess = 6 * 256, .cells = 256}), 16384);
  EXPECT_EQ(NormalisedDistanceQ16({.excess = 6 * 255, .cells = 255}), kDistanceUnrelatedQ16);
}

TEST(DistanceTest, IntegersFollowTheFormulaForEveryCount) {
  for (uint32_t cells = kCommonCellsMin; cells <= kCells; ++cells) {
    const auto most = static_cast<int32_t>(6 * cells);
    int32_t before = std::numeric_limits<int32_t>::max();
    for (int32_t excess = -most; excess <= most; excess += 2) {
      const double hd = (most - excess) / (2.0 * most);
      const double model = 65536 * (0.5 - (0.5 - hd) * std::sqrt(cells / 1024.0));
      const int32_t distance = NormalisedDistanceQ16({.excess = excess, .cells = cells});
      ASSERT_NEAR(distance, model, 1.1) << excess << " of " << cells;
      ASSERT_LT(distance, before) << "more excess must be nearer";
      before = distance;
    }
  }
}

TEST(DistanceTest, FewerCommonCellsGiveNoLuckyMatch) {
  int32_t before = 0;
  for (int32_t cells = 1024; cells > 0; cells /= 2) {
    const int32_t distance =
        NormalisedDistanceQ16({.excess = 6 * cells, .cells = static_cast<uint32_t>(cells)});
    EXPECT_GE(distance, before);
    before = distance;
  }
}

TEST(DistanceTest, ShiftMovesCellsAndMasksWhatComesIn) {
  std::mt19937_64 rng(4);
  const VeinCode code = RandomCode(rng);
  constexpr int kSide = static_cast<int>(kGridSide);
  for (const int dy : {-31, -4, -1, 0, 3, 31}) {
    for (const int dx : {-31, -4, 0, 1, 4, 31}) {
      const VeinCode moved = Shift(code, dx, dy);
      for (int y = 0; y < kSide; ++y) {
        for (int x = 0; x < kSide; ++x) {
          const bool inside = x - dx >= 0 && x - dx < kSide && y - dy >= 0 && y - dy < kSide;
          const std::optional<CellLines> expected =
              inside ? CellAt(code, static_cast<size_t>(x - dx), static_cast<size_t>(y - dy))
                     : std::nullopt;
          ASSERT_EQ(CellAt(moved, static_cast<size_t>(x), static_cast<size_t>(y)), expected);
        }
      }
    }
  }
}

TEST(DistanceTest, ShiftKeepsCodesCanonical) {
  std::mt19937_64 rng(5);
  const VeinCode moved = Shift(RandomCode(rng), 3, -2);
  EXPECT_TRUE(ParseTemplate(SerializeTemplate(moved)).ok());
}

// A block of `code` moved by (dx, dy) within the grid; the cells that it leaves become unreliable.
VeinCode MoveBlock(const VeinCode& code, size_t block, int dx, int dy) {
  VeinCode out = code;
  const size_t left = block % kBlocksASide * kBlockSide;
  const size_t top = block / kBlocksASide * kBlockSide;
  const VeinCode moved = Shift(code, dx, dy);
  for (size_t y = top; y < top + kBlockSide; ++y) {
    for (size_t x = left; x < left + kBlockSide; ++x) {
      ClearCell(out, x, y);
      if (const auto lines = CellAt(moved, x, y)) SetCell(out, x, y, *lines);
    }
  }
  return out;
}

int32_t Distance(const VeinCode& row, const VeinCode& probe) {
  return SearchDistanceQ16(row, {{probe}});
}

TEST(DistanceTest, SearchFindsAPalmAtEveryTranslationAndNoFarther) {
  std::mt19937_64 rng(6);
  const VeinCode code = RandomCode(rng);
  const int32_t strangers = Distance(code, RandomCode(rng));
  for (const auto& [dx, dy] :
       {std::pair(0, 0), std::pair(5, -5), std::pair(-5, 0), std::pair(1, 4)}) {
    const VeinCode moved = Shift(code, dx, dy);
    const int32_t rigid = DistanceQ16(code, Shift(moved, -dx, -dy));
    EXPECT_LE(Distance(code, moved), rigid) << "elastic is never farther than rigid";
    // A neighbour with all blocks moved back counts its own, fewer cells: a little nearer.
    EXPECT_GT(Distance(code, moved), rigid - 1'500);
    EXPECT_LT(Distance(code, moved), strangers / 2);
  }
  // Blocks do not go where the palm as a whole cannot.
  EXPECT_GT(Distance(code, Shift(code, 6, 0)), strangers - 3'000);
}

TEST(DistanceTest, AStretchedBlockIsFoundForAPriceAndThreeCellsAreTooFar) {
  std::mt19937_64 rng(7);
  const VeinCode code = RandomCode(rng);
  for (size_t block = 0; block < kBlocks; ++block) {
    const VeinCode one = MoveBlock(code, block, 1, -1);
    // What the block keeps where it went, less two cells of movement.
    const MaskedCount all = CountMasked(one, code);
    const int32_t kept = ExcessByBlock(one, Shift(code, 1, -1))[block] - 2 * kernels::kMovePenalty;
    const int32_t stayed = ExcessByBlock(one, code)[block];
    ASSERT_GT(kept, stayed);
    EXPECT_LE(Distance(one, code),
              NormalisedDistanceQ16({.excess = all.excess - stayed + kept, .cells = all.cells}));
    const VeinCode three = MoveBlock(code, block, block % kBlocksASide < 2 ? 3 : -3, 0);
    EXPECT_GT(Distance(three, code), Distance(one, code) + 500) << block;
  }
}

TEST(DistanceTest, SearchTakesTheNearestCode) {
  std::mt19937_64 rng(8);
  const VeinCode row = RandomCode(rng);
  const VeinCode stranger = RandomCode(rng);
  const VeinCode same = Shift(NoisyCopy(row, 0.3, rng), 4, -4);
  const int32_t own = Distance(row, same);
  EXPECT_LT(own, Distance(row, stranger));
  EXPECT_EQ(SearchDistanceQ16(row, {{stranger, same}}), own);
  EXPECT_EQ(SearchDistanceQ16(row, {{same, stranger}}), own);
  EXPECT_EQ(SearchDistanceQ16(row, {{stranger}}), Distance(row, stranger));
}

// Codes of which almost nothing is reliable in common must not be near, however well that agrees.
TEST(DistanceTest, HalfAPalmAgainstTheOtherHalfDecidesNothing) {
  std::mt19937_64 rng(9);
  const VeinCode code = RandomCode(rng, 0);
  VeinCode left = code;
  VeinCode right = code;
  for (size_t y = 0; y < kGridSide; ++y) {
    for (size_t x = 0; x < kGridSide; ++x) ClearCell(x < kGridSide / 2 ? right : left, x, y);
  }
  EXPECT_EQ(Distance(left, right), kDistanceUnrelatedQ16);
}

}  // namespace
}  // namespace ladon::matcher
