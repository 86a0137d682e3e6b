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
};

struct ThresholdStep {
  uint64_t looks_max;
  int32_t distance_max_q16;
};

struct Thresholds {
  std::array<ThresholdStep, 4> steps;  // Ascending looks_max, falling distance_max_q16.
  int32_t margin_min_q16;
};

// Measured with the shipped extractor on three public sets (450 palms, 3 templates each, 7 probe
// codes, sessions apart): at 23 500 nobody was taken for somebody else and no stranger for anybody
// in 2 550 mated and 2 550 non-mated attempts. Of 1.1 million pairs of a probe and another palm one
// in 10^3 is nearer than 24 710, one in 10^4 than 24 130, the nearest is at 23 300: about 600 units
// a decade, hence the steps. The nearest two strangers of a probe are rarely 1 638 units apart, and
// a palm and the next one hardly ever less.
inline constexpr Thresholds kDefaultThresholds = {
    .steps = {{{.looks_max = 1'000, .distance_max_q16 = 23'700},
               {.looks_max = 10'000, .distance_max_q16 = 23'500},
               {.looks_max = 100'000, .distance_max_q16 = 22'900},
               {.looks_max = UINT64_MAX, .distance_max_q16 = 22'400}}},
    .margin_min_q16 = 1'638,
};

// The rule for a search of `rows` rows with `probe_codes` codes.
constexpr DecisionRule RuleFor(const Thresholds& thresholds, size_t rows, size_t probe_codes) {
  const uint64_t looks = uint64_t{rows} * probe_codes;
  size_t step = 0;
  while (step + 1 < thresholds.steps.size() && looks > thresholds.steps[step].looks_max) ++step;
  return {.distance_max_q16 = thresholds.steps[step].distance_max_q16,
          .margin_min_q16 = thresholds.margin_min_q16};
}

}  // namespace ladon::matcher

#endif  // LADON_MATCHER_THRESHOLDS_H_
