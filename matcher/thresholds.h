// When a distance is near enough: the decision thresholds, as data, with what they rest on.
//
// The best of many looks is lower than one look, so the bound falls with the number of looks
// (rows searched x probe codes). Basis, aggregate figures and the command: matcher/README.md,
// "Thresholds". Pure.
#ifndef LADON_MATCHER_THRESHOLDS_H_
#define LADON_MATCHER_THRESHOLDS_H_

#include <array>
#include <cstddef>
#include <cstdint>

namespace ladon::matcher {

// Distances are those of distance.h: 1/65536 units, lower is nearer.
struct DecisionRule {
  int32_t distance_max_q16;  // Nearer or equal: a candidate.
  int32_t margin_min_q16;    // The best other subject must be at least this much farther.
  // A candidate somewhat beyond distance_max_q16 counts too if it stands clearly alone: among
  // strangers the nearest two of many are close to each other, whatever the sensor, while the owner
  // of a badly taken palm is far before all others. Equal to distance_max_q16: no such candidate.
  int32_t alone_distance_max_q16;
  int32_t alone_margin_min_q16;
};

struct ThresholdStep {
  uint64_t looks_max;
  int32_t distance_max_q16;

  friend bool operator==(const ThresholdStep&, const ThresholdStep&) = default;
};

struct Thresholds {
  std::array<ThresholdStep, 4> steps;  // Ascending looks_max, falling distance_max_q16.
  int32_t margin_min_q16;
  int32_t alone_extra_q16;       // How far beyond a step's distance an only candidate may be.
  int32_t alone_margin_min_q16;  // At least margin_min_q16.
  // In a smaller gallery standing alone says little; in a larger one finding out takes too long.
  size_t alone_rows_min;
  size_t alone_rows_max;

  friend bool operator==(const Thresholds&, const Thresholds&) = default;
};

// The steps of deploy/calibration.json, fitted by `ladon-eval calibrate` to three public sets (450
// palms of adults) for one false identification in 1 000 searches by strangers; a test holds both
// equal. Of pairs of a probe and a template of the set whose palms are most alike one in 10^4 is
// nearer than 25 173, the nearest of 1.4 million is at 24 164: 541 units a decade. The nearest two
// strangers of a probe are rarely 1 638 units apart, and a palm and the next one hardly ever less.
inline constexpr Thresholds kDefaultThresholds = {
    .steps = {{{.looks_max = 1'000, .distance_max_q16 = 24'000},
               {.looks_max = 10'000, .distance_max_q16 = 23'900},
               {.looks_max = 100'000, .distance_max_q16 = 23'300},
               {.looks_max = UINT64_MAX, .distance_max_q16 = 22'400}}},
    .margin_min_q16 = 1'638,
    .alone_extra_q16 = 800,
    .alone_margin_min_q16 = 2'000,
    .alone_rows_min = 100,
    .alone_rows_max = 20'000,
};

// The rule for a search of `rows` rows with `probe_codes` codes.
constexpr DecisionRule RuleFor(const Thresholds& thresholds, size_t rows, size_t probe_codes) {
  const uint64_t looks = uint64_t{rows} * probe_codes;
  size_t step = 0;
  while (step + 1 < thresholds.steps.size() && looks > thresholds.steps[step].looks_max) ++step;
  const int32_t distance_max_q16 = thresholds.steps[step].distance_max_q16;
  const bool may_be_alone = rows >= thresholds.alone_rows_min && rows <= thresholds.alone_rows_max;
  const int32_t extra_q16 = may_be_alone ? thresholds.alone_extra_q16 : 0;
  return {.distance_max_q16 = distance_max_q16,
          .margin_min_q16 = thresholds.margin_min_q16,
          .alone_distance_max_q16 = distance_max_q16 + extra_q16,
          .alone_margin_min_q16 = thresholds.alone_margin_min_q16};
}

}  // namespace ladon::matcher

#endif  // LADON_MATCHER_THRESHOLDS_H_
