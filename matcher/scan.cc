#include "matcher/scan.h"

#include <openssl/crypto.h>

#include <algorithm>
#include <cassert>

#include "matcher/distance.h"

namespace ladon::matcher {

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

void LowerNearest(std::span<const VeinCode> rows, std::span<const VeinCode> variants,
                  kernels::HammingMaskedFn hamming, std::span<int32_t> nearest_q16) {
  assert(rows.size() == nearest_q16.size());
  std::array<uint32_t, kVariantsPerBlock> counts;
  for (size_t first = 0; first < variants.size(); first += kVariantsPerBlock) {
    const size_t block = std::min(kVariantsPerBlock, variants.size() - first);
    for (size_t r = 0; r < rows.size(); ++r) {
      hamming(rows[r].words.data(), variants[first].words.data(), block, counts.data());
      int32_t nearest = nearest_q16[r];
      for (size_t v = 0; v < block; ++v) {
        const MaskedCount count = {.differing_bits = counts[v] & 0xffff, .cells = counts[v] >> 16};
        nearest = std::min(nearest, NormalisedDistanceQ16(count));
      }
      nearest_q16[r] = nearest;
    }
  }
  OPENSSL_cleanse(counts.data(), sizeof(counts));
}

}  // namespace ladon::matcher
