#include "bench/matcher/faiss_peer.h"

#include <faiss/IndexBinaryFlat.h>
#include <omp.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <vector>

namespace ladon::bench {
namespace {

constexpr size_t kPlaneBytes = matcher::kPlanes * matcher::kPlaneWords * sizeof(uint64_t);
constexpr size_t kRowsAtOnce = 4'096;

std::vector<uint8_t> PlanesOf(std::span<const matcher::VeinCode> codes) {
  std::vector<uint8_t> planes;
  planes.reserve(codes.size() * kPlaneBytes);
  for (const matcher::VeinCode& code : codes) {
    const auto* const bytes = reinterpret_cast<const uint8_t*>(code.words.data());
    planes.insert(planes.end(), bytes, bytes + kPlaneBytes);
  }
  return planes;
}

}  // namespace

FaissFigures SearchWithFaiss(std::span<const matcher::VeinCode> rows,
                             std::span<const matcher::VeinCode> variants, size_t threads,
                             size_t rounds) {
  omp_set_num_threads(static_cast<int>(threads));
  faiss::IndexBinaryFlat index(static_cast<faiss::Index::idx_t>(kPlaneBytes * 8));
  for (size_t r = 0; r < rows.size(); r += kRowsAtOnce) {
    const auto part = rows.subspan(r, std::min(kRowsAtOnce, rows.size() - r));
    index.add(static_cast<faiss::Index::idx_t>(part.size()), PlanesOf(part).data());
  }
  const std::vector<uint8_t> queries = PlanesOf(variants);
  std::vector<int32_t> distances(variants.size());
  std::vector<faiss::Index::idx_t> nearest(variants.size());
  std::vector<double> times;
  for (size_t round = 0; round < rounds; ++round) {
    const auto start = std::chrono::steady_clock::now();
    index.search(static_cast<faiss::Index::idx_t>(variants.size()), queries.data(), 1,
                 distances.data(), nearest.data());
    times.push_back(
        std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start)
            .count());
  }
  std::sort(times.begin(), times.end());
  const auto best = std::min_element(distances.begin(), distances.end()) - distances.begin();
  return {.ms_a_variant = times[times.size() / 2] / static_cast<double>(variants.size()),
          .nearest = static_cast<size_t>(nearest[static_cast<size_t>(best)])};
}

}  // namespace ladon::bench
