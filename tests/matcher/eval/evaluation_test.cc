// Goal: the figures of an evaluation are those of the scores it was given: palms that are easy,
// hard and alike show up where they should, and the same seed gives the same report. Method: palms
// made of random codes with a known share of redrawn cells; the plot and the JSON read back.
#include "matcher/eval/evaluation.h"

#include <array>
#include <nlohmann/json.hpp>
#include <random>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "matcher/eval/protection.h"
#include "matcher/eval/report.h"
#include "tests/matcher/random_codes.h"
#include "tests/testing/status_testing.h"

namespace ladon::matcher::eval {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr size_t kPalms = 12;
constexpr size_t kTemplates = 4;
constexpr size_t kProbes = 3;

// Captures of a palm differ from it in `noise` of their cells.
CodedSet MakeSet(double noise, uint64_t seed = 1) {
  std::mt19937_64 rng(seed);
  CodedSet set;
  set.probe_codes = 1;
  for (size_t p = 0; p < kPalms; ++p) {
    const VeinCode palm = RandomCode(rng);
    CodedPalm coded;
    for (size_t i = 0; i < kTemplates; ++i) coded.templates.push_back(NoisyCopy(palm, noise, rng));
    for (size_t i = 0; i < kProbes; ++i) coded.probes.push_back({NoisyCopy(palm, noise, rng)});
    set.palms.push_back(std::move(coded));
  }
  set.images = kPalms * (kTemplates + kProbes);
  return set;
}

DistanceTable TableOf(const CodedSet& set, size_t threads = 2) {
  std::array<uint8_t, kSchoolSecretBytes> secret{};
  auto table = DistanceTable::Compute(set, SchoolTransform::Derive(secret), threads, {});
  EXPECT_TRUE(table.ok()) << table.status();
  return *std::move(table);
}

double Mean(const Evaluation& evaluation, const std::string& key) {
  return evaluation.figures.at(key).mean;
}

TEST(EvaluationTest, EasyPalmsGiveNoError) {
  const CodedSet set = MakeSet(0.2);
  const Evaluation evaluation =
      Evaluate(TableOf(set), set.probe_codes, {.templates_per_palm = 3}, kDefaultThresholds);
  EXPECT_DOUBLE_EQ(Mean(evaluation, "rank1"), 1);
  for (const char* rate : {"eer", "fnmr_at_fmr_0", "fnir_at_fpir_0", "fnir_default", "fpir_default",
                           "ambiguous_default", "wrong_palm"}) {
    EXPECT_DOUBLE_EQ(Mean(evaluation, rate), 0) << rate;
  }
  EXPECT_GT(Mean(evaluation, "margin"), 0.1);
  EXPECT_EQ(evaluation.genuine_comparisons, kPalms * kProbes);
  EXPECT_EQ(evaluation.impostor_comparisons, kPalms * (kPalms - 1) * kProbes);
  EXPECT_EQ(evaluation.mated_searches + evaluation.non_mated_searches, kPalms * kProbes);
  // No error in 36 attempts is no proof of none: 1 - 0.05^(1/36).
  EXPECT_NEAR(evaluation.figures.at("eer").ci90.high, 0.0799, 1e-3);
  EXPECT_DOUBLE_EQ(evaluation.figures.at("eer").ci90.low, 0);
}

TEST(EvaluationTest, PalmsWithoutAnythingInCommonAreNeverFound) {
  const CodedSet set = MakeSet(1.0);
  const Evaluation evaluation =
      Evaluate(TableOf(set), set.probe_codes, {.templates_per_palm = 1}, kDefaultThresholds);
  EXPECT_LT(Mean(evaluation, "rank1"), 0.5);
  EXPECT_GT(Mean(evaluation, "eer"), 0.2);
  EXPECT_DOUBLE_EQ(Mean(evaluation, "fnir_default"), 1);
  EXPECT_DOUBLE_EQ(Mean(evaluation, "fpir_default"), 0);
}

TEST(EvaluationTest, TwoFoldersOfOnePalmAreAmbiguousAndNeverTheWrongPalm) {
  CodedSet set = MakeSet(0.2);
  set.palms[1] = set.palms[0];  // Somebody filed one palm under two names.
  const Evaluation evaluation = Evaluate(
      TableOf(set), set.probe_codes,
      {.templates_per_palm = 4, .enrolled_fraction = 0.95, .splits = 4}, kDefaultThresholds);
  EXPECT_GT(Mean(evaluation, "ambiguous_default"), 0);
  EXPECT_GT(Mean(evaluation, "fnmr_at_fmr_0"), 0);
  EXPECT_DOUBLE_EQ(Mean(evaluation, "wrong_palm"), 0);
}

TEST(EvaluationTest, MoreTemplatesAreNearer) {
  const CodedSet set = MakeSet(0.7);
  const DistanceTable table = TableOf(set);
  const auto margin = [&](size_t templates) {
    return Mean(Evaluate(table, 1, {.templates_per_palm = templates}, kDefaultThresholds),
                "margin");
  };
  EXPECT_GT(margin(4), margin(1));
}

TEST(EvaluationTest, TheSeedAndNothingElseDecides) {
  const CodedSet set = MakeSet(0.7);
  const auto json = [&](size_t threads, uint64_t seed) {
    Report report{.name = "set", .design = {.templates_per_palm = 2, .seed = seed}};
    report.evaluation = Evaluate(TableOf(set, threads), 1, report.design, kDefaultThresholds);
    report.protection = *MeasureProtection(set, seed);
    return RenderJson(report);
  };
  EXPECT_EQ(json(1, 5), json(2, 5));
  EXPECT_NE(json(1, 5), json(1, 6));
}

TEST(EvaluationTest, ProtectedTemplatesLinkWithinAKeyAndNotAcrossKeys) {
  ASSERT_OK_AND_ASSIGN(const ProtectionFigures figures, MeasureProtection(MakeSet(0.3), 1));
  EXPECT_GT(figures.d_sys_same_key, 0.95);
  EXPECT_LT(figures.d_sys_two_keys, 0.3) << "504 pairs: chance alone gives some";
  EXPECT_DOUBLE_EQ(figures.stolen_key_eer, 0);
}

TEST(EvaluationTest, ReportHasEveryKeyAsAPlainNumber) {
  const CodedSet set = MakeSet(0.4);
  Report report{.name = "a <set> & more", .design = {}, .palms = kPalms, .images = set.images};
  report.failed_images = 21;
  report.evaluation = Evaluate(TableOf(set), 1, report.design, kDefaultThresholds);
  report.protection = *MeasureProtection(set, 1);
  const auto json = nlohmann::json::parse(RenderJson(report));
  for (const char* key : {"palms",
                          "images",
                          "failure_to_enrol",
                          "rank1",
                          "eer",
                          "fnmr_at_fmr_1e-3",
                          "fnmr_at_fmr_1e-4",
                          "fnmr_at_fmr_0",
                          "margin",
                          "fnir_at_fpir_1e-2",
                          "fnir_at_fpir_1e-3",
                          "fnir_at_fpir_0",
                          "d_sys_two_keys",
                          "d_sys_same_key",
                          "stolen_key_eer",
                          "extract_ms",
                          "template_bytes",
                          "fnir_default",
                          "fpir_default",
                          "ambiguous_default",
                          "wrong_palm"}) {
    ASSERT_TRUE(json.contains(key)) << key;
    EXPECT_TRUE(json[key].is_number()) << key;
  }
  EXPECT_DOUBLE_EQ(json["failure_to_enrol"], 0.25);
  EXPECT_EQ(json["eer_ci90"].size(), 2u);
  EXPECT_LE(json["eer_ci90"][0], json["eer"]);
  EXPECT_GE(json["eer_ci90"][1], json["eer"]);
  EXPECT_THAT(RenderText(report), HasSubstr("FNIR at FPIR 0.1 %"));
  const std::string svg = RenderPlot(report);
  EXPECT_THAT(svg, HasSubstr("a &lt;set&gt; &amp; more"));
  EXPECT_THAT(svg, Not(HasSubstr("nan")));
  EXPECT_THAT(svg, HasSubstr("</svg>"));
}

}  // namespace
}  // namespace ladon::matcher::eval
