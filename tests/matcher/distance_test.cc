// Goal: the specification of the distance is what its header says.
// Method: against a cell-by-cell model in doubles, against known values, and by its properties.
#include "matcher/distance.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <random>
#include <set>
#include <utility>

#include "gtest/gtest.h"
#include "tests/matcher/random_codes.h"

namespace ladon::matcher {
namespace {

MaskedCount ModelCount(const VeinCode& a, const VeinCode& b) {
  MaskedCount count;
  for (size_t y = 0; y < kGridSide; ++y) {
    for (size_t x = 0; x < kGridSide; ++x) {
      const std::optional<int> left = OrientationAt(a, x, y);
      const std::optional<int> right = OrientationAt(b, x, y);
      if (!left.has_value() || !right.has_value()) continue;
      const int apart = std::abs(*left - *right);
      ++count.cells;
      count.differing_bits += static_cast<uint32_t>(std::min(apart, kOrientations - apart));
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
  }
}

TEST(DistanceTest, KnownValues) {
  EXPECT_EQ(NormalisedDistanceQ16({.differing_bits = 0, .cells = 1024}), 0);
  EXPECT_EQ(NormalisedDistanceQ16({.differing_bits = 1536, .cells = 1024}), 32768);
  EXPECT_EQ(NormalisedDistanceQ16({.differing_bits = 3072, .cells = 1024}), 65536);
  EXPECT_EQ(NormalisedDistanceQ16({.differing_bits = 0, .cells = 0}), kDistanceUnrelatedQ16);
  // A quarter of the cells, all equal: 1/2 - 1/2 * sqrt(1/4) = 1/4.
  EXPECT_EQ(NormalisedDistanceQ16({.differing_bits = 0, .cells = 256}), 16384);
}

TEST(DistanceTest, IntegersFollowTheFormulaForEveryCount) {
  for (uint32_t cells = 1; cells <= kCells; ++cells) {
    int32_t before = -1;
    for (uint32_t bits = 0; bits <= 3 * cells; ++bits) {
      const double hd = bits / (3.0 * cells);
      const double model = 65536 * (0.5 - (0.5 - hd) * std::sqrt(cells / 1024.0));
      const int32_t distance = NormalisedDistanceQ16({.differing_bits = bits, .cells = cells});
      ASSERT_NEAR(distance, model, 1.1) << bits << " of " << cells;
      ASSERT_GT(distance, before) << "more differing bits must be farther";
      before = distance;
    }
  }
}

TEST(DistanceTest, FewerCommonCellsGiveNoLuckyMatch) {
  int32_t before = 0;
  for (uint32_t cells = 1024; cells > 0; cells /= 2) {
    const int32_t distance = NormalisedDistanceQ16({.differing_bits = 0, .cells = cells});
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
          const std::optional<int> expected =
              inside ? OrientationAt(code, static_cast<size_t>(x - dx), static_cast<size_t>(y - dy))
                     : std::nullopt;
          ASSERT_EQ(OrientationAt(moved, static_cast<size_t>(x), static_cast<size_t>(y)), expected);
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
      if (const auto orientation = OrientationAt(moved, x, y)) SetCell(out, x, y, *orientation);
    }
  }
  return out;
}

TEST(DistanceTest, ElasticWithoutAnyStretchIsRigid) {
  std::mt19937_64 rng(6);
  const VeinCode code = RandomCode(rng);
  EXPECT_EQ(CountElastic(code, code, 0, 0), CountMasked(code, code));
  EXPECT_EQ(CountElastic(code, Shift(code, 3, -2), -3, 2),
            CountMasked(code, Shift(Shift(code, 3, -2), -3, 2)));
}

TEST(DistanceTest, AStretchedBlockIsFoundAndTwoCellsAreTooFar) {
  std::mt19937_64 rng(7);
  const VeinCode code = RandomCode(rng);
  for (size_t block = 0; block < kBlocks; ++block) {
    const VeinCode one = MoveBlock(code, block, 1, -1);
    EXPECT_LT(NormalisedDistanceQ16(CountElastic(one, code, 0, 0)), DistanceQ16(one, code));
    EXPECT_EQ(CountElastic(one, code, 0, 0).differing_bits, 0u) << block;
    const VeinCode two = MoveBlock(code, block, 2, 0);
    EXPECT_GT(CountElastic(two, code, 0, 0).differing_bits, 30u) << block;
  }
}

TEST(DistanceTest, ChoiceNeedsMoreThanThePenaltyAndKeepsTheFirstOfEquals) {
  std::array<MaskedCount, kElasticMoves> counts;
  counts.fill({.differing_bits = 96, .cells = 64});  // Excess 0.
  EXPECT_EQ(&ChooseMove(counts), &counts[0]);
  counts[2] = {.differing_bits = 94, .cells = 64};  // One cell of movement: excess 4, less 4.
  EXPECT_EQ(&ChooseMove(counts), &counts[0]);
  counts[2] = {.differing_bits = 93, .cells = 64};
  EXPECT_EQ(&ChooseMove(counts), &counts[2]);
  counts[1] = {.differing_bits = 91, .cells = 64};  // Two cells: excess 10, less 8: as good.
  EXPECT_EQ(&ChooseMove(counts), &counts[1]);
  counts[1] = {.differing_bits = 92, .cells = 64};
  EXPECT_EQ(&ChooseMove(counts), &counts[2]);
}

TEST(DistanceTest, MovesAreAllDifferentAndTheFirstIsNone) {
  std::set<std::pair<int, int>> moves;
  for (const CellMove& move : kMoves) {
    EXPECT_LE(std::abs(move.dx), kElasticCellsMax);
    EXPECT_LE(std::abs(move.dy), kElasticCellsMax);
    moves.emplace(move.dx, move.dy);
  }
  EXPECT_EQ(moves.size(), kElasticMoves);
  EXPECT_EQ(kMoves[0].dx, 0);
  EXPECT_EQ(kMoves[0].dy, 0);
}

TEST(DistanceTest, SearchTakesTheNearestCodeAndLeavesFarOnesRigid) {
  std::mt19937_64 rng(8);
  const VeinCode row = RandomCode(rng);
  const VeinCode stranger = RandomCode(rng);
  int32_t nearest = std::numeric_limits<int32_t>::max();
  for (int dy = -kAlignCellsMax; dy <= kAlignCellsMax; ++dy) {
    for (int dx = -kAlignCellsMax; dx <= kAlignCellsMax; ++dx) {
      nearest = std::min(nearest, DistanceQ16(row, Shift(stranger, dx, dy)));
    }
  }
  ASSERT_GT(nearest, kElasticRigidMaxQ16);
  EXPECT_EQ(SearchDistanceQ16(row, {{stranger}}), nearest);
  const VeinCode same = Shift(NoisyCopy(row, 0.3, rng), 4, -4);
  const int32_t own = SearchDistanceQ16(row, {{same}});
  EXPECT_EQ(own, NormalisedDistanceQ16(CountElastic(row, same, -4, 4)));
  EXPECT_EQ(SearchDistanceQ16(row, {{stranger, same}}), own);
  EXPECT_EQ(SearchDistanceQ16(row, {{same, stranger}}), own);
}

}  // namespace
}  // namespace ladon::matcher
