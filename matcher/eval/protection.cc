#include "matcher/eval/protection.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <limits>
#include <random>
#include <set>
#include <utility>
#include <vector>

#include "matcher/distance.h"
#include "matcher/eval/error_rates.h"
#include "matcher/eval/nearest.h"
#include "matcher/eval/unlinkability.h"
#include "matcher/transform.h"

namespace ladon::matcher::eval {
namespace {

constexpr size_t kPairs = 4'000;
constexpr size_t kPairsMin = 100;
constexpr size_t kStolenProbesMax = 300;

// A code and, for a mated pair, another capture of the same palm.
struct Pair {
  const VeinCode* one;
  const VeinCode* other;
};

SchoolTransform TransformOf(uint8_t school) {
  std::array<uint8_t, kSchoolSecretBytes> secret{};
  secret.fill(school);
  return SchoolTransform::Derive(secret);
}

template <class T>
const T& Draw(const std::vector<T>& from, std::mt19937_64* random) {
  return from[std::uniform_int_distribution<size_t>(0, from.size() - 1)(*random)];
}

// Every capture of a palm as an upright code, whatever it was made for.
std::vector<std::vector<const VeinCode*>> CapturesOf(const CodedSet& set) {
  std::vector<std::vector<const VeinCode*>> captures(set.palms.size());
  for (size_t p = 0; p < set.palms.size(); ++p) {
    for (const VeinCode& code : set.palms[p].templates) captures[p].push_back(&code);
    for (const auto& probe : set.palms[p].probes) captures[p].push_back(&probe.front());
  }
  return captures;
}

// All ordered pairs of two captures of one palm, at most kPairs of them. No pair comes twice:
// scores that repeat would make the histograms spikier and the linkage look stronger than it is.
std::vector<Pair> MatedPairs(const CodedSet& set, std::mt19937_64* random) {
  std::vector<Pair> pairs;
  for (const auto& captures : CapturesOf(set)) {
    for (const VeinCode* one : captures) {
      for (const VeinCode* other : captures) {
        if (one != other) pairs.push_back({one, other});
      }
    }
  }
  std::shuffle(pairs.begin(), pairs.end(), *random);
  pairs.resize(std::min(pairs.size(), kPairs));
  return pairs;
}

std::vector<Pair> NonMatedPairs(const CodedSet& set, std::mt19937_64* random) {
  const std::vector<std::vector<const VeinCode*>> captures = CapturesOf(set);
  std::set<std::pair<const VeinCode*, const VeinCode*>> drawn;
  // A set too small for kPairs different ones gives what it has; twice as many draws find them.
  for (size_t draw = 0; draw < 2 * kPairs && drawn.size() < kPairs; ++draw) {
    const auto& one = Draw(captures, random);
    const auto& other = Draw(captures, random);
    if (&one != &other) drawn.emplace(Draw(one, random), Draw(other, random));
  }
  std::vector<Pair> pairs;
  pairs.reserve(drawn.size());
  for (const auto& [one, other] : drawn) pairs.push_back({one, other});
  return pairs;
}

std::vector<double> LinkageScores(const std::vector<Pair>& pairs, const SchoolTransform& first,
                                  const SchoolTransform& second) {
  std::vector<double> scores;
  scores.reserve(pairs.size());
  for (const Pair& pair : pairs) {
    scores.push_back(DistanceQ16(first.Apply(*pair.one), second.Apply(*pair.other)));
  }
  return scores;
}

double StolenKeyEer(const CodedSet& set, std::mt19937_64* random) {
  const SchoolTransform stolen = TransformOf(1);
  const SchoolTransform of_attacker = TransformOf(3);
  std::vector<VeinCode> rows;
  std::vector<std::pair<size_t, const std::vector<VeinCode>*>> probes;
  for (size_t p = 0; p < set.palms.size(); ++p) {
    // Stored under the school's key, undone by the thief, compared in a matcher of his own.
    const VeinCode stored = stolen.Apply(set.palms[p].templates.front());
    rows.push_back(of_attacker.Apply(stolen.Undo(stored)));
    for (const auto& probe : set.palms[p].probes) probes.emplace_back(p, &probe);
  }
  std::shuffle(probes.begin(), probes.end(), *random);
  probes.resize(std::min(probes.size(), kStolenProbesMax));
  Scores scores;
  for (const auto& [palm, codes] : probes) {
    const std::vector<int32_t> nearest = NearestDistances(rows, *codes, of_attacker);
    for (size_t r = 0; r < rows.size(); ++r) {
      (r == palm ? scores.genuine : scores.impostor).push_back(nearest[r]);
    }
  }
  scores.Sort();
  return EqualErrorRate(scores);
}

}  // namespace

ProtectionFigures MeasureProtection(const CodedSet& set, uint64_t seed) {
  std::mt19937_64 random(seed);
  ProtectionFigures figures;
  const std::vector<Pair> mated = MatedPairs(set, &random);
  const std::vector<Pair> non_mated = NonMatedPairs(set, &random);
  const SchoolTransform one = TransformOf(1);
  const SchoolTransform two = TransformOf(2);
  if (std::min(mated.size(), non_mated.size()) < kPairsMin) {
    figures.d_sys_two_keys = figures.d_sys_same_key = std::numeric_limits<double>::quiet_NaN();
  } else {
    figures.d_sys_two_keys =
        SystemLinkability(LinkageScores(mated, one, two), LinkageScores(non_mated, one, two));
    figures.d_sys_same_key =
        SystemLinkability(LinkageScores(mated, one, one), LinkageScores(non_mated, one, one));
  }
  figures.stolen_key_eer = StolenKeyEer(set, &random);
  return figures;
}

}  // namespace ladon::matcher::eval
