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

TEST(VeinCodeTest, HammingDistanceOfPatternsIsAngularDistance) {
  for (int a = 0; a < kOrientations; ++a) {
    for (int b = 0; b < kOrientations; ++b) {
      VeinCode left;
      VeinCode right;
      SetCell(left, 5, 7, a);
      SetCell(right, 5, 7, b);
      int differing = 0;
      for (size_t w = 0; w < kPlanes * kPlaneWords; ++w) {
        differing += std::popcount(left.words[w] ^ right.words[w]);
      }
      const int apart = std::abs(a - b);
      EXPECT_EQ(differing, std::min(apart, kOrientations - apart)) << a << " " << b;
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

// The worked example of matcher/README.md: every cell reliable with orientation 0 but cell (9, 1),
// which has orientation 2 (planes 0 and 1 set): bit 41 = byte 5, bit 1.
TEST(VeinCodeTest, GoldenBytes) {
  VeinCode code;
  for (size_t y = 0; y < kGridSide; ++y) {
    for (size_t x = 0; x < kGridSide; ++x) SetCell(code, x, y, 0);
  }
  SetCell(code, 9, 1, 2);
  std::vector<uint8_t> expected(516, 0);
  expected[0] = 0x4c;
  expected[1] = 0x56;
  expected[2] = 0x01;
  expected[3] = 0x01;
  expected[4 + 5] = 0x02;
  expected[132 + 5] = 0x02;
  std::fill(expected.begin() + 388, expected.end(), uint8_t{0xff});
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
  bytes[2] = 2;
  ExpectRefused(bytes, "version 2");
  bytes = GoodTemplate();
  bytes[3] = 0;
  ExpectRefused(bytes, "extractor 0");
}

TEST(VeinCodeTest, RefusesEveryImpossiblePattern) {
  // Under a set mask bit 010 and 101 name no orientation.
  for (const bool middle : {true, false}) {
    VeinCode code;
    for (size_t y = 0; y < kGridSide; ++y) {
      for (size_t x = 0; x < kGridSide; ++x) SetCell(code, x, y, 0);
    }
    constexpr size_t kWord = 9;
    if (middle) {
      code.words[kPlaneWords + kWord] |= 16;
    } else {
      code.words[kWord] |= 16;
      code.words[2 * kPlaneWords + kWord] |= 16;
    }
    ExpectRefused(SerializeTemplate(code), "no orientation, word 9");
  }
}

TEST(VeinCodeTest, RefusesPlaneBitsUnderClearedMask) {
  for (size_t plane = 0; plane < kPlanes; ++plane) {
    VeinCode code;
    for (size_t y = 0; y < kGridSide; ++y) {
      for (size_t x = 0; x < kGridSide; ++x) SetCell(code, x, y, 1);
    }
    ClearCell(code, 3, 0);
    ASSERT_THAT(ParseTemplate(SerializeTemplate(code)), ladon::testing::IsOk());
    code.words[plane * kPlaneWords] |= 8;
    ExpectRefused(SerializeTemplate(code), "under a cleared mask bit");
  }
}

TEST(VeinCodeTest, LimitOfReliableCells) {
  VeinCode code;
  for (size_t cell = 0; cell < kReliableCellsMin; ++cell) {
    SetCell(code, cell % kGridSide, cell / kGridSide, 3);
  }
  EXPECT_THAT(ParseTemplate(SerializeTemplate(code)), ladon::testing::IsOk());
  ClearCell(code, 0, 0);
  ExpectRefused(SerializeTemplate(code), "511 reliable cells");
}

}  // namespace
}  // namespace ladon::matcher
