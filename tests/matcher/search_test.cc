// Goal: a staged search finds what the exhaustive one finds, with the same distance, whatever the
// CPU, the threads and the holes; it widens before it says nobody.
// Method: galleries of a few hundred rows, owners shown with noise, at every level, with and
// without helpers; the exhaustive search beside it.
#include "matcher/search.h"

#include <atomic>
#include <random>
#include <thread>
#include <vector>

#include "gtest/gtest.h"
#include "matcher/gallery.h"
#include "tests/matcher/random_codes.h"
#include "tests/testing/status_testing.h"

namespace ladon::matcher {
namespace {

using ::ladon::testing::IsOk;
using Decision = SearchResult::Decision;

constexpr std::array<uint8_t, kSchoolSecretBytes> kSecret = {4};
constexpr size_t kSubjects = 300;  // More than kStagedRowsMin, and no multiple of a block.

class StagedSearchTest : public ::testing::TestWithParam<KernelLevel> {
 protected:
  void SetUp() override {
    ASSERT_OK_AND_ASSIGN(memory_key_, MemoryKey::Create(SeededBytes(70)));
    ASSERT_OK_AND_ASSIGN(gallery_, Gallery::Open({.memory_key = memory_key_.get(),
                                                  .school_secret = kSecret,
                                                  .random = SeededBytes(71),
                                                  .kernel_level = GetParam(),
                                                  .pool = &pool_}));
    std::mt19937_64 rng(72);
    for (size_t i = 0; i < kSubjects; ++i) {
      codes_.push_back(RandomCode(rng));
      ASSERT_THAT(gallery_->Add({SubjectOf(i), 0}, codes_.back()), IsOk());
    }
  }

  std::vector<VeinCode> Showing(size_t subject, double noise, int dx, int dy) {
    return {Shift(NoisyCopy(codes_[subject], noise, rng_), dx, dy)};
  }

  SearchPool pool_{3};
  std::unique_ptr<MemoryKey> memory_key_;
  std::unique_ptr<Gallery> gallery_;
  std::vector<VeinCode> codes_;
  std::mt19937_64 rng_{73};
};

TEST_P(StagedSearchTest, FindsOwnersAtTheirExactDistance) {
  // In the first and last row, around the edges of blocks of 64, and in the incomplete block.
  for (const size_t subject : {0, 1, 63, 64, 127, 128, 255, 256, 299}) {
    const auto probe = Showing(subject, 0.35, 2 * static_cast<int>(subject % 5) - 4, 2);
    const DetailedResult staged = gallery_->SearchDetailed(probe);
    const DetailedResult whole = gallery_->SearchExhaustivelyDetailed(probe);
    EXPECT_EQ(staged.result.decision, Decision::kMatch);
    EXPECT_EQ(staged.result, whole.result);
    EXPECT_EQ(staged.best, whole.best);
    EXPECT_EQ(staged.best->distance_q16, SearchDistanceQ16(codes_[subject], probe));
  }
}

TEST_P(StagedSearchTest, StrangersAreNobody) {
  for (int i = 0; i < 3; ++i) {
    const std::vector<VeinCode> probe = {RandomCode(rng_)};
    EXPECT_EQ(gallery_->Search(probe).decision, Decision::kNobody);
    EXPECT_EQ(gallery_->SearchExhaustivelyDetailed(probe).result.decision, Decision::kNobody);
  }
}

TEST_P(StagedSearchTest, ErasedRowsAreGoneAndTheOthersStay) {
  // First some holes, then so many that the table is written anew.
  for (size_t subject = 0; subject < kSubjects; ++subject) {
    if (subject % 4 == 3) continue;
    const auto probe = Showing(subject, 0.2, 2, 0);
    ASSERT_EQ(gallery_->EraseSubject(SubjectOf(subject)), 1U);
    if (subject % 20 != 0) continue;
    EXPECT_EQ(gallery_->Search(probe).decision, Decision::kNobody) << subject;
    EXPECT_EQ(gallery_->Search(Showing(255, 0.3, -2, 2)).subject, SubjectOf(255)) << subject;
    EXPECT_EQ(gallery_->Search(Showing(63, 0.3, 0, 2)).subject, SubjectOf(63)) << subject;
  }
  EXPECT_EQ(gallery_->rows(), kSubjects / 4);
  ASSERT_THAT(gallery_->Add({SubjectOf(0), 0}, codes_[0]), IsOk());
  EXPECT_EQ(gallery_->Search(Showing(0, 0.3, 0, 0)).subject, SubjectOf(0));
}

TEST_P(StagedSearchTest, WidensForAHardShowingAndCounts) {
  // A view of its own, so that what the stages pass can be seen.
  GalleryTable table(kSketchBlockRows);
  std::vector<std::vector<uint8_t>> bytes(kSketchBlockRows, std::vector<uint8_t>(kCodeBytes));
  const SchoolTransform transform = SchoolTransform::Derive(kSecret);
  const RandomSource random = SeededBytes(74);
  for (size_t r = 0; r < kSketchBlockRows; ++r) {
    GalleryRow& row = table.rows[r];
    row = {.subject = SubjectOf(r), .salt = {}, .bytes = bytes[r].data()};
    random(row.salt);
    memory_key_->Seal(transform.Apply(codes_[r]), row.salt,
                      std::span<uint8_t, kCodeBytes>(bytes[r].data(), kCodeBytes));
  }
  const SearchContext context = {.memory_key = memory_key_.get(),
                                 .kernels = &kernels::MatchKernelsFor(GetParam()),
                                 .pool = nullptr};
  const GalleryView view = {.table = &table, .count = kSketchBlockRows};
  const auto codes = Showing(5, 0.3, 0, 0);
  const ProbeVariants probe(transform, codes);
  StageCounts counts;
  const TwoBest easy = SearchInStages(view, probe, 24'000, context, &counts);
  EXPECT_EQ(easy.best()->subject, SubjectOf(5));
  EXPECT_FALSE(counts.widened);
  EXPECT_EQ(counts.rows, kSketchBlockRows);
  EXPECT_GE(counts.after_sketches, counts.after_windows);
  EXPECT_GE(counts.after_windows, 1U);
  // Nobody is ever near enough: the search must have looked widely, and the best is the same.
  const TwoBest hard = SearchInStages(view, probe, 0, context, &counts);
  EXPECT_TRUE(counts.widened);
  EXPECT_EQ(hard.best(), easy.best());
}

INSTANTIATE_TEST_SUITE_P(Levels, StagedSearchTest,
                         ::testing::Values(KernelLevel::kScalar, KernelLevel::kAvx2,
                                           KernelLevel::kAvx512));

TEST(SearchPoolTest, EveryPartRunsOnceHoweverManySearchesThereAre) {
  for (const size_t threads : {0, 1, 2, 5}) {
    SearchPool pool(threads);
    EXPECT_EQ(pool.threads(), std::max<size_t>(threads, 1));
    std::vector<std::thread> searches;
    for (int s = 0; s < 3; ++s) {
      searches.emplace_back([&pool] {
        for (const size_t parts : {0, 1, 2, 100}) {
          std::vector<std::atomic<int>> runs(parts);
          std::atomic<size_t> threads_done = 0;
          pool.Run(
              parts, [&](size_t p) { ++runs[p]; }, [&] { ++threads_done; });
          for (const auto& count : runs) EXPECT_EQ(count.load(), 1);
          EXPECT_GE(threads_done.load(), 1u);  // The caller, and who came in time to help.
          EXPECT_LE(threads_done.load(), pool.threads());
        }
      });
    }
    for (std::thread& search : searches) search.join();
  }
}

}  // namespace
}  // namespace ladon::matcher
