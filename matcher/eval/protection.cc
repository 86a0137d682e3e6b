#include "matcher/eval/protection.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <limits>
#include <memory>
#include <random>
#include <set>
#include <utility>
#include <vector>

#include "matcher/distance.h"
#include "matcher/eval/error_rates.h"
#include "matcher/eval/nearest.h"
#include "matcher/eval/seriation.h"
#include "matcher/eval/unlinkability.h"
#include "matcher/memory_key.h"
#include "matcher/transform.h"

namespace ladon::matcher::eval {
namespace {

constexpr size_t kPairs = 4'000;
constexpr size_t kPairsMin = 100;
constexpr uint8_t kKeyPairs = 10;
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

// The scores of many pairs of keys together: which keys two schools have is chance, and a histogram
// of few scores is spiky, which would count as linkage.
double Linkability(const std::vector<Pair>& mated, const std::vector<Pair>& non_mated,
                   bool two_keys) {
  std::vector<double> mated_scores;
  std::vector<double> non_mated_scores;
  for (uint8_t k = 0; k < kKeyPairs; ++k) {
    const SchoolTransform one = TransformOf(static_cast<uint8_t>(2 * k + 1));
    const SchoolTransform other = TransformOf(static_cast<uint8_t>(2 * k + (two_keys ? 2 : 1)));
    for (const auto& [pairs, scores] :
         {std::pair(&mated, &mated_scores), std::pair(&non_mated, &non_mated_scores)}) {
      const std::vector<double> more = LinkageScores(*pairs, one, other);
      scores->insert(scores->end(), more.begin(), more.end());
    }
  }
  return SystemLinkability(mated_scores, non_mated_scores);
}

absl::Status MeasureSeriation(const CodedSet& set, uint64_t seed, ProtectionFigures* figures) {
  figures->seriation_transformed = figures->seriation_in_memory =
      std::numeric_limits<double>::quiet_NaN();
  RandomSource random = [rng = std::mt19937_64(seed)](std::span<uint8_t> out) mutable {
    for (uint8_t& byte : out) byte = static_cast<uint8_t>(rng());
  };
  const absl::StatusOr<std::unique_ptr<MemoryKey>> memory_key = MemoryKey::Create(random);
  if (!memory_key.ok()) return memory_key.status();
  const SchoolTransform transform = TransformOf(1);
  std::vector<VeinCode> transformed;
  std::vector<VeinCode> in_memory;
  for (const auto& captures : CapturesOf(set)) {
    for (const VeinCode* capture : captures) {
      transformed.push_back(transform.Apply(*capture));
      RowSalt salt;
      random(salt);
      auto* const bytes = reinterpret_cast<uint8_t*>(in_memory.emplace_back().words.data());
      (*memory_key)
          ->Seal(transformed.back(), salt, std::span<uint8_t, kCodeBytes>(bytes, kCodeBytes));
    }
  }
  constexpr size_t kRowsMin = 100;
  if (transformed.size() < kRowsMin) return absl::OkStatus();
  figures->seriation_transformed = SeriationSuccess(transformed, transform);
  figures->seriation_in_memory = SeriationSuccess(in_memory, transform);
  return absl::OkStatus();
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

absl::StatusOr<ProtectionFigures> MeasureProtection(const CodedSet& set, uint64_t seed) {
  std::mt19937_64 random(seed);
  ProtectionFigures figures;
  const std::vector<Pair> mated = MatedPairs(set, &random);
  const std::vector<Pair> non_mated = NonMatedPairs(set, &random);
  if (std::min(mated.size(), non_mated.size()) < kPairsMin) {
    figures.d_sys_two_keys = figures.d_sys_same_key = std::numeric_limits<double>::quiet_NaN();
  } else {
    figures.d_sys_two_keys = Linkability(mated, non_mated, true);
    figures.d_sys_same_key = Linkability(mated, non_mated, false);
  }
  figures.stolen_key_eer = StolenKeyEer(set, &random);
  if (absl::Status s = MeasureSeriation(set, seed, &figures); !s.ok()) return s;
  return figures;
}

}  // namespace ladon::matcher::eval
