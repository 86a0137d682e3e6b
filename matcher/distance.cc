#include "matcher/distance.h"

#include <bit>
#include <cassert>
#include <cstddef>

namespace ladon::matcher {
MaskedCount CountMasked(const VeinCode& a, const VeinCode& b) {
  MaskedCount count;
  for (size_t w = 0; w < kPlaneWords; ++w) {
    const uint64_t mask = a.words[kPlanes * kPlaneWords + w] & b.words[kPlanes * kPlaneWords + w];
    count.cells += static_cast<uint32_t>(std::popcount(mask));
    for (size_t p = 0; p < kPlanes; ++p) {
      const size_t i = p * kPlaneWords + w;
      count.differing_bits +=
          static_cast<uint32_t>(std::popcount((a.words[i] ^ b.words[i]) & mask));
    }
  }
  return count;
}

int32_t DistanceQ16(const VeinCode& a, const VeinCode& b) {
  return NormalisedDistanceQ16(CountMasked(a, b));
}

VeinCode Shift(const VeinCode& code, int dx, int dy) {
  constexpr int kSide = static_cast<int>(kGridSide);
  assert(-kSide < dx && dx < kSide && -kSide < dy && dy < kSide);
  VeinCode out;
  for (int y = 0; y < kSide; ++y) {
    const int from_y = y - dy;
    if (from_y < 0 || from_y >= kSide) continue;
    for (size_t p = 0; p <= kPlanes; ++p) {
      // A grid row is half a word: shifting its 32 bits drops what leaves and fills with zeros.
      const size_t base = p * kPlaneWords;
      const uint64_t word = code.words[base + static_cast<size_t>(from_y) / 2];
      auto row = static_cast<uint32_t>(word >> (from_y % 2 * 32));
      row = dx >= 0 ? row << dx : row >> -dx;
      out.words[base + static_cast<size_t>(y) / 2] |= uint64_t{row} << (y % 2 * 32);
    }
  }
  return out;
}

}  // namespace ladon::matcher
