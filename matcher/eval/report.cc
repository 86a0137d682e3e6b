#include "matcher/eval/report.h"

#include <array>
#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "matcher/eval/det_plot.h"
#include "matcher/eval/seriation.h"
#include "matcher/vein_code.h"

namespace ladon::matcher::eval {
namespace {

using Json = nlohmann::ordered_json;

struct Line {
  const char* key;
  const char* words;
};
constexpr std::array kRates = {
    Line{"rank1", "closed set: found first (rank-1)"},
    Line{"eer", "equal error rate (EER)"},
    Line{"fnmr_at_fmr_1e-3", "FNMR at FMR 0.1 %"},
    Line{"fnmr_at_fmr_1e-4", "FNMR at FMR 0.01 %"},
    Line{"fnmr_at_fmr_0", "FNMR below every impostor"},
    Line{"fnir_at_fpir_1e-2", "open set: FNIR at FPIR 1 %"},
    Line{"fnir_at_fpir_1e-3", "FNIR at FPIR 0.1 %"},
    Line{"fnir_at_fpir_0", "FNIR below every stranger"},
    Line{"fnir_default", "at the shipped threshold: FNIR"},
    Line{"fpir_default", "FPIR"},
    Line{"ambiguous_default", "ambiguous"},
};

Json NumberOrNull(double value) {
  return std::isfinite(value) ? Json(value) : Json(nullptr);
}

double FailureToEnrol(const Report& report) {
  return report.images == 0
             ? 0
             : static_cast<double>(report.failed_images) / static_cast<double>(report.images);
}

void PutFigure(const std::string& key, const Figure& figure, Json* json) {
  (*json)[key] = NumberOrNull(figure.mean);
  (*json)[key + "_ci90"] = {NumberOrNull(figure.ci90.low), NumberOrNull(figure.ci90.high)};
}

std::string Percent(double rate) {
  return absl::StrFormat("%.3f %%", 100 * rate);
}

std::string Interval90(const Interval& interval) {
  return absl::StrCat(Percent(interval.low), " to ", Percent(interval.high));
}

}  // namespace

std::string RenderJson(const Report& report) {
  Json json;
  json["set"] = report.name;
  json["palms"] = report.palms;
  json["images"] = report.images;
  json["templates_per_palm"] = report.design.templates_per_palm;
  json["enrolled_fraction"] = report.design.enrolled_fraction;
  json["splits"] = report.design.splits;
  json["seed"] = report.design.seed;
  json["two_sessions"] = report.two_sessions;
  json["failure_to_enrol"] = FailureToEnrol(report);
  for (const auto& [key, figure] : report.evaluation.figures) PutFigure(key, figure, &json);
  json["d_sys_two_keys"] = NumberOrNull(report.protection.d_sys_two_keys);
  json["d_sys_same_key"] = NumberOrNull(report.protection.d_sys_same_key);
  json["stolen_key_eer"] = NumberOrNull(report.protection.stolen_key_eer);
  json["seriation_transformed"] = NumberOrNull(report.protection.seriation_transformed);
  json["seriation_in_memory"] = NumberOrNull(report.protection.seriation_in_memory);
  json["seriation_chance"] = kSeriationChance;
  json["extract_ms"] = report.extract_ms;
  json["template_bytes"] = kTemplateBytes;
  json["threshold_default_q16"] = report.evaluation.rule.distance_max_q16;
  json["margin_default_q16"] = report.evaluation.rule.margin_min_q16;
  json["genuine_comparisons"] = report.evaluation.genuine_comparisons;
  json["impostor_comparisons"] = report.evaluation.impostor_comparisons;
  json["mated_searches"] = report.evaluation.mated_searches;
  json["non_mated_searches"] = report.evaluation.non_mated_searches;
  return json.dump(1) + "\n";
}

std::string RenderText(const Report& report) {
  const auto& figures = report.evaluation.figures;
  std::string out = absl::StrFormat(
      "%s: %d palms, %d images, %d refused; %d templates a palm, %s; %d splits, seed %d\n",
      report.name, report.palms, report.images, report.failed_images,
      report.design.templates_per_palm,
      report.two_sessions ? "sessions apart" : "one session only (flatters)", report.design.splits,
      report.design.seed);
  absl::StrAppendFormat(&out, "%-34s %11s   90 %% interval\n", "", "mean");
  for (const Line& line : kRates) {
    const Figure& figure = figures.at(line.key);
    absl::StrAppendFormat(&out, "%-34s %11s   %s\n", line.words, Percent(figure.mean),
                          Interval90(figure.ci90));
  }
  const Figure& margin = figures.at("margin");
  absl::StrAppendFormat(&out, "%-34s %11.4f   %.4f to %.4f\n", "margin: impostor above genuine",
                        margin.mean, margin.ci90.low, margin.ci90.high);
  absl::StrAppendFormat(&out, "%-34s %11.2f\n", "wrong palm, searches of a split",
                        figures.at("wrong_palm").mean);
  absl::StrAppendFormat(&out,
                        "linkable across two keys (D_sys) %.3f, within one %.3f; EER with the key "
                        "stolen %s\nneighbouring cells found by correlation: %s with the "
                        "transform alone, %s in memory (chance %s)\nextraction of a probe %.1f ms; "
                        "template %d bytes\n",
                        report.protection.d_sys_two_keys, report.protection.d_sys_same_key,
                        Percent(report.protection.stolen_key_eer),
                        Percent(report.protection.seriation_transformed),
                        Percent(report.protection.seriation_in_memory), Percent(kSeriationChance),
                        report.extract_ms, kTemplateBytes);
  return out;
}

std::string RenderPlot(const Report& report) {
  const auto& figures = report.evaluation.figures;
  const Figure& eer = figures.at("eer");
  const Figure& fnmr = figures.at("fnmr_at_fmr_1e-4");
  return RenderSvg(
      {.title = absl::StrFormat("%s, %d palms, %d templates each", report.name, report.palms,
                                report.design.templates_per_palm),
       .notes = {absl::StrCat("EER ", Percent(eer.mean), " (90 %: ", Interval90(eer.ci90), ")"),
                 absl::StrCat("FNMR at FMR 0.01 %: ", Percent(fnmr.mean),
                              " (90 %: ", Interval90(fnmr.ci90), ")")},
       .curve = report.evaluation.det,
       .eer = eer.mean,
       .genuine_comparisons = report.evaluation.genuine_comparisons,
       .impostor_comparisons = report.evaluation.impostor_comparisons});
}

absl::Status WriteFile(const std::string& path, const std::string& text) {
  std::ofstream out(path, std::ios::binary | std::ios::trunc);
  out << text;
  out.close();
  if (!out) return absl::FailedPreconditionError(absl::StrCat(path, ": cannot be written"));
  return absl::OkStatus();
}

}  // namespace ladon::matcher::eval
