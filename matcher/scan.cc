#include "matcher/scan.h"

#include <openssl/crypto.h>

#include <algorithm>
#include <cassert>
#include <limits>

#include "matcher/distance.h"
#include "matcher/kernels/elastic_totals_scalar.h"
#include "matcher/kernels/layout.h"

namespace ladon::matcher {
namespace {

static_assert(kernels::kWordsAPlane == kPlaneWords && kernels::kOrientationPlanes == kPlanes &&
              kernels::kWordsACode == kCodeWords);
static_assert(kernels::kTranslationsASideMax >= kShiftSide);

// One row against one code at all translations.
struct Comparisons {
  std::array<int16_t, kShifts * kBlocks> excess;
  std::array<uint16_t, kShifts> cells;
};

}  // namespace

void TwoBest::Offer(const Candidate& candidate) {
  if (!best_.has_value()) {
    best_ = candidate;
    return;
  }
  if (candidate.subject == best_->subject) {
    best_ = std::min(*best_, candidate);
    return;
  }
  if (candidate < *best_) {
    best_other_ = best_;  // It was the least of all, so it is the least of the others now.
    best_ = candidate;
    return;
  }
  if (!best_other_.has_value() || candidate < *best_other_) best_other_ = candidate;
}

ProbeVariants::ProbeVariants(const SchoolTransform& transform, std::span<const VeinCode> codes)
    : count_(codes.size() * kShifts), variants_(new VeinCode[count_]) {
  assert(!codes.empty() && codes.size() <= kProbeCodesMax);
  for (size_t i = 0; i < codes.size(); ++i) {
    transform.ApplyAllShifts(codes[i],
                             std::span<VeinCode, kShifts>(variants_.get() + i * kShifts, kShifts));
  }
}

ProbeVariants::~ProbeVariants() {
  OPENSSL_cleanse(variants_.get(), count_ * sizeof(VeinCode));
}

int32_t LeastDistanceQ16(std::span<const int16_t> excess, std::span<const uint16_t> cells,
                         size_t width, size_t height, const kernels::MatchKernels& kernels) {
  const size_t translations = width * height;
  assert(translations <= kShifts && cells.size() >= translations &&
         excess.size() >= translations * kBlocks);
  std::array<int16_t, kShifts> totals;
  kernels.elastic_totals(excess.data(), width, height, totals.data());
  int32_t least = std::numeric_limits<int32_t>::max();
  for (size_t t = 0; t < translations; ++t) {
    least = std::min(least, NormalisedDistanceQ16({.excess = totals[t], .cells = cells[t]}));
  }
  return least;
}

void ScanRows(std::span<const VeinCode> rows, const ProbeVariants& probe,
              const kernels::MatchKernels& kernels, std::span<int32_t> distances_q16) {
  assert(rows.size() == distances_q16.size() && rows.size() <= kOpenRowsMax);
  std::fill(distances_q16.begin(), distances_q16.end(), std::numeric_limits<int32_t>::max());
  std::array<Comparisons, kOpenRowsMax> comparisons;
  for (size_t code = 0; code < probe.codes(); ++code) {
    for (int dy = -kShiftCellsMax; dy <= kShiftCellsMax; ++dy) {
      const VeinCode& first = probe.At(code, -kShiftCellsMax, dy);
      const size_t place = static_cast<size_t>(dy + kShiftCellsMax) * kShiftSide;
      for (size_t r = 0; r < rows.size(); ++r) {
        kernels.block_excess(rows[r].words.data(), first.words.data(), kShiftSide,
                             &comparisons[r].excess[place * kBlocks], &comparisons[r].cells[place]);
      }
    }
    for (size_t r = 0; r < rows.size(); ++r) {
      const Comparisons& all = comparisons[r];
      distances_q16[r] =
          std::min(distances_q16[r],
                   LeastDistanceQ16(all.excess, all.cells, kShiftSide, kShiftSide, kernels));
    }
  }
  OPENSSL_cleanse(comparisons.data(), rows.size() * sizeof(Comparisons));
}

}  // namespace ladon::matcher
