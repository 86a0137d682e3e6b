// Goal: the shipped code with the shipped thresholds identifies real palms across two sessions:
// nobody is taken for somebody else, and accuracy does not fall below what an untrained code of
// this kind was measured to reach.
// Method: ISO/IEC 19795-1 style, on three public sets outside the repository (LADON_PALMS, or
// ../shared/data/palms beside the source). Enrol session 1, probe with session 2. Only aggregates
// are printed. Without the images this program is skipped, loudly.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <limits>
#include <map>
#include <string>
#include <thread>
#include <vector>

#include "gtest/gtest.h"
#include "matcher/extract/extractor.h"
#include "matcher/gallery.h"
#include "tests/matcher/random_codes.h"
#include "tests/testing/status_testing.h"

namespace ladon::matcher {
namespace {

namespace fs = std::filesystem;
using ::ladon::testing::IsOk;
using Decision = SearchResult::Decision;

constexpr size_t kTemplatesPerPalm = 3;
constexpr std::array<uint8_t, kSchoolSecretBytes> kSecret = {7};

struct Palm {
  std::vector<VeinCode> templates;            // Session 1, at most kTemplatesPerPalm.
  std::vector<std::vector<VeinCode>> probes;  // Session 2.
  size_t failed = 0;
};

fs::path PalmsFolder() {
  const char* named = std::getenv("LADON_PALMS");  // NOLINT(concurrency-mt-unsafe): no writer.
  return named != nullptr ? fs::path(named) : fs::path(LADON_SOURCE_DIR) / "../shared/data/palms";
}

std::vector<uint8_t> ReadFile(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

std::vector<fs::path> Sorted(const fs::path& folder) {
  std::vector<fs::path> paths;
  for (const auto& entry : fs::directory_iterator(folder)) paths.push_back(entry.path());
  std::sort(paths.begin(), paths.end());
  return paths;
}

Palm ReadPalm(const fs::path& folder) {
  Palm palm;
  for (const fs::path& path : Sorted(folder)) {
    const bool enrol = path.filename().string().front() == '1';
    if (enrol && palm.templates.size() == kTemplatesPerPalm) continue;
    const std::vector<uint8_t> file = ReadFile(path);
    absl::StatusOr<Extraction> extraction = enrol ? ExtractTemplate(file) : ExtractProbe(file);
    if (!extraction.ok()) {
      ++palm.failed;
    } else if (enrol) {
      palm.templates.push_back(extraction->codes[0]);
    } else {
      palm.probes.push_back(std::move(extraction->codes));
    }
  }
  return palm;
}

// Runs `work` for 0 .. count-1 on two threads.
template <typename Work>
void OnTwoThreads(size_t count, const Work& work) {
  const auto half = [&](size_t first) {
    for (size_t i = first; i < count; i += 2) work(i);
  };
  std::thread other(half, 1);
  half(0);
  other.join();
}

// Read once per set and program run: extraction is most of the time.
const std::vector<Palm>& ReadSet(const std::string& name) {
  static std::map<std::string, std::vector<Palm>> sets;
  std::vector<Palm>& palms = sets[name];
  if (palms.empty()) {
    const std::vector<fs::path> folders = Sorted(PalmsFolder() / name);
    palms.resize(folders.size());
    OnTwoThreads(folders.size(), [&](size_t i) { palms[i] = ReadPalm(folders[i]); });
  }
  return palms;
}

struct Scores {
  std::vector<int32_t> genuine;
  std::vector<int32_t> impostor;
};

// Every probe against every palm, nearest of the first `templates` templates.
Scores CrossSessionScores(const std::vector<Palm>& palms, size_t templates) {
  const SchoolTransform transform = SchoolTransform::Derive(kSecret);
  const kernels::MatchKernels& kernels = kernels::MatchKernelsFor(BestKernelLevel());
  std::vector<VeinCode> rows;
  std::vector<size_t> owners;
  for (size_t p = 0; p < palms.size(); ++p) {
    for (size_t t = 0; t < std::min(templates, palms[p].templates.size()); ++t) {
      rows.push_back(transform.Apply(palms[p].templates[t]));
      owners.push_back(p);
    }
  }
  std::vector<Scores> parts(palms.size());
  OnTwoThreads(palms.size(), [&](size_t p) {
    for (const std::vector<VeinCode>& probe : palms[p].probes) {
      const ProbeVariants variants(transform, probe);
      std::vector<int32_t> nearest(rows.size());
      for (size_t r = 0; r < rows.size(); r += kOpenRowsMax) {
        const size_t count = std::min(kOpenRowsMax, rows.size() - r);
        ScanRows({&rows[r], count}, variants, kernels, {&nearest[r], count});
      }
      std::vector<int32_t> of_palm(palms.size(), std::numeric_limits<int32_t>::max());
      for (size_t r = 0; r < rows.size(); ++r) {
        of_palm[owners[r]] = std::min(of_palm[owners[r]], nearest[r]);
      }
      for (size_t other = 0; other < palms.size(); ++other) {
        (other == p ? parts[p].genuine : parts[p].impostor).push_back(of_palm[other]);
      }
    }
  });
  Scores all;
  for (const Scores& part : parts) {
    all.genuine.insert(all.genuine.end(), part.genuine.begin(), part.genuine.end());
    all.impostor.insert(all.impostor.end(), part.impostor.begin(), part.impostor.end());
  }
  std::sort(all.genuine.begin(), all.genuine.end());
  std::sort(all.impostor.begin(), all.impostor.end());
  return all;
}

double FnmrAt(const Scores& scores, int32_t threshold) {
  const auto accepted = std::upper_bound(scores.genuine.begin(), scores.genuine.end(), threshold);
  return static_cast<double>(scores.genuine.end() - accepted) /
         static_cast<double>(scores.genuine.size());
}

double FmrAt(const Scores& scores, int32_t threshold) {
  const auto accepted = std::upper_bound(scores.impostor.begin(), scores.impostor.end(), threshold);
  return static_cast<double>(accepted - scores.impostor.begin()) /
         static_cast<double>(scores.impostor.size());
}

// FNMR at the largest threshold whose FMR is at most `fmr`.
double FnmrAtFmr(const Scores& scores, double fmr) {
  const auto allowed = static_cast<size_t>(fmr * static_cast<double>(scores.impostor.size()));
  return FnmrAt(scores, scores.impostor[allowed] - 1);
}

// The error where FNMR and FMR cross: the mean of both where they are nearest to each other.
double EqualErrorRate(const Scores& scores) {
  double gap = 1;
  double rate = 1;
  for (int32_t t = scores.impostor.front() - 1; t <= scores.genuine.back(); ++t) {
    const double fnmr = FnmrAt(scores, t);
    const double fmr = FmrAt(scores, t);
    if (std::abs(fnmr - fmr) < gap) {
      gap = std::abs(fnmr - fmr);
      rate = (fnmr + fmr) / 2;
    }
  }
  return scores.genuine.back() < scores.impostor.front() ? 0 : rate;
}

struct OpenSet {
  size_t mated = 0;
  size_t rank_one = 0;
  size_t matched = 0;
  size_t wrong = 0;  // A mated probe taken for another subject.
  size_t non_mated = 0;
  size_t falsely_accepted = 0;
  size_t ambiguous = 0;
  // Against the exhaustive search, which the shipped one is only an approximation of.
  size_t decided_otherwise = 0;
  size_t rival_overlooked = 0;  // A match where the exhaustive search sees no, or another, one.
  int32_t threshold_q16 = 0;
};

// Enrols the palms of one parity, probes with all, through the real gallery and its defaults.
void RunOpenSet(const std::vector<Palm>& palms, size_t parity, OpenSet& sum) {
  ASSERT_OK_AND_ASSIGN(const auto key, MemoryKey::Create(SeededBytes(1)));
  ASSERT_OK_AND_ASSIGN(
      const auto gallery,
      Gallery::Open({.memory_key = key.get(), .school_secret = kSecret, .random = SeededBytes(2)}));
  for (size_t p = parity; p < palms.size(); p += 2) {
    for (size_t t = 0; t < palms[p].templates.size(); ++t) {
      ASSERT_THAT(gallery->Add({SubjectOf(p), static_cast<uint16_t>(t)}, palms[p].templates[t]),
                  IsOk());
    }
  }
  std::vector<OpenSet> parts(palms.size());
  OnTwoThreads(palms.size(), [&](size_t p) {
    OpenSet& part = parts[p];
    for (const std::vector<VeinCode>& probe : palms[p].probes) {
      const DetailedResult found = gallery->SearchDetailed(probe);
      const bool match = found.result.decision == Decision::kMatch;
      part.threshold_q16 = found.rule.distance_max_q16;
      part.ambiguous += found.result.decision == Decision::kAmbiguous ? 1 : 0;
      const bool same = found.result == gallery->SearchExhaustivelyDetailed(probe).result;
      part.decided_otherwise += same ? 0 : 1;
      part.rival_overlooked += match && !same ? 1 : 0;
      if (p % 2 != parity) {
        ++part.non_mated;
        part.falsely_accepted += match ? 1 : 0;
        continue;
      }
      ++part.mated;
      part.rank_one += found.best.has_value() && found.best->subject == SubjectOf(p) ? 1 : 0;
      part.matched += match && found.result.subject == SubjectOf(p) ? 1 : 0;
      part.wrong += match && found.result.subject != SubjectOf(p) ? 1 : 0;
    }
  });
  for (const OpenSet& part : parts) {
    sum.mated += part.mated;
    sum.rank_one += part.rank_one;
    sum.matched += part.matched;
    sum.wrong += part.wrong;
    sum.non_mated += part.non_mated;
    sum.falsely_accepted += part.falsely_accepted;
    sum.ambiguous += part.ambiguous;
    sum.decided_otherwise += part.decided_otherwise;
    sum.rival_overlooked += part.rival_overlooked;
    sum.threshold_q16 = std::max(sum.threshold_q16, part.threshold_q16);
  }
}

class RealPalmsTest : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!fs::is_directory(PalmsFolder())) {
      GTEST_SKIP() << "no evaluation images: set LADON_PALMS to a folder of <set>/<palm>/"
                      "<session>_<nn>.<ext>";
    }
  }
};

struct Floor {
  const char* set;
  size_t templates;
  double eer_max;  // Fractions; half a unit of the last digit of the floor is allowed.
  double fnmr_1e4_max;
};

void CheckFloor(const Floor& floor) {
  const Scores scores = CrossSessionScores(ReadSet(floor.set), floor.templates);
  ASSERT_FALSE(scores.genuine.empty());
  const double eer = EqualErrorRate(scores);
  const double fnmr = FnmrAtFmr(scores, 1e-4);
  std::printf(
      "%-10s %zu templates: %zu genuine, %zu impostor; EER %.3f %%, FNMR at FMR 1e-3 "
      "%.2f %%, 1e-4 %.2f %%, below every impostor %.2f %%\n",
      floor.set, floor.templates, scores.genuine.size(), scores.impostor.size(), 100 * eer,
      100 * FnmrAtFmr(scores, 1e-3), 100 * fnmr, 100 * FnmrAtFmr(scores, 0));
  EXPECT_LE(eer, floor.eer_max);
  EXPECT_LE(fnmr, floor.fnmr_1e4_max);
}

TEST_F(RealPalmsTest, PolyuThreeTemplates) {
  CheckFloor({"polyu-nir", 3, 0.000005, 0.00005});
}

TEST_F(RealPalmsTest, TongjiThreeTemplates) {
  CheckFloor({"tongji", 3, 0.000005, 0.00005});
}

TEST_F(RealPalmsTest, TongjiOneTemplate) {
  CheckFloor({"tongji", 1, 0.0002, 0.0005});
}

TEST_F(RealPalmsTest, CasiaThreeTemplates) {
  CheckFloor({"casia850", 3, 0.000005, 0.00005});
}

TEST_F(RealPalmsTest, CasiaOneTemplate) {
  CheckFloor({"casia850", 1, 0.03, 0.06});
}

TEST_F(RealPalmsTest, OpenSetWithShippedThresholds) {
  for (const std::string set : {"polyu-nir", "tongji", "casia850"}) {
    const std::vector<Palm>& palms = ReadSet(set);
    OpenSet sum;
    for (const size_t parity : {size_t{0}, size_t{1}}) RunOpenSet(palms, parity, sum);
    size_t failed = 0;
    for (const Palm& palm : palms) failed += palm.failed;
    const double rank_one = static_cast<double>(sum.rank_one) / static_cast<double>(sum.mated);
    std::printf(
        "%-10s open set, both halves enrolled in turn, threshold %d: %zu mated, rank-1 "
        "%.2f %%, FNIR %.2f %%, wrong subject %zu, ambiguous %zu; %zu non-mated, falsely "
        "accepted %zu; failed to extract %zu; the exhaustive search decides otherwise %zu times, "
        "%zu of them against a match\n",
        set.c_str(), sum.threshold_q16, sum.mated, 100 * rank_one,
        100 - 100 * static_cast<double>(sum.matched) / static_cast<double>(sum.mated), sum.wrong,
        sum.ambiguous, sum.non_mated, sum.falsely_accepted, failed, sum.decided_otherwise,
        sum.rival_overlooked);
    EXPECT_GE(rank_one, 0.995) << set;
    EXPECT_EQ(sum.wrong, 0U) << set;
    EXPECT_EQ(sum.falsely_accepted, 0U) << set;
    EXPECT_EQ(sum.rival_overlooked, 0U) << set;
  }
}

// Whole hands, one session: the first picture of each is enrolled, the others are searched.
TEST_F(RealPalmsTest, WholeHandsWithShippedThresholds) {
  const std::vector<fs::path> folders = Sorted(PalmsFolder() / "hands");
  ASSERT_OK_AND_ASSIGN(const auto key, MemoryKey::Create(SeededBytes(1)));
  ASSERT_OK_AND_ASSIGN(
      const auto gallery,
      Gallery::Open({.memory_key = key.get(), .school_secret = kSecret, .random = SeededBytes(2)}));
  size_t pictures = 0;
  size_t located = 0;
  for (size_t hand = 0; hand < folders.size(); ++hand) {
    const std::vector<fs::path> files = Sorted(folders[hand]);
    pictures += files.size();
    const absl::StatusOr<Extraction> row = ExtractTemplate(ReadFile(files.at(0)));
    if (!row.ok()) continue;
    ++located;
    ASSERT_THAT(gallery->Add({SubjectOf(hand), 0}, row->codes[0]), IsOk());
  }
  size_t identified = 0;
  size_t wrong = 0;
  for (size_t hand = 0; hand < folders.size(); ++hand) {
    const std::vector<fs::path> files = Sorted(folders[hand]);
    for (size_t i = 1; i < files.size(); ++i) {
      const absl::StatusOr<Extraction> probe = ExtractProbe(ReadFile(files[i]));
      if (!probe.ok()) continue;
      ++located;
      const SearchResult found = gallery->SearchDetailed(probe->codes).result;
      const bool match = found.decision == Decision::kMatch;
      identified += match && found.subject == SubjectOf(hand) ? 1 : 0;
      wrong += match && found.subject != SubjectOf(hand) ? 1 : 0;
    }
  }
  std::printf("hands      located %zu of %zu, identified %zu of %zu, wrong subject %zu\n", located,
              pictures, identified, pictures - folders.size(), wrong);
  EXPECT_GE(located + 1, pictures);
  EXPECT_GE(identified + 1, pictures - folders.size());
  EXPECT_EQ(wrong, 0U);
}

}  // namespace
}  // namespace ladon::matcher
