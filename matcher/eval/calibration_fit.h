// Thresholds for a wanted false positive identification rate, fitted to measured impostors.
//
// The nearest thousandth of a set's impostor comparisons is fitted by an exponential tail (peaks
// over a threshold with shape 0; Coles, "An Introduction to Statistical Modeling of Extreme
// Values", 2001, chapter 4): below a distance u that one comparison in 1 000 reaches, FMR(t) =
// FMR(u) * exp(-(u - t) / s). A search of N rows by somebody who is not enrolled then has FPIR =
// 1 - (1 - FMR)^N. Comparisons of one probe are not independent and the margin rule is left out,
// so this is a guide and not a proof. Pure.
#ifndef LADON_MATCHER_EVAL_CALIBRATION_FIT_H_
#define LADON_MATCHER_EVAL_CALIBRATION_FIT_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "matcher/calibration.h"
#include "matcher/eval/distance_table.h"

namespace ladon::matcher::eval {

// Fewer comparisons leave no tail to fit.
inline constexpr size_t kTailComparisonsMin = 10'000;

struct ImpostorTail {
  size_t comparisons = 0;
  int32_t nearest_q16 = 0;
  int32_t one_in_ten_thousand_q16 = 0;  // Measured.
  double start_q16 = 0;                 // u.
  double fmr_at_start = 0;
  double scale_q16 = 0;  // s, the mean excess.

  // Units of distance that make impostors ten times as rare.
  [[nodiscard]] double UnitsPerDecade() const;
  // For t up to the start of the tail; beyond it the rate at the start.
  [[nodiscard]] double Fmr(double distance_q16) const;
  // The farthest threshold whose FPIR in a gallery of `rows` is `fpir`, but nearer than every
  // impostor seen, by a quarter of a decade.
  [[nodiscard]] double ThresholdFor(double fpir, double rows) const;
};

// FailedPrecondition: fewer than kTailComparisonsMin, or a tail without spread.
[[nodiscard]] absl::StatusOr<ImpostorTail> FitTail(std::vector<int32_t> impostors_q16);

struct CalibrationDesign {
  double wanted_fpir = 1e-3;
  uint64_t rows_max = 1'000'000;  // The largest gallery that the last step serves.
  size_t templates_per_palm = 3;  // Of the FNIR that is told beside the thresholds.
  std::string subjects;
};

struct CalibrationInput {
  std::string name;
  const DistanceTable* table = nullptr;
  size_t probe_codes = 0;
  bool two_sessions = false;
};

// The thresholds that hold for the worst of the sets, rounded down to hundreds; margin and the rule
// for only candidates are those of kDefaultThresholds. Refuses as FitTail, naming the set.
[[nodiscard]] absl::StatusOr<Calibration> FitCalibration(std::span<const CalibrationInput> sets,
                                                         const CalibrationDesign& design);

// For people: the thresholds, what they rest on, and what other rates would cost.
[[nodiscard]] std::string DescribeCalibration(const Calibration& calibration,
                                              std::span<const CalibrationInput> sets,
                                              const CalibrationDesign& design);

}  // namespace ladon::matcher::eval

#endif  // LADON_MATCHER_EVAL_CALIBRATION_FIT_H_
