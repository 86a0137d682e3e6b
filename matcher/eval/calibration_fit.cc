#include "matcher/eval/calibration_fit.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <cmath>
#include <limits>
#include <numeric>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "matcher/distance.h"

namespace ladon::matcher::eval {
namespace {

constexpr double kTailFraction = 1e-3;
constexpr double kRounding = 100;

struct Nearest {
  int32_t own = std::numeric_limits<int32_t>::max();
  int32_t other = std::numeric_limits<int32_t>::max();
};

// Of the first `templates` of every palm.
Nearest NearestOf(const DistanceTable& table, const DistanceTable::Probe& probe, size_t templates) {
  Nearest nearest;
  for (size_t palm = 0; palm < table.palms(); ++palm) {
    const size_t first = table.first_template()[palm];
    const size_t last = std::min(first + templates, table.first_template()[palm + 1]);
    int32_t& least = palm == probe.palm ? nearest.own : nearest.other;
    for (size_t row = first; row < last; ++row) {
      least = std::min(least, probe.distances_q16[row]);
    }
  }
  return nearest;
}

std::vector<int32_t> ImpostorsOf(const DistanceTable& table) {
  std::vector<int32_t> impostors;
  for (const DistanceTable::Probe& probe : table.probes()) {
    const size_t own_first = table.first_template()[probe.palm];
    const size_t own_last = table.first_template()[probe.palm + 1];
    const auto& distances = probe.distances_q16;
    impostors.insert(impostors.end(), distances.begin(),
                     distances.begin() + static_cast<ptrdiff_t>(own_first));
    impostors.insert(impostors.end(), distances.begin() + static_cast<ptrdiff_t>(own_last),
                     distances.end());
  }
  return impostors;
}

// Rows of all palms with at most `templates` each.
size_t RowsOf(const DistanceTable& table, size_t templates) {
  size_t rows = 0;
  for (size_t palm = 0; palm < table.palms(); ++palm) {
    rows += std::min(templates, table.first_template()[palm + 1] - table.first_template()[palm]);
  }
  return rows;
}

// Steps of kDefaultThresholds, the last one for a gallery of `rows_max`.
double RowsOfStep(size_t step, size_t probe_codes, uint64_t rows_max) {
  const uint64_t looks = kDefaultThresholds.steps[step].looks_max;
  if (step + 1 == kDefaultThresholds.steps.size()) return static_cast<double>(rows_max);
  return static_cast<double>(looks) / static_cast<double>(probe_codes);
}

absl::StatusOr<std::vector<ImpostorTail>> FitTails(std::span<const CalibrationInput> sets) {
  std::vector<ImpostorTail> tails;
  for (const CalibrationInput& set : sets) {
    absl::StatusOr<ImpostorTail> tail = FitTail(ImpostorsOf(*set.table));
    if (!tail.ok()) {
      return absl::Status(tail.status().code(),
                          absl::StrCat("set ", set.name, ": ", tail.status().message()));
    }
    tails.push_back(*tail);
  }
  return tails;
}

Thresholds ThresholdsFor(std::span<const ImpostorTail> tails, double fpir,
                         std::span<const CalibrationInput> sets, uint64_t rows_max) {
  Thresholds thresholds = kDefaultThresholds;
  double before = kDistanceUnrelatedQ16 - 1;
  for (size_t step = 0; step < thresholds.steps.size(); ++step) {
    double least = before;
    for (size_t i = 0; i < tails.size(); ++i) {
      const double rows = RowsOfStep(step, sets[i].probe_codes, rows_max);
      least = std::min(least, tails[i].ThresholdFor(fpir, rows));
    }
    before = std::max(kRounding, std::floor(least / kRounding) * kRounding);
    thresholds.steps[step].distance_max_q16 = static_cast<int32_t>(before);
  }
  return thresholds;
}

struct Shares {
  double fnir = 0;
  double nearest_other_within = 0;
};

Shares SharesWith(const Thresholds& thresholds, const CalibrationInput& set, size_t templates) {
  const DecisionRule rule = RuleFor(thresholds, RowsOf(*set.table, templates), set.probe_codes);
  Shares shares;
  const auto probes = static_cast<double>(set.table->probes().size());
  for (const DistanceTable::Probe& probe : set.table->probes()) {
    const Nearest nearest = NearestOf(*set.table, probe, templates);
    shares.fnir += (nearest.own > rule.distance_max_q16 ? 1 : 0) / probes;
    shares.nearest_other_within += (nearest.other <= rule.distance_max_q16 ? 1 : 0) / probes;
  }
  return shares;
}

}  // namespace

double ImpostorTail::UnitsPerDecade() const {
  return scale_q16 * std::log(10.0);
}

double ImpostorTail::Fmr(double distance_q16) const {
  return fmr_at_start * std::exp(-std::max(0.0, start_q16 - distance_q16) / scale_q16);
}

double ImpostorTail::ThresholdFor(double fpir, double rows) const {
  assert(fpir > 0 && fpir < 1 && rows >= 1);
  // 1 - (1 - fpir)^(1 / rows), without losing what is left of a small rate.
  const double fmr = -std::expm1(std::log1p(-fpir) / rows);
  const double fitted =
      fmr >= fmr_at_start ? start_q16 : start_q16 - scale_q16 * std::log(fmr_at_start / fmr);
  // As many comparisons again would have a nearest of their own.
  return std::min(fitted, nearest_q16 - UnitsPerDecade() / 4);
}

absl::StatusOr<ImpostorTail> FitTail(std::vector<int32_t> impostors_q16) {
  if (impostors_q16.size() < kTailComparisonsMin) {
    return absl::FailedPreconditionError(
        absl::StrCat("only ", impostors_q16.size(), " comparisons of different palms; at least ",
                     kTailComparisonsMin, " are needed to fit a tail"));
  }
  std::sort(impostors_q16.begin(), impostors_q16.end());
  ImpostorTail tail;
  tail.comparisons = impostors_q16.size();
  tail.nearest_q16 = impostors_q16.front();
  tail.one_in_ten_thousand_q16 = impostors_q16[impostors_q16.size() / 10'000];
  const auto count = static_cast<size_t>(kTailFraction * static_cast<double>(tail.comparisons));
  tail.start_q16 = impostors_q16[count];
  tail.fmr_at_start = static_cast<double>(count) / static_cast<double>(tail.comparisons);
  const double sum = std::accumulate(impostors_q16.begin(),
                                     impostors_q16.begin() + static_cast<ptrdiff_t>(count), 0.0);
  tail.scale_q16 = tail.start_q16 - sum / static_cast<double>(count);
  if (tail.scale_q16 <= 0) {
    return absl::FailedPreconditionError(
        "the nearest impostors are all equally near; these are not independent palms");
  }
  return tail;
}

absl::StatusOr<Calibration> FitCalibration(std::span<const CalibrationInput> sets,
                                           const CalibrationDesign& design) {
  const absl::StatusOr<std::vector<ImpostorTail>> tails = FitTails(sets);
  if (!tails.ok()) return tails.status();
  Calibration calibration{
      .thresholds = ThresholdsFor(*tails, design.wanted_fpir, sets, design.rows_max),
      .wanted_fpir = design.wanted_fpir,
      .subjects = design.subjects,
      .sets = {}};
  for (size_t i = 0; i < sets.size(); ++i) {
    const ImpostorTail& tail = (*tails)[i];
    const Shares shares = SharesWith(calibration.thresholds, sets[i], design.templates_per_palm);
    calibration.sets.push_back({.name = sets[i].name,
                                .palms = sets[i].table->palms(),
                                .probes = sets[i].table->probes().size(),
                                .templates = sets[i].table->first_template().back(),
                                .two_sessions = sets[i].two_sessions,
                                .impostor_comparisons = tail.comparisons,
                                .nearest_impostor_q16 = tail.nearest_q16,
                                .one_in_ten_thousand_q16 = tail.one_in_ten_thousand_q16,
                                .units_per_decade = std::round(tail.UnitsPerDecade()),
                                .fnir = shares.fnir,
                                .nearest_other_within = shares.nearest_other_within});
  }
  return calibration;
}

std::string DescribeCalibration(const Calibration& calibration,
                                std::span<const CalibrationInput> sets,
                                const CalibrationDesign& design) {
  std::string text;
  for (const CalibrationSet& set : calibration.sets) {
    absl::StrAppendFormat(
        &text,
        "%s: %d palms, %d probes, %d impostor comparisons: nearest %d, one in 10 000 nearer than "
        "%d, %.0f units a decade (fitted)\n",
        set.name, set.palms, set.probes, set.impostor_comparisons, set.nearest_impostor_q16,
        set.one_in_ten_thousand_q16, set.units_per_decade);
  }
  absl::StrAppendFormat(&text,
                        "\nhands of %s; exponential tail fit, worst of the sets, margin rule left "
                        "out; %d templates a palm\n",
                        calibration.subjects, design.templates_per_palm);
  absl::StrAppend(&text, "wanted FPIR  thresholds for ");
  for (size_t step = 0; step < calibration.thresholds.steps.size(); ++step) {
    absl::StrAppendFormat(&text, "%s%.0f", step == 0 ? "" : " / ",
                          RowsOfStep(step, sets[0].probe_codes, design.rows_max));
  }
  absl::StrAppend(&text, " rows; FNIR with them\n");
  const absl::StatusOr<std::vector<ImpostorTail>> tails = FitTails(sets);
  if (!tails.ok()) return text;  // FitCalibration has refused it.
  constexpr std::array kRates = {1e-2, 1e-3, 1e-4, 1e-5, 1e-6};
  for (const double fpir : kRates) {
    const Thresholds thresholds = ThresholdsFor(*tails, fpir, sets, design.rows_max);
    absl::StrAppendFormat(&text, "%-11.0e ", fpir);
    for (const ThresholdStep& step : thresholds.steps) {
      absl::StrAppendFormat(&text, " %d", step.distance_max_q16);
    }
    for (const CalibrationInput& set : sets) {
      absl::StrAppendFormat(&text, "  %s %.2f %%", set.name,
                            100 * SharesWith(thresholds, set, design.templates_per_palm).fnir);
    }
    absl::StrAppend(&text, "\n");
  }
  return text;
}

}  // namespace ladon::matcher::eval
