// Goal: every kernel equals its specification bit for bit, at every size.
// Method: random words, legal codes or not, at every level, misaligned too; extremes; the scalar
// kernels themselves against the cell-by-cell code of distance.h.
#include <algorithm>
#include <cstring>
#include <random>
#include <vector>

#include "gtest/gtest.h"
#include "matcher/distance.h"
#include "matcher/kernels/dispatch.h"
#include "matcher/kernels/elastic_totals_scalar.h"
#include "matcher/kernels/layout.h"
#include "matcher/kernels/sketch_scan_scalar.h"
#include "tests/matcher/random_codes.h"

namespace ladon::matcher {
namespace {

using kernels::MatchKernelsFor;

constexpr KernelLevel kLevels[] = {KernelLevel::kScalar, KernelLevel::kAvx2, KernelLevel::kAvx512};

struct Excess {
  std::vector<int16_t> blocks;
  std::vector<uint16_t> cells;

  friend bool operator==(const Excess&, const Excess&) = default;
};

Excess ExcessAt(KernelLevel level, const uint64_t* row, const uint64_t* variants, size_t count) {
  constexpr int16_t kUntouched = 0x5a5a;
  Excess excess = {.blocks = std::vector<int16_t>(count * kBlocks + 1, kUntouched),
                   .cells = std::vector<uint16_t>(count + 1, kUntouched)};
  MatchKernelsFor(level).block_excess(row, variants, count, excess.blocks.data(),
                                      excess.cells.data());
  EXPECT_EQ(excess.blocks.back(), kUntouched) << "wrote past the end";
  EXPECT_EQ(excess.cells.back(), kUntouched) << "wrote past the end";
  return excess;
}

TEST(BlockExcessTest, EqualsSpecificationAtEverySize) {
  std::mt19937_64 rng(6);
  for (const size_t size : {size_t{0}, size_t{1}, size_t{2}, size_t{kShiftSide}, size_t{121}}) {
    // One word of slack so that the data can start off a vector boundary.
    std::vector<uint64_t> words((size + 1) * kCodeWords + 1);
    for (uint64_t& w : words) w = rng();
    for (const size_t offset : {size_t{0}, size_t{1}}) {
      const uint64_t* row = words.data() + offset;
      const uint64_t* variants = row + kCodeWords;
      const Excess scalar = ExcessAt(KernelLevel::kScalar, row, variants, size);
      for (size_t v = 0; v < size; ++v) {
        VeinCode a;
        VeinCode b;
        std::memcpy(a.words.data(), row, kCodeBytes);
        std::memcpy(b.words.data(), variants + v * kCodeWords, kCodeBytes);
        const auto by_block = ExcessByBlock(a, b);
        for (size_t w = 0; w < kBlocks; ++w) {
          ASSERT_EQ(scalar.blocks[v * kBlocks + kernels::PlaceOfWord(w)], by_block[w]);
        }
        ASSERT_EQ(scalar.cells[v], CountMasked(a, b).cells);
      }
      for (const KernelLevel level : kLevels) {
        EXPECT_EQ(ExcessAt(level, row, variants, size), scalar)
            << "level " << static_cast<int>(level) << " size " << size;
      }
    }
  }
}

TEST(BlockExcessTest, ExtremesDoNotOverflow) {
  VeinCode zeros;
  VeinCode ones;
  for (size_t w = 0; w < kCodeWords; ++w) {
    ones.words[w] = ~uint64_t{0};
    zeros.words[w] = w < kPlanes * kPlaneWords ? 0 : ~uint64_t{0};
  }
  for (const KernelLevel level : kLevels) {
    const Excess least = ExcessAt(level, zeros.words.data(), ones.words.data(), 1);
    const Excess most = ExcessAt(level, ones.words.data(), ones.words.data(), 1);
    for (size_t b = 0; b < kBlocks; ++b) {
      EXPECT_EQ(least.blocks[b], -384);
      EXPECT_EQ(most.blocks[b], 384);
    }
    EXPECT_EQ(least.cells[0], 1024);
    EXPECT_EQ(most.cells[0], 1024);
  }
}

TEST(ElasticTotalsTest, EqualsNineMovesAtEverySize) {
  std::mt19937_64 rng(9);
  std::uniform_int_distribution<int> value(-384, 384);
  for (const auto& [width, height] :
       {std::pair(1, 1), std::pair(11, 11), std::pair(7, 5), std::pair(1, 11), std::pair(11, 1)}) {
    const auto count = static_cast<size_t>(width * height);
    std::vector<int16_t> excess(count * kBlocks);
    for (int16_t& e : excess) e = static_cast<int16_t>(value(rng));
    std::vector<int16_t> expected(count);
    for (int y = 0; y < height; ++y) {
      for (int x = 0; x < width; ++x) {
        int total = 0;
        for (size_t block = 0; block < kBlocks; ++block) {
          int best = -10'000;
          for (int v = std::max(0, y - 1); v <= std::min(height - 1, y + 1); ++v) {
            for (int u = std::max(0, x - 1); u <= std::min(width - 1, x + 1); ++u) {
              const int price = kernels::kMovePenalty * (std::abs(u - x) + std::abs(v - y));
              best = std::max(best,
                              excess[static_cast<size_t>(v * width + u) * kBlocks + block] - price);
            }
          }
          total += best;
        }
        expected[static_cast<size_t>(y * width + x)] = static_cast<int16_t>(total);
      }
    }
    for (const KernelLevel level : kLevels) {
      std::vector<int16_t> totals(count);
      MatchKernelsFor(level).elastic_totals(excess.data(), static_cast<size_t>(width),
                                            static_cast<size_t>(height), totals.data());
      EXPECT_EQ(totals, expected) << "level " << static_cast<int>(level);
    }
  }
}

TEST(GatherCodeTest, EqualsSpecification) {
  std::mt19937_64 rng(10);
  constexpr size_t kStride = 42;
  std::vector<uint8_t> grid(kStride * kStride);
  std::vector<uint8_t> order;
  std::vector<uint16_t> offsets;
  for (uint8_t& cell : grid) cell = static_cast<uint8_t>(rng() & 0x7f);
  for (size_t w = 0; w < kBlocks; ++w) {
    offsets.push_back(static_cast<uint16_t>(w / 4 * 8 * kStride + w % 4 * 8));
    std::vector<uint8_t> cells(64);
    for (size_t i = 0; i < cells.size(); ++i) cells[i] = static_cast<uint8_t>(i);
    std::shuffle(cells.begin(), cells.end(), rng);
    order.insert(order.end(), cells.begin(), cells.end());
  }
  std::shuffle(offsets.begin(), offsets.end(), rng);
  const uint8_t* const first = grid.data() + 3 * kStride + 10;
  VeinCode expected;
  for (size_t w = 0; w < kBlocks; ++w) {
    for (size_t i = 0; i < 64; ++i) {
      const size_t cell = order[64 * w + i];
      const uint8_t bits = first[offsets[w] + cell / 8 * kStride + cell % 8];
      for (size_t p = 0; p <= kPlanes; ++p) {
        expected.words[p * kPlaneWords + w] |= uint64_t{bits} >> p % 8 << 63 >> (63 - i);
      }
    }
  }
  for (const KernelLevel level : kLevels) {
    VeinCode gathered;
    MatchKernelsFor(level).gather_code(first, kStride, offsets.data(), order.data(),
                                       gathered.words.data());
    EXPECT_EQ(gathered, expected) << "level " << static_cast<int>(level);
  }
}

TEST(SketchScanTest, LevelsAgreeAlsoWhereSumsSaturate) {
  std::mt19937_64 rng(11);
  for (const unsigned cost_max : {0U, 3U, 8U}) {
    std::vector<uint8_t> block(kernels::kSketchRows * 128);
    std::vector<uint8_t> tables(kBlocks * kernels::kSketchSteps * kernels::kSketchNibbles * 16);
    for (uint8_t& b : block) b = static_cast<uint8_t>(rng());
    for (uint8_t& b : tables) b = static_cast<uint8_t>(rng() % (cost_max + 1));
    std::vector<std::pair<std::vector<uint16_t>, std::vector<uint8_t>>> results;
    for (const KernelLevel level : kLevels) {
      auto& [least, at] = results.emplace_back(std::vector<uint16_t>(kernels::kSketchRows + 1, 77),
                                               std::vector<uint8_t>(kernels::kSketchRows + 1, 77));
      MatchKernelsFor(level).sketch_scan(block.data(), tables.data(), least.data(), at.data());
      EXPECT_EQ(least.back(), 77) << "wrote past the end";
      EXPECT_EQ(at.back(), 77) << "wrote past the end";
      EXPECT_EQ(results.back(), results.front()) << "level " << static_cast<int>(level);
    }
    EXPECT_LE(*std::max_element(results[0].first.begin(), results[0].first.end() - 1), 4 * 255);
  }
}

TEST(MatchKernelsTest, LevelAboveTheCpuFallsBack) {
  EXPECT_EQ(&MatchKernelsFor(KernelLevel::kAvx512), &MatchKernelsFor(BestKernelLevel()));
}

}  // namespace
}  // namespace ladon::matcher
