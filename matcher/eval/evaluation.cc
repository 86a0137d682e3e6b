#include "matcher/eval/evaluation.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <cmath>
#include <limits>
#include <numeric>
#include <random>
#include <utility>

#include "matcher/decision.h"

namespace ladon::matcher::eval {
namespace {

constexpr int32_t kFarthest = std::numeric_limits<int32_t>::max();
constexpr size_t kDetPoints = 400;
constexpr double kQ16 = 65536;

// The templates that a split enrols of each palm, as columns of the table.
using Enrolment = std::vector<std::vector<size_t>>;

Enrolment ChooseTemplates(const DistanceTable& table, size_t templates_per_palm, bool first_ones,
                          std::mt19937_64* random) {
  Enrolment enrolment(table.palms());
  for (size_t p = 0; p < table.palms(); ++p) {
    std::vector<size_t> columns(table.first_template()[p + 1] - table.first_template()[p]);
    std::iota(columns.begin(), columns.end(), table.first_template()[p]);
    if (!first_ones) std::shuffle(columns.begin(), columns.end(), *random);
    columns.resize(std::min(columns.size(), templates_per_palm));
    enrolment[p] = std::move(columns);
  }
  return enrolment;
}

std::vector<bool> ChoosePalms(size_t palms, double fraction, std::mt19937_64* random) {
  std::vector<size_t> order(palms);
  std::iota(order.begin(), order.end(), size_t{0});
  std::shuffle(order.begin(), order.end(), *random);
  const auto wanted = static_cast<size_t>(std::lround(fraction * static_cast<double>(palms)));
  std::vector<bool> enrolled(palms);
  for (size_t i = 0; i < std::clamp<size_t>(wanted, 1, palms - 1); ++i) enrolled[order[i]] = true;
  return enrolled;
}

// How far each palm is from one probe.
std::vector<int32_t> PalmDistances(const DistanceTable::Probe& probe, const Enrolment& enrolment) {
  std::vector<int32_t> nearest(enrolment.size(), kFarthest);
  for (size_t p = 0; p < enrolment.size(); ++p) {
    for (const size_t column : enrolment[p]) {
      nearest[p] = std::min(nearest[p], probe.distances_q16[column]);
    }
  }
  return nearest;
}

SubjectRef SubjectOf(size_t palm) {
  SubjectRef subject;
  for (size_t i = 0; i < sizeof(palm); ++i) {
    subject.bytes[15 - i] = static_cast<uint8_t>(palm >> (8 * i));
  }
  return subject;
}

// One split's counts and scores.
struct Split {
  Scores scores;
  size_t probes = 0;
  size_t rank_one = 0;
  // Open set: the nearest enrolled palm's distance; a mated search that finds another palm first
  // counts as found nowhere, whatever the threshold.
  std::vector<int32_t> mated;
  std::vector<int32_t> non_mated;
  // At the thresholds that ship.
  DecisionRule rule{};
  size_t missed = 0;
  size_t wrong_palm = 0;
  size_t ambiguous = 0;
  size_t false_positives = 0;
};

void CountSearch(const std::vector<int32_t>& distances, const std::vector<bool>& enrolled,
                 size_t own, Split* split) {
  TwoBest two;
  for (size_t p = 0; p < distances.size(); ++p) {
    if (enrolled[p]) two.Offer({.distance_q16 = distances[p], .subject = SubjectOf(p)});
  }
  const SearchResult found = Decide(two, split->rule);
  const bool match = found.decision == SearchResult::Decision::kMatch;
  const Candidate& best = *two.best();
  if (found.decision == SearchResult::Decision::kAmbiguous) ++split->ambiguous;
  if (!enrolled[own]) {
    split->non_mated.push_back(best.distance_q16);
    if (match) ++split->false_positives;
    return;
  }
  const bool own_first = best.subject == SubjectOf(own);
  split->mated.push_back(own_first ? best.distance_q16 : kFarthest);
  if (!match || !own_first) ++split->missed;
  if (match && !own_first) ++split->wrong_palm;
}

Split RunSplit(const DistanceTable& table, size_t probe_codes, const Design& design,
               const Thresholds& thresholds, size_t number) {
  std::seed_seq seed{design.seed, uint64_t{number}};
  std::mt19937_64 random(seed);
  const Enrolment enrolment =
      ChooseTemplates(table, design.templates_per_palm, number == 0, &random);
  const std::vector<bool> enrolled = ChoosePalms(table.palms(), design.enrolled_fraction, &random);
  size_t rows = 0;
  for (size_t p = 0; p < table.palms(); ++p) rows += enrolled[p] ? enrolment[p].size() : 0;
  Split split;
  split.rule = RuleFor(thresholds, rows, probe_codes);
  for (const DistanceTable::Probe& probe : table.probes()) {
    const std::vector<int32_t> distances = PalmDistances(probe, enrolment);
    for (size_t p = 0; p < distances.size(); ++p) {
      (p == probe.palm ? split.scores.genuine : split.scores.impostor).push_back(distances[p]);
    }
    ++split.probes;
    const auto nearest = std::min_element(distances.begin(), distances.end()) - distances.begin();
    if (static_cast<size_t>(nearest) == probe.palm) ++split.rank_one;
    CountSearch(distances, enrolled, probe.palm, &split);
  }
  split.scores.Sort();
  std::sort(split.mated.begin(), split.mated.end());
  std::sort(split.non_mated.begin(), split.non_mated.end());
  return split;
}

// False negatives when the threshold lets through at most `fpir` of the non-mated searches.
double FnirAtFpir(const Split& split, double fpir) {
  if (split.mated.empty() || split.non_mated.empty()) return 0;
  const auto allowed = static_cast<size_t>(fpir * static_cast<double>(split.non_mated.size()));
  const int32_t below = split.non_mated[std::min(allowed, split.non_mated.size() - 1)];
  const auto found = std::lower_bound(split.mated.begin(), split.mated.end(), below);
  return static_cast<double>(split.mated.end() - found) / static_cast<double>(split.mated.size());
}

double Share(size_t count, size_t of) {
  return of == 0 ? 0 : static_cast<double>(count) / static_cast<double>(of);
}

class Figures {
 public:
  // A rate of a split, which rests on `trials` attempts (0: no rate, only a spread).
  void Add(const std::string& key, double value, size_t trials) {
    values_[key].push_back(value);
    trials_[key] = trials;
  }
  std::map<std::string, Figure> Take() const {
    std::map<std::string, Figure> figures;
    for (const auto& [key, values] : values_) {
      const double mean =
          std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
      Interval ci = Middle90(values);
      if (const size_t trials = trials_.at(key); trials > 0) {
        const auto errors = static_cast<size_t>(std::lround(mean * static_cast<double>(trials)));
        const Interval counted = ClopperPearson90(std::min(errors, trials), trials);
        ci = {.low = std::min(ci.low, counted.low), .high = std::max(ci.high, counted.high)};
      }
      figures[key] = {.mean = mean, .ci90 = ci};
    }
    return figures;
  }

 private:
  std::map<std::string, std::vector<double>> values_;
  std::map<std::string, size_t> trials_;
};

void AddFigures(const Split& split, Figures* figures) {
  const Scores& s = split.scores;
  const size_t genuine = s.genuine.size();
  figures->Add("rank1", Share(split.rank_one, split.probes), split.probes);
  figures->Add("eer", EqualErrorRate(s), genuine);
  figures->Add("fnmr_at_fmr_1e-3", FnmrAtFmr(s, 1e-3), genuine);
  figures->Add("fnmr_at_fmr_1e-4", FnmrAtFmr(s, 1e-4), genuine);
  figures->Add("fnmr_at_fmr_0", FnmrAtFmr(s, 0), genuine);
  figures->Add("margin", SeparationMargin(s), 0);
  figures->Add("threshold_at_fmr_1e-3", ThresholdAtFmr(s, 1e-3) / kQ16, 0);
  figures->Add("threshold_at_fmr_1e-4", ThresholdAtFmr(s, 1e-4) / kQ16, 0);
  figures->Add("threshold_at_fmr_0", ThresholdAtFmr(s, 0) / kQ16, 0);
  const size_t mated = split.mated.size();
  const size_t non_mated = split.non_mated.size();
  figures->Add("fnir_at_fpir_1e-2", FnirAtFpir(split, 1e-2), mated);
  figures->Add("fnir_at_fpir_1e-3", FnirAtFpir(split, 1e-3), mated);
  figures->Add("fnir_at_fpir_0", FnirAtFpir(split, 0), mated);
  figures->Add("fnir_default", Share(split.missed, mated), mated);
  figures->Add("fpir_default", Share(split.false_positives, non_mated), non_mated);
  figures->Add("ambiguous_default", Share(split.ambiguous, split.probes), split.probes);
  figures->Add("wrong_palm", static_cast<double>(split.wrong_palm), 0);
}

}  // namespace

Evaluation Evaluate(const DistanceTable& table, size_t probe_codes, const Design& design,
                    const Thresholds& thresholds) {
  assert(table.palms() >= 2 && !table.probes().empty() && design.splits > 0);
  Evaluation evaluation;
  Figures figures;
  Scores pooled;
  for (size_t number = 0; number < design.splits; ++number) {
    Split split = RunSplit(table, probe_codes, design, thresholds, number);
    AddFigures(split, &figures);
    evaluation.genuine_comparisons = split.scores.genuine.size();
    evaluation.impostor_comparisons = split.scores.impostor.size();
    evaluation.mated_searches = split.mated.size();
    evaluation.non_mated_searches = split.non_mated.size();
    evaluation.rule = split.rule;
    pooled.genuine.insert(pooled.genuine.end(), split.scores.genuine.begin(),
                          split.scores.genuine.end());
    pooled.impostor.insert(pooled.impostor.end(), split.scores.impostor.begin(),
                           split.scores.impostor.end());
  }
  pooled.Sort();
  evaluation.det = DetCurve(pooled, kDetPoints);
  evaluation.figures = figures.Take();
  return evaluation;
}

}  // namespace ladon::matcher::eval
