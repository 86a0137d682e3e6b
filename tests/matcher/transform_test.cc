// Goal: the school transform changes no distance, hides which cell is which, and can be undone.
// Method: random pairs before and after; the fast path against its specification; chance level
// between schools.
#include "matcher/transform.h"

#include <bit>
#include <random>
#include <set>
#include <utility>
#include <vector>

#include "gtest/gtest.h"
#include "tests/matcher/random_codes.h"

namespace ladon::matcher {
namespace {

using Secret = std::array<uint8_t, kSchoolSecretBytes>;

Secret SecretOf(uint8_t number) {
  Secret secret{};
  secret.fill(number);
  return secret;
}

TEST(SchoolTransformTest, PreservesEveryDistanceExactly) {
  std::mt19937_64 rng(20);
  for (uint8_t school = 1; school <= 4; ++school) {
    const SchoolTransform transform = SchoolTransform::Derive(SecretOf(school));
    for (int i = 0; i < 500; ++i) {
      const VeinCode a = RandomCode(rng, 0.1);
      const VeinCode b = i % 2 == 0 ? RandomCode(rng, 0.3) : NoisyCopy(a, 0.4, rng);
      EXPECT_EQ(CountMasked(transform.Apply(a), transform.Apply(b)), CountMasked(a, b));
    }
  }
}

TEST(SchoolTransformTest, AllShiftsEqualShiftThenApply) {
  std::mt19937_64 rng(21);
  const SchoolTransform transform = SchoolTransform::Derive(SecretOf(5));
  const VeinCode code = RandomCode(rng);
  for (const KernelLevel level : {KernelLevel::kScalar, KernelLevel::kAvx2}) {
    std::vector<VeinCode> fast(kShifts);
    transform.ApplyAllShifts(code, std::span<VeinCode, kShifts>(fast.data(), kShifts), level);
    size_t next = 0;
    for (int dy = -kShiftCellsMax; dy <= kShiftCellsMax; ++dy) {
      for (int dx = -kShiftCellsMax; dx <= kShiftCellsMax; ++dx) {
        EXPECT_EQ(fast[next++], transform.Apply(Shift(code, dx, dy))) << dx << " " << dy;
      }
    }
  }
}

TEST(SchoolTransformTest, IsAPermutationOfMaskBits) {
  const SchoolTransform transform = SchoolTransform::Derive(SecretOf(6));
  std::set<size_t> places;
  for (size_t cell = 0; cell < kCells; ++cell) {
    VeinCode one;
    SetCell(one, cell % kGridSide, cell / kGridSide, {});
    const VeinCode out = transform.Apply(one);
    ASSERT_EQ(ReliableCells(out), 1U);
    for (size_t w = 0; w < kPlaneWords; ++w) {
      const uint64_t word = out.words[kPlanes * kPlaneWords + w];
      if (word != 0) places.insert(w * 64 + static_cast<size_t>(std::countr_zero(word)));
    }
  }
  EXPECT_EQ(places.size(), kCells);
}

// Blocks move on their own when palms are compared, so their cells must stay together; which block
// lies where, and how, is the school's secret.
TEST(SchoolTransformTest, ABlockStaysTogether) {
  const SchoolTransform transform = SchoolTransform::Derive(SecretOf(11));
  std::set<size_t> words;
  for (size_t block = 0; block < kBlocks; ++block) {
    VeinCode code;
    code.words[kPlanes * kPlaneWords + block] = ~uint64_t{0};
    const VeinCode out = transform.Apply(code);
    for (size_t w = 0; w < kPlaneWords; ++w) {
      const uint64_t word = out.words[kPlanes * kPlaneWords + w];
      if (word == 0) continue;
      EXPECT_EQ(word, ~uint64_t{0});
      words.insert(w);
    }
  }
  EXPECT_EQ(words.size(), kBlocks);
}

TEST(SchoolTransformTest, SameSecretSameCodesOtherSecretUnrelated) {
  std::mt19937_64 rng(22);
  const SchoolTransform one = SchoolTransform::Derive(SecretOf(7));
  const SchoolTransform again = SchoolTransform::Derive(SecretOf(7));
  const SchoolTransform other = SchoolTransform::Derive(SecretOf(8));
  double sum_q16 = 0;
  constexpr int kPairs = 200;
  for (int i = 0; i < kPairs; ++i) {
    const VeinCode code = RandomCode(rng);
    EXPECT_EQ(one.Apply(code), again.Apply(code));
    sum_q16 += DistanceQ16(one.Apply(code), other.Apply(code));
  }
  EXPECT_NEAR(sum_q16 / kPairs, kDistanceUnrelatedQ16, 700);
}

TEST(SchoolTransformTest, ReKeysWithoutReEnrolment) {
  std::mt19937_64 rng(23);
  const SchoolTransform old_key = SchoolTransform::Derive(SecretOf(9));
  const SchoolTransform new_key = SchoolTransform::Derive(SecretOf(10));
  const VeinCode code = RandomCode(rng);
  EXPECT_EQ(old_key.Undo(old_key.Apply(code)), code);
  EXPECT_EQ(new_key.Apply(old_key.Undo(old_key.Apply(code))), new_key.Apply(code));
}

// The derivation is a format: a restart, or another build, must find the same cells. The values
// were computed by a separate program written from RFC 8439 and the description in the header.
TEST(SchoolTransformTest, DerivationIsStable) {
  const SchoolTransform transform = SchoolTransform::Derive(SecretOf(1));
  const VeinCode pad = transform.Apply(VeinCode{});
  EXPECT_EQ(pad.words[0], 0xebc7f1bac115ea94U);
  EXPECT_EQ(pad.words[kPlanes * kPlaneWords - 1], 0x6edbb85b4692a314U);
  EXPECT_EQ(ReliableCells(pad), 0U);
  const std::vector<std::pair<size_t, size_t>> moved = {{0, 456}, {1, 492}, {41, 369}, {1023, 591}};
  for (const auto& [from, to] : moved) {
    VeinCode one;
    SetCell(one, from % kGridSide, from / kGridSide, {});
    const VeinCode out = transform.Apply(one);
    EXPECT_EQ(out.words[kPlanes * kPlaneWords + to / 64], uint64_t{1} << (to % 64)) << from;
  }
}

}  // namespace
}  // namespace ladon::matcher
