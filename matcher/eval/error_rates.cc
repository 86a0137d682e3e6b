#include "matcher/eval/error_rates.h"

#include <algorithm>
#include <cassert>
#include <cmath>

namespace ladon::matcher::eval {
namespace {

constexpr double kScale = 65536;

// P(at most `errors` of `trials`) when each has probability `rate`, within (0, 1). Term by term in
// logarithms, so that none overflows or vanishes too early.
double AtMost(size_t trials, size_t errors, double rate) {
  double log_mass = static_cast<double>(trials) * std::log1p(-rate);
  double sum = std::exp(log_mass);
  for (size_t k = 1; k <= errors; ++k) {
    log_mass += std::log(static_cast<double>(trials - k + 1) / static_cast<double>(k)) +
                std::log(rate) - std::log1p(-rate);
    sum += std::exp(log_mass);
  }
  return sum;
}

// The rate at which `probability(rate)`, which falls with the rate, is `wanted`.
template <class Probability>
double Solve(const Probability& probability, double wanted) {
  double low = 0;
  double high = 1;
  for (int step = 0; step < 100; ++step) {
    const double middle = (low + high) / 2;
    (probability(middle) > wanted ? low : high) = middle;
  }
  return (low + high) / 2;
}

}  // namespace

void Scores::Sort() {
  std::sort(genuine.begin(), genuine.end());
  std::sort(impostor.begin(), impostor.end());
}

double FnmrAtThreshold(const Scores& scores, int32_t threshold_q16) {
  const auto matched =
      std::upper_bound(scores.genuine.begin(), scores.genuine.end(), threshold_q16);
  return static_cast<double>(scores.genuine.end() - matched) /
         static_cast<double>(scores.genuine.size());
}

double FmrAtThreshold(const Scores& scores, int32_t threshold_q16) {
  const auto matched =
      std::upper_bound(scores.impostor.begin(), scores.impostor.end(), threshold_q16);
  return static_cast<double>(matched - scores.impostor.begin()) /
         static_cast<double>(scores.impostor.size());
}

int32_t ThresholdAtFmr(const Scores& scores, double fmr) {
  assert(!scores.impostor.empty());
  const auto allowed =
      static_cast<size_t>(fmr * static_cast<double>(scores.impostor.size()) * (1 + 1e-12));
  if (allowed >= scores.impostor.size()) return scores.impostor.back();
  // One unit below the first impostor that may not match, so equal ones are shut out with it.
  return scores.impostor[allowed] - 1;
}

double FnmrAtFmr(const Scores& scores, double fmr) {
  return FnmrAtThreshold(scores, ThresholdAtFmr(scores, fmr));
}

double EqualErrorRate(const Scores& scores) {
  assert(!scores.genuine.empty() && !scores.impostor.empty());
  if (scores.genuine.back() < scores.impostor.front()) return 0;
  // FMR grows and FNMR falls with the threshold: bisect for the first where FMR is the larger.
  int32_t low = scores.impostor.front() - 1;
  int32_t high = scores.genuine.back();
  while (low + 1 < high) {
    const int32_t middle = low + (high - low) / 2;
    (FmrAtThreshold(scores, middle) >= FnmrAtThreshold(scores, middle) ? high : low) = middle;
  }
  const auto mean_at = [&](int32_t t) {
    return (FmrAtThreshold(scores, t) + FnmrAtThreshold(scores, t)) / 2;
  };
  const auto gap_at = [&](int32_t t) {
    return std::abs(FmrAtThreshold(scores, t) - FnmrAtThreshold(scores, t));
  };
  return gap_at(low) < gap_at(high) ? mean_at(low) : mean_at(high);
}

double SeparationMargin(const Scores& scores) {
  assert(!scores.genuine.empty() && !scores.impostor.empty());
  return (scores.impostor.front() - scores.genuine.back()) / kScale;
}

std::vector<DetPoint> DetCurve(const Scores& scores, size_t points_max) {
  assert(!scores.genuine.empty() && !scores.impostor.empty() && points_max >= 2);
  const int32_t first = std::min(scores.genuine.front(), scores.impostor.front()) - 1;
  const int32_t last = std::max(scores.genuine.back(), scores.impostor.back());
  std::vector<DetPoint> points;
  for (size_t i = 0; i < points_max; ++i) {
    const auto threshold =
        static_cast<int32_t>(first + (int64_t{last} - first) * static_cast<int64_t>(i) /
                                         static_cast<int64_t>(points_max - 1));
    const DetPoint point{.fmr = FmrAtThreshold(scores, threshold),
                         .fnmr = FnmrAtThreshold(scores, threshold)};
    if (points.empty() || points.back().fmr != point.fmr || points.back().fnmr != point.fnmr) {
      points.push_back(point);
    }
  }
  return points;
}

Interval Middle90(std::vector<double> samples) {
  assert(!samples.empty());
  std::sort(samples.begin(), samples.end());
  const auto at = [&](double share) {
    const auto rank = static_cast<size_t>(std::ceil(share * static_cast<double>(samples.size())));
    return samples[std::clamp<size_t>(rank, 1, samples.size()) - 1];
  };
  return {.low = at(0.05), .high = at(0.95)};
}

Interval ClopperPearson90(size_t errors, size_t trials) {
  assert(trials > 0 && errors <= trials);
  constexpr double kTail = 0.05;
  Interval interval{.low = 0, .high = 1};
  if (errors > 0) {
    interval.low = Solve([&](double rate) { return AtMost(trials, errors - 1, rate); }, 1 - kTail);
  }
  if (errors < trials) {
    interval.high = Solve([&](double rate) { return AtMost(trials, errors, rate); }, kTail);
  }
  return interval;
}

}  // namespace ladon::matcher::eval
