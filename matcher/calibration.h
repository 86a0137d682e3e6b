// The calibration file: the thresholds of a server, what they rest on, and what they were made for.
//
// JSON, at most kCalibrationBytesMax, written by `ladon-eval calibrate` and sealed with the SHA-256
// of its own content, so that a slip of an editor is not taken for a threshold (it is no proof of
// who wrote it: who may write the file may set the thresholds). A file that was made for another
// template version, extractor or comparison says nothing about this one and is refused. Pure but
// for LoadCalibration; safe from any thread.
#ifndef LADON_MATCHER_CALIBRATION_H_
#define LADON_MATCHER_CALIBRATION_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "matcher/thresholds.h"

namespace ladon::matcher {

inline constexpr size_t kCalibrationBytesMax = size_t{64} * 1024;
inline constexpr size_t kCalibrationSetsMax = 32;

// One set of images that thresholds rest on.
struct CalibrationSet {
  std::string name;
  uint64_t palms = 0;
  uint64_t probes = 0;
  uint64_t templates = 0;
  bool two_sessions = false;
  // Measured: impostor comparisons of a probe with a template, the nearest of them, and the
  // distance below which one in 10 000 lies.
  uint64_t impostor_comparisons = 0;
  int32_t nearest_impostor_q16 = 0;
  int32_t one_in_ten_thousand_q16 = 0;
  // Fitted: how many units of distance make impostors ten times as rare.
  double units_per_decade = 0;
  // With the thresholds of this file, shares of probes of all palms enrolled, 0 to 1: their own
  // palm is not within the threshold (FNIR), the nearest other palm is.
  double fnir = 0;
  double nearest_other_within = 0;

  friend bool operator==(const CalibrationSet&, const CalibrationSet&) = default;
};

struct Calibration {
  Thresholds thresholds = kDefaultThresholds;
  // Of a search by somebody who is not enrolled, at the largest gallery of each step. Beyond what
  // was measured it is an extrapolation: an exponential tail fitted to the nearest impostors.
  double wanted_fpir = 0;
  std::string subjects;  // Whose hands: "adults", "children" or "mixed".
  std::vector<CalibrationSet> sets;
};

// deploy/calibration.json as it was when this program was built.
[[nodiscard]] std::string ShippedCalibration();

// The file's text, with a line break at its end.
[[nodiscard]] std::string RenderCalibration(const Calibration& calibration);

// InvalidArgument, naming what and the cure: not a calibration file (foreign), changed or damaged,
// made for another version (stale), or a value out of bounds.
[[nodiscard]] absl::StatusOr<Calibration> ParseCalibration(std::string_view text);

// Also NotFound: there is no such file, or it cannot be read. Messages begin with `path`.
[[nodiscard]] absl::StatusOr<Calibration> LoadCalibration(const std::string& path);

}  // namespace ladon::matcher

#endif  // LADON_MATCHER_CALIBRATION_H_
