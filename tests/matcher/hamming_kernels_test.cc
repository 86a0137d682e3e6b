// Goal: every kernel equals the specification bit for bit, at every block size.
// Method: random words, legal codes or not, at every level, misaligned too; sizes around the block.
#include <cstring>
#include <random>
#include <vector>

#include "gtest/gtest.h"
#include "matcher/distance.h"
#include "matcher/kernels/dispatch.h"
#include "matcher/scan.h"
#include "tests/matcher/random_codes.h"

namespace ladon::matcher {
namespace {

constexpr KernelLevel kLevels[] = {KernelLevel::kScalar, KernelLevel::kAvx2};

std::vector<uint32_t> Counts(KernelLevel level, const uint64_t* row, const uint64_t* variants,
                             size_t count) {
  constexpr uint32_t kUntouched = 0xdeadbeef;
  std::vector<uint32_t> counts(count + 1, kUntouched);
  kernels::HammingMaskedFor(level)(row, variants, count, counts.data());
  EXPECT_EQ(counts.back(), kUntouched) << "wrote past the end";
  counts.pop_back();
  return counts;
}

TEST(HammingKernelsTest, EqualSpecificationAtEverySize) {
  std::mt19937_64 rng(6);
  for (const size_t size : {size_t{0}, size_t{1}, size_t{2}, kVariantsPerBlock - 1,
                            kVariantsPerBlock, kVariantsPerBlock + 1, size_t{81}}) {
    // One word of slack so that the data can start off a vector boundary.
    std::vector<uint64_t> words((size + 1) * kCodeWords + 1);
    for (uint64_t& w : words) w = rng();
    for (const size_t offset : {size_t{0}, size_t{1}}) {
      const uint64_t* row = words.data() + offset;
      const uint64_t* variants = row + kCodeWords;
      std::vector<uint32_t> expected;
      for (size_t v = 0; v < size; ++v) {
        VeinCode a;
        VeinCode b;
        std::memcpy(a.words.data(), row, kCodeBytes);
        std::memcpy(b.words.data(), variants + v * kCodeWords, kCodeBytes);
        const MaskedCount count = CountMasked(a, b);
        expected.push_back(count.differing_bits | count.cells << 16);
      }
      for (const KernelLevel level : kLevels) {
        EXPECT_EQ(Counts(level, row, variants, size), expected)
            << "level " << static_cast<int>(level) << " size " << size;
      }
    }
  }
}

TEST(HammingKernelsTest, ExtremesDoNotOverflow) {
  VeinCode zeros;
  VeinCode ones;
  for (size_t w = 0; w < kCodeWords; ++w) {
    ones.words[w] = ~uint64_t{0};
    zeros.words[w] = w < kPlanes * kPlaneWords ? 0 : ~uint64_t{0};
  }
  for (const KernelLevel level : kLevels) {
    EXPECT_EQ(Counts(level, zeros.words.data(), ones.words.data(), 1)[0], 3072U | 1024U << 16);
    EXPECT_EQ(Counts(level, ones.words.data(), ones.words.data(), 1)[0], 1024U << 16);
  }
}

TEST(ElasticKernelsTest, EqualEachOtherAndAddUpToTheWhole) {
  std::mt19937_64 rng(9);
  const std::array<uint8_t, kSchoolSecretBytes> secret{5};
  const SchoolTransform transform = SchoolTransform::Derive(secret);
  constexpr uint32_t kUntouched = 0xdeadbeef;
  for (const size_t size : {size_t{0}, size_t{1}, kElasticMoves}) {
    VeinCode row;
    std::vector<VeinCode> variants(size);
    for (uint64_t& w : row.words) w = rng();
    std::vector<const uint64_t*> places;
    for (VeinCode& variant : variants) {
      for (uint64_t& w : variant.words) w = rng();
      places.push_back(variant.words.data());
    }
    std::vector<std::vector<uint32_t>> counts;
    for (const KernelLevel level : kLevels) {
      counts.emplace_back(size * kBlocks + 1, kUntouched);
      kernels::ElasticCountsFor(level)(row.words.data(), places.data(), size,
                                       transform.block_masks().data(), counts.back().data());
      EXPECT_EQ(counts.back().back(), kUntouched) << "wrote past the end";
      EXPECT_EQ(counts.back(), counts.front());
    }
    for (size_t v = 0; v < size; ++v) {
      MaskedCount sum;
      for (size_t b = 0; b < kBlocks; ++b) {
        sum.differing_bits += counts[0][v * kBlocks + b] & 0xffff;
        sum.cells += counts[0][v * kBlocks + b] >> 16;
      }
      EXPECT_EQ(sum, CountMasked(row, variants[v]));
    }
  }
}

TEST(HammingKernelsTest, LevelAboveTheCpuFallsBack) {
  EXPECT_EQ(kernels::HammingMaskedFor(KernelLevel::kAvx2),
            kernels::HammingMaskedFor(BestKernelLevel()));
}

}  // namespace
}  // namespace ladon::matcher
