#include "matcher/scan.h"

#include <openssl/crypto.h>

#include <algorithm>
#include <cassert>
#include <limits>

#include "matcher/distance.h"

namespace ladon::matcher {
namespace {

// The nearest rigid alignment of a row and one code so far.
struct Alignment {
  int32_t distance_q16 = std::numeric_limits<int32_t>::max();
  int dx = 0;
  int dy = 0;
};

MaskedCount CountOf(uint32_t packed) {
  return {.differing_bits = packed & 0xffff, .cells = packed >> 16};
}

// Visits alignments in the order that the specification names, so that of equals the first stays.
void AlignRigidly(std::span<const VeinCode> rows, const ProbeVariants& probe, size_t code,
                  const Comparison& comparison, std::span<Alignment> nearest) {
  std::array<uint32_t, kVariantsPerBlock> counts;
  for (int dy = -kAlignCellsMax; dy <= kAlignCellsMax; ++dy) {
    const VeinCode& first = probe.At(code, -kAlignCellsMax, dy);
    for (size_t r = 0; r < rows.size(); ++r) {
      comparison.hamming(rows[r].words.data(), first.words.data(), kVariantsPerBlock,
                         counts.data());
      for (size_t v = 0; v < kVariantsPerBlock; ++v) {
        const int32_t distance_q16 = NormalisedDistanceQ16(CountOf(counts[v]));
        if (distance_q16 >= nearest[r].distance_q16) continue;
        nearest[r] = {
            .distance_q16 = distance_q16, .dx = static_cast<int>(v) - kAlignCellsMax, .dy = dy};
      }
    }
  }
  OPENSSL_cleanse(counts.data(), sizeof(counts));
}

int32_t ElasticDistance(const VeinCode& row, const ProbeVariants& probe, size_t code,
                        const Alignment& rigid, const Comparison& comparison) {
  std::array<const uint64_t*, kElasticMoves> variants;
  for (size_t m = 0; m < kElasticMoves; ++m) {
    variants[m] = probe.At(code, rigid.dx + kMoves[m].dx, rigid.dy + kMoves[m].dy).words.data();
  }
  std::array<uint32_t, kElasticMoves * kBlocks> packed;
  comparison.elastic(row.words.data(), variants.data(), kElasticMoves,
                     comparison.block_masks->data(), packed.data());
  MaskedCount total;
  for (size_t block = 0; block < kBlocks; ++block) {
    std::array<MaskedCount, kElasticMoves> counts;
    for (size_t m = 0; m < kElasticMoves; ++m) counts[m] = CountOf(packed[m * kBlocks + block]);
    const MaskedCount& chosen = ChooseMove(counts);
    total.differing_bits += chosen.differing_bits;
    total.cells += chosen.cells;
  }
  OPENSSL_cleanse(packed.data(), sizeof(packed));
  return NormalisedDistanceQ16(total);
}

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

Comparison ComparisonAt(KernelLevel level, const SchoolTransform& transform) {
  return {.hamming = kernels::HammingMaskedFor(level),
          .elastic = kernels::ElasticCountsFor(level),
          .block_masks = &transform.block_masks()};
}

void ScanRows(std::span<const VeinCode> rows, const ProbeVariants& probe,
              const Comparison& comparison, std::span<int32_t> distances_q16) {
  assert(rows.size() == distances_q16.size() && rows.size() <= kOpenRowsMax);
  std::fill(distances_q16.begin(), distances_q16.end(), std::numeric_limits<int32_t>::max());
  for (size_t code = 0; code < probe.codes(); ++code) {
    std::array<Alignment, kOpenRowsMax> nearest;
    AlignRigidly(rows, probe, code, comparison, {nearest.data(), rows.size()});
    for (size_t r = 0; r < rows.size(); ++r) {
      const int32_t distance_q16 =
          nearest[r].distance_q16 <= kElasticRigidMaxQ16
              ? ElasticDistance(rows[r], probe, code, nearest[r], comparison)
              : nearest[r].distance_q16;
      distances_q16[r] = std::min(distances_q16[r], distance_q16);
    }
  }
}

}  // namespace ladon::matcher
