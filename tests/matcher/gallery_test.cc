// Goal: the gallery answers exactly what the specification over all rows and alignments answers,
// and never guesses.
// Method: a naive model (loops over Shift and DistanceQ16, no transform, no encryption) beside the
// real thing, at row counts around the block of open rows; then each rule by itself.
#include "matcher/gallery.h"

#include <algorithm>
#include <map>
#include <random>
#include <set>
#include <vector>

#include "gtest/gtest.h"
#include "matcher/distance.h"
#include "tests/matcher/random_codes.h"
#include "tests/testing/status_testing.h"

namespace ladon::matcher {
namespace {

using ::ladon::testing::IsOk;
using ::ladon::testing::StatusIs;
using Decision = SearchResult::Decision;

constexpr std::array<uint8_t, kSchoolSecretBytes> kSecret = {1, 2, 3};

class GalleryTest : public ::testing::Test {
 protected:
  void SetUp() override { ASSERT_OK_AND_ASSIGN(memory_key_, MemoryKey::Create(SeededBytes(40))); }

  GalleryOptions Options() {
    return {.memory_key = memory_key_.get(),
            .school_secret = kSecret,
            .random = SeededBytes(41),
            .thresholds = kDefaultThresholds,
            .kernel_level = BestKernelLevel(),
            .rows_max = kGalleryRowsDefault};
  }

  std::unique_ptr<Gallery> OpenGallery(const GalleryOptions& options) {
    absl::StatusOr<std::unique_ptr<Gallery>> gallery = Gallery::Open(options);
    EXPECT_THAT(gallery, IsOk());
    return *std::move(gallery);
  }

  std::unique_ptr<MemoryKey> memory_key_;
};

struct Enrolled {
  RowKey key;
  VeinCode code;
};

TwoBest NaiveSearch(const std::vector<Enrolled>& rows, std::span<const VeinCode> probe) {
  TwoBest two;
  for (const Enrolled& row : rows) {
    two.Offer({SearchDistanceQ16(row.code, probe), row.key.subject});
  }
  return two;
}

TEST_F(GalleryTest, EqualsTheNaiveModelAtEveryLevelAndSize) {
  std::mt19937_64 rng(42);
  for (const size_t count :
       {size_t{0}, size_t{1}, kOpenRowsMax - 1, kOpenRowsMax, kOpenRowsMax + 1, 3 * kOpenRowsMax}) {
    std::vector<Enrolled> rows;
    for (size_t r = 0; r < count; ++r) {
      rows.push_back({{SubjectOf(r / 3), static_cast<uint16_t>(r % 3)}, RandomCode(rng)});
    }
    std::vector<VeinCode> probe = {RandomCode(rng), RandomCode(rng)};
    if (count > 0) probe.push_back(Shift(NoisyCopy(rows[count / 2].code, 0.5, rng), 4, -3));
    const TwoBest expected = NaiveSearch(rows, probe);
    for (const KernelLevel level :
         {KernelLevel::kScalar, KernelLevel::kAvx2, KernelLevel::kAvx512}) {
      GalleryOptions options = Options();
      options.kernel_level = level;
      const auto gallery = OpenGallery(options);
      for (const Enrolled& row : rows) ASSERT_THAT(gallery->Add(row.key, row.code), IsOk());
      const DetailedResult detailed = gallery->SearchDetailed(probe);
      EXPECT_EQ(detailed.rows, count);
      EXPECT_EQ(detailed.best, expected.best());
      EXPECT_EQ(detailed.best_other, expected.best_other());
      EXPECT_EQ(gallery->Search(probe), detailed.result);
      const bool near = count > 0 && expected.best()->distance_q16 <=
                                         RuleFor(kDefaultThresholds, count, 3).distance_max_q16;
      EXPECT_EQ(detailed.result.decision, near ? Decision::kMatch : Decision::kNobody);
      EXPECT_EQ(near, count > 0);
    }
  }
}

TEST_F(GalleryTest, ThresholdIsInclusiveAndOneBeyondIsNobody) {
  std::mt19937_64 rng(43);
  const VeinCode code = RandomCode(rng);
  const std::vector<VeinCode> probe = {NoisyCopy(code, 0.4, rng)};
  const int32_t distance = NaiveSearch({{{SubjectOf(1), 0}, code}}, probe).best()->distance_q16;
  for (const int32_t slack : {0, -1}) {
    GalleryOptions options = Options();
    for (ThresholdStep& step : options.thresholds.steps) step.distance_max_q16 = distance + slack;
    const auto gallery = OpenGallery(options);
    ASSERT_THAT(gallery->Add({SubjectOf(1), 0}, code), IsOk());
    const SearchResult result = gallery->Search(probe);
    EXPECT_EQ(result.decision, slack == 0 ? Decision::kMatch : Decision::kNobody);
    EXPECT_EQ(result.subject, slack == 0 ? SubjectOf(1) : SubjectRef{});
  }
}

TEST_F(GalleryTest, MarginBelowTheMinimumIsAmbiguous) {
  std::mt19937_64 rng(44);
  const VeinCode code = RandomCode(rng);
  const VeinCode close = NoisyCopy(code, 0.2, rng);
  const std::vector<VeinCode> probe = {code};
  const TwoBest two = NaiveSearch({{{SubjectOf(1), 0}, code}, {{SubjectOf(2), 0}, close}}, probe);
  const int32_t margin = two.best_other()->distance_q16 - two.best()->distance_q16;
  for (const int32_t excess : {0, 1}) {
    GalleryOptions options = Options();
    options.thresholds.margin_min_q16 = margin + excess;
    const auto gallery = OpenGallery(options);
    ASSERT_THAT(gallery->Add({SubjectOf(2), 0}, close), IsOk());
    ASSERT_THAT(gallery->Add({SubjectOf(1), 0}, code), IsOk());
    const SearchResult result = gallery->Search(probe);
    EXPECT_EQ(result.decision, excess == 0 ? Decision::kMatch : Decision::kAmbiguous);
    EXPECT_EQ(result.subject, excess == 0 ? SubjectOf(1) : SubjectRef{});
  }
}

TEST_F(GalleryTest, SamePalmUnderTwoSubjectsIsAmbiguousNotAGuess) {
  std::mt19937_64 rng(45);
  const VeinCode code = RandomCode(rng);
  const auto gallery = OpenGallery(Options());
  ASSERT_THAT(gallery->Add({SubjectOf(7), 0}, code), IsOk());
  ASSERT_THAT(gallery->Add({SubjectOf(3), 0}, code), IsOk());
  const DetailedResult detailed = gallery->SearchDetailed({{code}});
  const int32_t distance = SearchDistanceQ16(code, {{code}});
  EXPECT_EQ(detailed.best, (Candidate{distance, SubjectOf(3)}));
  EXPECT_EQ(detailed.best_other, (Candidate{distance, SubjectOf(7)}));
  EXPECT_EQ(detailed.result.decision, Decision::kAmbiguous);
}

TEST_F(GalleryTest, SamplesOfOneSubjectAreNoRivals) {
  std::mt19937_64 rng(46);
  const VeinCode code = RandomCode(rng);
  const auto gallery = OpenGallery(Options());
  for (uint16_t sample = 0; sample < 3; ++sample) {
    ASSERT_THAT(gallery->Add({SubjectOf(1), sample}, code), IsOk());
  }
  EXPECT_EQ(gallery->Search({{code}}).decision, Decision::kMatch);
}

TEST_F(GalleryTest, AddRefusals) {
  std::mt19937_64 rng(47);
  GalleryOptions options = Options();
  options.rows_max = 3;
  const auto gallery = OpenGallery(options);
  const VeinCode code = RandomCode(rng);
  EXPECT_THAT(gallery->Add({SubjectOf(1), 0}, VeinCode{}),
              StatusIs(absl::StatusCode::kInvalidArgument));
  ASSERT_THAT(gallery->Add({SubjectOf(1), 0}, code), IsOk());
  EXPECT_THAT(gallery->Add({SubjectOf(1), 0}, code), StatusIs(absl::StatusCode::kAlreadyExists));
  ASSERT_THAT(gallery->Add({SubjectOf(1), 1}, code), IsOk());
  ASSERT_THAT(gallery->Add({SubjectOf(2), 0}, code), IsOk());
  EXPECT_THAT(gallery->Add({SubjectOf(3), 0}, code),
              StatusIs(absl::StatusCode::kResourceExhausted));
  EXPECT_EQ(gallery->rows(), 3U);
  EXPECT_EQ(gallery->EraseSubject(SubjectOf(1)), 2U);
  EXPECT_THAT(gallery->Add({SubjectOf(3), 0}, code), IsOk());
}

TEST_F(GalleryTest, OpenRefusals) {
  GalleryOptions options = Options();
  options.memory_key = nullptr;
  EXPECT_THAT(Gallery::Open(options), StatusIs(absl::StatusCode::kInvalidArgument));
  options = Options();
  options.random = nullptr;
  EXPECT_THAT(Gallery::Open(options), StatusIs(absl::StatusCode::kInvalidArgument));
  for (const size_t rows : {size_t{0}, kGalleryRowsLimit + 1}) {
    options = Options();
    options.rows_max = rows;
    EXPECT_THAT(Gallery::Open(options), StatusIs(absl::StatusCode::kInvalidArgument));
  }
  options = Options();
  options.rows_max = kGalleryRowsLimit;
  EXPECT_THAT(Gallery::Open(options), IsOk());
}

// A thousand random steps of enrolment and erasure against a plain list.
TEST_F(GalleryTest, FollowsAListThroughAddAndErase) {
  std::mt19937_64 rng(48);
  const auto gallery = OpenGallery(Options());
  std::map<RowKey, VeinCode> model;
  for (int step = 0; step < 1000; ++step) {
    const SubjectRef subject = SubjectOf(rng() % 40);
    if (rng() % 8 == 0) {
      size_t expected = 0;
      std::erase_if(model, [&](const auto& row) {
        const bool erase = row.first.subject == subject;
        expected += erase ? 1 : 0;
        return erase;
      });
      ASSERT_EQ(gallery->EraseSubject(subject), expected);
    } else {
      const RowKey key = {subject, static_cast<uint16_t>(rng() % 6)};
      const VeinCode code = RandomCode(rng);
      const bool added = model.emplace(key, code).second;
      ASSERT_THAT(gallery->Add(key, code),
                  StatusIs(added ? absl::StatusCode::kOk : absl::StatusCode::kAlreadyExists));
    }
    ASSERT_EQ(gallery->rows(), model.size());
  }
  for (uint64_t number = 0; number < 40; ++number) {
    const auto row = model.lower_bound({SubjectOf(number), 0});
    const bool enrolled = row != model.end() && row->first.subject == SubjectOf(number);
    if (!enrolled) continue;
    const SearchResult result = gallery->Search({{row->second}});
    EXPECT_EQ(result.decision, Decision::kMatch);
    EXPECT_EQ(result.subject, SubjectOf(number));
  }
}

TEST_F(GalleryTest, RowOrderDoesNotMatter) {
  std::mt19937_64 rng(49);
  std::vector<Enrolled> rows;
  for (size_t r = 0; r < 40; ++r) rows.push_back({{SubjectOf(r), 0}, RandomCode(rng)});
  const std::vector<VeinCode> probe = {NoisyCopy(rows[5].code, 0.6, rng)};
  const auto forwards = OpenGallery(Options());
  const auto backwards = OpenGallery(Options());
  for (size_t r = 0; r < rows.size(); ++r) {
    ASSERT_THAT(forwards->Add(rows[r].key, rows[r].code), IsOk());
    ASSERT_THAT(backwards->Add(rows[rows.size() - 1 - r].key, rows[rows.size() - 1 - r].code),
                IsOk());
  }
  EXPECT_EQ(forwards->SearchDetailed(probe).best, backwards->SearchDetailed(probe).best);
  EXPECT_EQ(forwards->SearchDetailed(probe).best_other,
            backwards->SearchDetailed(probe).best_other);
}

TEST_F(GalleryTest, RekeyingIsBitExactUnderFreshSalts) {
  std::mt19937_64 rng(71);
  std::vector<RowSalt> salts;
  GalleryOptions options = Options();
  options.random = [&salts, random = SeededBytes(72)](std::span<uint8_t> out) mutable {
    random(out);
    ASSERT_EQ(out.size(), kRowSaltBytes);
    std::copy(out.begin(), out.end(), salts.emplace_back().begin());
  };
  const auto gallery = OpenGallery(options);
  constexpr size_t kRows = 5 * kSketchBlockRows + 7;  // Searched in stages.
  std::vector<VeinCode> codes;
  for (size_t r = 0; r < kRows; ++r) {
    codes.push_back(RandomCode(rng));
    ASSERT_THAT(gallery->Add({SubjectOf(r), 0}, codes.back()), IsOk());
  }
  ASSERT_EQ(gallery->EraseSubject(SubjectOf(3)), 1U);
  std::vector<std::vector<VeinCode>> probes;
  for (size_t p = 0; p < 12; ++p) {
    probes.push_back({Shift(NoisyCopy(codes[p * 25], 0.4, rng), static_cast<int>(p % 5) - 2, 1)});
  }
  std::vector<DetailedResult> before;
  for (const auto& probe : probes) before.push_back(gallery->SearchExhaustivelyDetailed(probe));
  const size_t drawn = salts.size();

  constexpr std::array<uint8_t, kSchoolSecretBytes> kNext = {4, 5, 6};
  ASSERT_THAT(gallery->Rekey(kNext), IsOk());
  EXPECT_EQ(salts.size() - drawn, (kRows - 1) + (kRows - 1) / kSketchBlockRows);
  EXPECT_EQ(std::set<RowSalt>(salts.begin(), salts.end()).size(), salts.size()) << "a salt twice";
  EXPECT_EQ(gallery->rows(), kRows - 1);
  for (size_t p = 0; p < probes.size(); ++p) {
    const DetailedResult after = gallery->SearchExhaustivelyDetailed(probes[p]);
    EXPECT_EQ(after.result, before[p].result);
    EXPECT_EQ(after.best->distance_q16, before[p].best->distance_q16);
    EXPECT_EQ(after.best_other->distance_q16, before[p].best_other->distance_q16);
    EXPECT_EQ(gallery->Search({{codes[p * 25]}}).subject, SubjectOf(p * 25)) << "in stages";
  }
  // And what a gallery does goes on under the new secret.
  ASSERT_THAT(gallery->Add({SubjectOf(kRows), 0}, codes[3]), IsOk());
  EXPECT_EQ(gallery->Search({{codes[3]}}).subject, SubjectOf(kRows));
  EXPECT_EQ(gallery->EraseSubject(SubjectOf(25)), 1U);
  EXPECT_EQ(gallery->Search({{codes[25]}}).decision, Decision::kNobody);
}

}  // namespace
}  // namespace ladon::matcher
