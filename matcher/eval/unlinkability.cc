#include "matcher/eval/unlinkability.h"

#include <algorithm>
#include <cassert>
#include <cstddef>
#include <vector>

namespace ladon::matcher::eval {
namespace {

constexpr size_t kScoresMin = 100;
constexpr size_t kBinsMax = 100;

// Shares of `scores` in `bins` equal bins over [low, high].
std::vector<double> Histogram(std::span<const double> scores, double low, double high,
                              size_t bins) {
  std::vector<double> shares(bins);
  const double width = (high - low) / static_cast<double>(bins);
  for (const double score : scores) {
    const size_t bin =
        width > 0 ? std::min(bins - 1, static_cast<size_t>((score - low) / width)) : 0;
    shares[bin] += 1.0 / static_cast<double>(scores.size());
  }
  return shares;
}

}  // namespace

double SystemLinkability(std::span<const double> mated, std::span<const double> non_mated) {
  assert(mated.size() >= kScoresMin && non_mated.size() >= kScoresMin);
  const size_t bins = std::min(kBinsMax, std::min(mated.size(), non_mated.size()) / 10);
  const auto [mated_low, mated_high] = std::minmax_element(mated.begin(), mated.end());
  const auto [other_low, other_high] = std::minmax_element(non_mated.begin(), non_mated.end());
  const double low = std::min(*mated_low, *other_low);
  const double high = std::max(*mated_high, *other_high);
  const std::vector<double> of_mated = Histogram(mated, low, high, bins);
  const std::vector<double> of_others = Histogram(non_mated, low, high, bins);
  double linkability = 0;
  for (size_t bin = 0; bin < bins; ++bin) {
    if (of_mated[bin] == 0) continue;
    // D(s) = 2 * LR / (1 + LR) - 1 for LR > 1, with LR the ratio of the two shares.
    const double here = (of_mated[bin] - of_others[bin]) / (of_mated[bin] + of_others[bin]);
    linkability += std::max(0.0, here) * of_mated[bin];
  }
  return linkability;
}

}  // namespace ladon::matcher::eval
