#include "bench/matcher/miss_rate.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <random>

#include "matcher/eval/error_rates.h"
#include "matcher/kernels/dispatch.h"
#include "matcher/search.h"
#include "matcher/search_pool.h"
#include "matcher/sketch.h"

namespace ladon::bench {
namespace {

using matcher::VeinCode;

// Lets a block of rows, transformed, through the stages with one code.
void PassBlock(std::span<const VeinCode> rows, const matcher::ProbeVariants& probe, size_t code,
               const matcher::SketchProbe& sketch_probe, std::span<MatedPair> pairs) {
  const auto& kernels = matcher::kernels::MatchKernelsFor(matcher::BestKernelLevel());
  std::array<uint8_t, matcher::kSketchBlockBytes> sketches{};
  for (size_t r = 0; r < rows.size(); ++r) matcher::AddSketch(rows[r], r, sketches);
  std::array<uint16_t, matcher::kSketchBlockRows> costs;
  std::array<uint8_t, matcher::kSketchBlockRows> at;
  kernels.sketch_scan(sketches.data(), sketch_probe.tables(), costs.data(), at.data());
  for (size_t r = 0; r < rows.size(); ++r) {
    if (costs[r] > matcher::kWideSketchCostMax) continue;
    if (matcher::WindowDistanceQ16(rows[r], probe, code, at[r], kernels) >
        matcher::kWindowDistanceMaxQ16) {
      continue;
    }
    pairs[r].wide = true;
    pairs[r].narrow |= code == 0 && costs[r] <= matcher::kNarrowSketchCostMax;
  }
}

}  // namespace

std::vector<MatedPair> MeasureRows(std::span<const VeinCode> rows,
                                   const matcher::ProbeVariants& probe) {
  const auto& kernels = matcher::kernels::MatchKernelsFor(matcher::BestKernelLevel());
  std::vector<MatedPair> pairs(rows.size());
  for (size_t r = 0; r < rows.size(); ++r) {
    matcher::ScanRows({&rows[r], 1}, probe, kernels, {&pairs[r].distance_q16, 1});
  }
  for (size_t code = 0; code < probe.codes(); ++code) {
    const matcher::SketchProbe sketch_probe(probe, code);
    for (size_t first = 0; first < rows.size(); first += matcher::kSketchBlockRows) {
      const size_t count = std::min(matcher::kSketchBlockRows, rows.size() - first);
      PassBlock(rows.subspan(first, count), probe, code, sketch_probe,
                std::span(pairs).subspan(first, count));
    }
  }
  return pairs;
}

std::vector<MatedPair> MeasureInventedPairs(const Population& population,
                                            std::span<const std::vector<VeinCode>> probes,
                                            size_t rows_a_probe,
                                            const matcher::SchoolTransform& transform,
                                            size_t threads,
                                            const std::function<void(size_t)>& progress) {
  std::vector<MatedPair> pairs(probes.size() * rows_a_probe);
  std::atomic<size_t> done = 0;
  matcher::SearchPool pool(threads);
  pool.Run(probes.size(), [&](size_t p) {
    std::mt19937_64 random(p + 1);
    std::vector<VeinCode> rows;
    for (size_t r = 0; r < rows_a_probe; ++r) {
      rows.push_back(transform.Apply(population.Showing(population.Base(p), &random)));
    }
    const auto measured = MeasureRows(rows, matcher::ProbeVariants(transform, probes[p]));
    std::copy(measured.begin(), measured.end(),
              pairs.begin() + static_cast<ptrdiff_t>(p * rows_a_probe));
    progress(++done);
  });
  return pairs;
}

double MissRate::rate() const {
  return accepted == 0 ? 0 : static_cast<double>(missed) / static_cast<double>(accepted);
}

double MissRate::upper() const {
  return accepted == 0 ? 1 : matcher::eval::ClopperPearson90(missed, accepted).high;
}

MissRate CountMisses(std::span<const MatedPair> pairs, int32_t distance_max_q16) {
  MissRate misses;
  for (const MatedPair& pair : pairs) {
    if (pair.distance_q16 > distance_max_q16) continue;
    ++misses.accepted;
    if (pair.narrow) continue;
    ++(pair.wide ? misses.widened : misses.missed);
  }
  return misses;
}

}  // namespace ladon::bench
