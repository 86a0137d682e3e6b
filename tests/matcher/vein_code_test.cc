// Goal: only canonical templates enter, and what leaves comes back the same.
// Method: round trips of random codes; then one defect at a time in a good template.
#include "matcher/vein_code.h"

#include <algorithm>
#include <bit>
#include <cstdlib>
#include <random>
#include <string>

#include "gtest/gtest.h"
#include "tests/matcher/random_codes.h"
#include "tests/testing/status_testing.h"

namespace ladon::matcher {
namespace {

using ::ladon::testing::StatusIs;
using ::testing::HasSubstr;

std::vector<uint8_t> GoodTemplate() {
  std::mt19937_64 rng(1);
  return SerializeTemplate(RandomCode(rng));
}

void ExpectRefused(const std::vector<uint8_t>& bytes, const std::string& because) {
  const absl::StatusOr<VeinCode> code = ParseTemplate(bytes);
  ASSERT_THAT(code, StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(std::string(code.status().message()), HasSubstr(because));
}

// Every cell reliable and with the same lines.
VeinCode Uniform(CellLines lines) {
  VeinCode code;
  for (size_t y = 0; y < kGridSide; ++y) {
    for (size_t x = 0; x < kGridSide; ++x) SetCell(code, x, y, lines);
  }
  return code;
}

int AngularSteps(int a, int b) {
  const int apart = std::abs(a - b);
  return std::min(apart, kOrientations - apart);
}

TEST(VeinCodeTest, HammingDistanceOfPatternsIsAngularDistance) {
  constexpr int kPairs = kOrientations * kOrientations;
  for (int a = 0; a < kPairs; ++a) {
    for (int b = 0; b < kPairs; ++b) {
      const CellLines one = {.fine = a / kOrientations, .coarse = a % kOrientations};
      const CellLines other = {.fine = b / kOrientations, .coarse = b % kOrientations};
      VeinCode left;
      VeinCode right;
      SetCell(left, 5, 7, one);
      SetCell(right, 5, 7, other);
      EXPECT_EQ(CellAt(left, 5, 7), one);
      int differing = 0;
      for (size_t w = 0; w < kPlanes * kPlaneWords; ++w) {
        differing += std::popcount(left.words[w] ^ right.words[w]);
      }
      EXPECT_EQ(differing,
                AngularSteps(one.fine, other.fine) + AngularSteps(one.coarse, other.coarse));
    }
  }
}

TEST(VeinCodeTest, TemplateRoundTrip) {
  std::mt19937_64 rng(2);
  for (int i = 0; i < 50; ++i) {
    const VeinCode code = RandomCode(rng, 0.3);
    const std::vector<uint8_t> bytes = SerializeTemplate(code);
    ASSERT_EQ(bytes.size(), kTemplateBytes);
    ASSERT_OK_AND_ASSIGN(const VeinCode parsed, ParseTemplate(bytes));
    EXPECT_EQ(parsed, code);
    EXPECT_EQ(SerializeTemplate(parsed), bytes);
  }
}

// The worked example of matcher/README.md: every cell reliable with orientation 0 in both sets, but
// cell (9, 1), which has orientation 2 among the fine lines (planes 0 and 1) and 5 among the coarse
// ones (plane 2): block 1, bit 9, so byte 9 of a plane, bit 1.
TEST(VeinCodeTest, GoldenBytes) {
  VeinCode code = Uniform({.fine = 0, .coarse = 0});
  SetCell(code, 9, 1, {.fine = 2, .coarse = 5});
  std::vector<uint8_t> expected(900, 0);
  expected[0] = 0x4c;
  expected[1] = 0x56;
  expected[2] = 0x02;
  expected[3] = 0x02;
  expected[4 + 9] = 0x02;
  expected[132 + 9] = 0x02;
  expected[644 + 9] = 0x02;
  std::fill(expected.begin() + 772, expected.end(), uint8_t{0xff});
  EXPECT_EQ(SerializeTemplate(code), expected);
}

TEST(VeinCodeTest, RefusesOtherLengths) {
  std::vector<uint8_t> bytes = GoodTemplate();
  for (const size_t length : {size_t{0}, size_t{3}, kTemplateBytes - 1}) {
    ExpectRefused({bytes.begin(), bytes.begin() + static_cast<ptrdiff_t>(length)}, "length");
  }
  bytes.push_back(0);
  ExpectRefused(bytes, "length");
}

TEST(VeinCodeTest, RefusesForeignHeaders) {
  std::vector<uint8_t> bytes = GoodTemplate();
  bytes[1] = 'W';
  ExpectRefused(bytes, "magic");
  bytes = GoodTemplate();
  bytes[2] = 1;
  ExpectRefused(bytes, "version 1");
  bytes = GoodTemplate();
  bytes[3] = 0;
  ExpectRefused(bytes, "extractor 0");
}

TEST(VeinCodeTest, TellsAnEarlierVersionFromDamage) {
  EXPECT_TRUE(IsOutdatedTemplate(std::vector<uint8_t>{'L', 'V', 1, 1}));
  EXPECT_FALSE(IsOutdatedTemplate(std::vector<uint8_t>(516, 'L')));
  EXPECT_FALSE(IsOutdatedTemplate(GoodTemplate()));
  EXPECT_FALSE(IsOutdatedTemplate(std::vector<uint8_t>{'L', 'V', 3, 1}));
  EXPECT_FALSE(IsOutdatedTemplate(std::vector<uint8_t>{'L', 'V', 1}));
  EXPECT_FALSE(IsOutdatedTemplate({}));
}

TEST(VeinCodeTest, RefusesEveryImpossiblePattern) {
  // Under a set mask bit 010 and 101 name no orientation, in either set.
  for (size_t set = 0; set < kLineSets; ++set) {
    for (const bool middle : {true, false}) {
      VeinCode code = Uniform({.fine = 0, .coarse = 0});
      constexpr size_t kWord = 9;
      uint64_t* const planes = code.words.data() + set * kPlanesASet * kPlaneWords;
      if (middle) {
        planes[kPlaneWords + kWord] |= 16;
      } else {
        planes[kWord] |= 16;
        planes[2 * kPlaneWords + kWord] |= 16;
      }
      ExpectRefused(SerializeTemplate(code), "no orientation, block 9");
      EXPECT_EQ(CellAt(code, 12, 16), std::nullopt);
    }
  }
}

TEST(VeinCodeTest, RefusesPlaneBitsUnderClearedMask) {
  for (size_t plane = 0; plane < kPlanes; ++plane) {
    VeinCode code = Uniform({.fine = 1, .coarse = 1});
    ClearCell(code, 3, 0);
    ASSERT_THAT(ParseTemplate(SerializeTemplate(code)), ladon::testing::IsOk());
    code.words[plane * kPlaneWords] |= 8;
    ExpectRefused(SerializeTemplate(code), "under a cleared mask bit");
  }
}

TEST(VeinCodeTest, LimitOfReliableCells) {
  VeinCode code;
  for (size_t cell = 0; cell < kReliableCellsMin; ++cell) {
    SetCell(code, cell % kGridSide, cell / kGridSide, {.fine = 3, .coarse = 4});
  }
  EXPECT_THAT(ParseTemplate(SerializeTemplate(code)), ladon::testing::IsOk());
  ClearCell(code, 0, 0);
  ExpectRefused(SerializeTemplate(code), "511 reliable cells");
}

}  // namespace
}  // namespace ladon::matcher
