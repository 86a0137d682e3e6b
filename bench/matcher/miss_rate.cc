#include "bench/matcher/miss_rate.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <random>

#include "matcher/eval/coded_set.h"
#include "matcher/eval/error_rates.h"
#include "matcher/eval/image_set.h"
#include "matcher/kernels/dispatch.h"
#include "matcher/search_pool.h"
#include "matcher/sketch.h"

namespace ladon::bench {
namespace {

using matcher::VeinCode;

void MeasureBlock(std::span<const matcher::VeinCode> rows, const matcher::ProbeVariants& probe,
                  const matcher::SketchProbe& sketch_probe, std::span<MatedPair> pairs) {
  const auto& kernels = matcher::kernels::MatchKernelsFor(matcher::BestKernelLevel());
  std::array<uint8_t, matcher::kSketchBlockBytes> sketches{};
  for (size_t r = 0; r < rows.size(); ++r) matcher::AddSketch(rows[r], r, sketches);
  std::array<uint16_t, matcher::kSketchBlockRows> costs;
  std::array<uint8_t, matcher::kSketchBlockRows> at;
  kernels.sketch_scan(sketches.data(), sketch_probe.tables(), costs.data(), at.data());
  for (size_t r = 0; r < rows.size(); ++r) {
    pairs[r].sketch_cost = costs[r];
    pairs[r].window_distance_q16 = matcher::WindowDistanceQ16(rows[r], probe, at[r], kernels);
    matcher::ScanRows({&rows[r], 1}, probe, kernels, {&pairs[r].distance_q16, 1});
  }
}

bool Passes(const MatedPair& pair, const matcher::StageLimits& limits) {
  return pair.sketch_cost <= limits.sketch_cost_max &&
         pair.window_distance_q16 <= limits.window_distance_max_q16;
}

}  // namespace

std::vector<MatedPair> MeasureMatedPairs(const Population& population,
                                         std::span<const std::vector<matcher::VeinCode>> probes,
                                         size_t rows_a_probe,
                                         const matcher::SchoolTransform& transform, size_t threads,
                                         const std::function<void(size_t)>& progress) {
  std::vector<MatedPair> pairs(probes.size() * rows_a_probe);
  std::atomic<size_t> done = 0;
  matcher::SearchPool pool(threads);
  pool.Run(probes.size(), [&](size_t p) {
    std::mt19937_64 random(p + 1);
    const matcher::ProbeVariants probe(transform, probes[p]);
    const matcher::SketchProbe sketch_probe(probe);
    for (size_t first = 0; first < rows_a_probe; first += matcher::kSketchBlockRows) {
      const size_t count = std::min(matcher::kSketchBlockRows, rows_a_probe - first);
      std::vector<matcher::VeinCode> rows;
      for (size_t r = 0; r < count; ++r) {
        rows.push_back(transform.Apply(population.Showing(population.Base(p), &random)));
      }
      MeasureBlock(rows, probe, sketch_probe,
                   std::span(pairs).subspan(p * rows_a_probe + first, count));
    }
    progress(++done);
  });
  return pairs;
}

std::vector<MatedPair> MeasureImagePairs(const std::string& folder,
                                         const matcher::SchoolTransform& transform,
                                         size_t threads) {
  const auto images = matcher::eval::ReadImageSet(folder, 1);
  const auto coded = images.ok() ? matcher::eval::CodeImages(*images, threads, {})
                                 : absl::StatusOr<matcher::eval::CodedSet>(images.status());
  if (!coded.ok()) {
    std::fprintf(stderr, "matcher_bench: %s\n", std::string(coded.status().message()).c_str());
    std::exit(1);
  }
  std::vector<std::vector<MatedPair>> parts(coded->palms.size());
  matcher::SearchPool pool(threads);
  pool.Run(parts.size(), [&](size_t p) {
    const matcher::eval::CodedPalm& palm = coded->palms[p];
    std::vector<VeinCode> rows;
    for (const VeinCode& code : palm.templates) rows.push_back(transform.Apply(code));
    for (const std::vector<VeinCode>& codes : palm.probes) {
      const matcher::ProbeVariants probe(transform, codes);
      const matcher::SketchProbe sketch_probe(probe);
      for (size_t first = 0; first < rows.size(); first += matcher::kSketchBlockRows) {
        const size_t count = std::min(matcher::kSketchBlockRows, rows.size() - first);
        std::vector<MatedPair> pairs(count);
        MeasureBlock(std::span(rows).subspan(first, count), probe, sketch_probe, pairs);
        parts[p].insert(parts[p].end(), pairs.begin(), pairs.end());
      }
    }
  });
  std::vector<MatedPair> all;
  for (const auto& part : parts) all.insert(all.end(), part.begin(), part.end());
  return all;
}

double MissRate::rate() const {
  return accepted == 0 ? 0 : static_cast<double>(missed) / static_cast<double>(accepted);
}

double MissRate::upper() const {
  return accepted == 0 ? 1 : matcher::eval::ClopperPearson90(missed, accepted).high;
}

MissRate CountMisses(std::span<const MatedPair> pairs, int32_t distance_max_q16,
                     const matcher::StageLimits& wide) {
  MissRate misses;
  for (const MatedPair& pair : pairs) {
    if (pair.distance_q16 > distance_max_q16) continue;
    ++misses.accepted;
    if (Passes(pair, matcher::kNarrow)) continue;
    ++(Passes(pair, wide) ? misses.widened : misses.missed);
  }
  return misses;
}

}  // namespace ladon::bench
