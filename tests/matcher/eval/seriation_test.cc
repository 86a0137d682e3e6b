// Goal: the correlation attack lays out a school's rows when nothing but the transform covers them,
// and is at chance level on the memory image: so the attack is a real one, and is stopped.
// Method: synthetic palms, whose neighbouring cells see the same veins, as the gallery stores them.
#include "matcher/eval/seriation.h"

#include <vector>

#include "gtest/gtest.h"
#include "matcher/extract/extractor.h"
#include "matcher/extract/synthetic_palm.h"
#include "matcher/memory_key.h"
#include "tests/matcher/random_codes.h"
#include "tests/testing/status_testing.h"

namespace ladon::matcher::eval {
namespace {

constexpr std::array<uint8_t, kSchoolSecretBytes> kSecret = {8};

TEST(SeriationTest, SucceedsOnTransformedRowsAndFailsOnTheMemoryImage) {
  constexpr uint64_t kRows = 150;
  ASSERT_OK_AND_ASSIGN(const auto memory_key, MemoryKey::Create(SeededBytes(1)));
  const SchoolTransform transform = SchoolTransform::Derive(kSecret);
  const RandomSource random = SeededBytes(2);
  std::vector<VeinCode> plain;
  std::vector<VeinCode> transformed;
  std::vector<VeinCode> in_memory;
  for (uint64_t palm = 0; palm < kRows; ++palm) {
    ASSERT_OK_AND_ASSIGN(const Extraction extraction,
                         ExtractTemplate(RenderSyntheticPalmPng({palm, 0})));
    plain.push_back(extraction.codes[0]);
    transformed.push_back(transform.Apply(plain.back()));
    RowSalt salt;
    random(salt);
    auto* const bytes = reinterpret_cast<uint8_t*>(in_memory.emplace_back().words.data());
    memory_key->Seal(transformed.back(), salt, std::span<uint8_t, kCodeBytes>(bytes, kCodeBytes));
  }
  EXPECT_GT(SeriationSuccess(transformed, transform), 0.5);
  // 1 024 guesses at 0.75 % are 7.6, give or take 2.8.
  EXPECT_LT(SeriationSuccess(in_memory, transform), 0.025);
  // The score does not depend on the secret: it is the attack that fails, not the scoring.
  const SchoolTransform other = SchoolTransform::Derive(std::array<uint8_t, 32>{9});
  EXPECT_LT(SeriationSuccess(transformed, other), 0.1);
}

}  // namespace
}  // namespace ladon::matcher::eval
