#include "matcher/sketch.h"

#include <openssl/crypto.h>

#include <bit>
#include <cassert>
#include <cstring>

namespace ladon::matcher {
namespace {

using kernels::kSketchNibbles;
using kernels::kSketchSteps;
using kernels::kSketchStepsASide;

// Every third bit, from the first, the second and the third on.
constexpr std::array<uint64_t, kPlanesASet> kBitsOfPlane = {
    0x9249249249249249U, 0x2492492492492492U, 0x4924924924924924U};
static_assert((kBitsOfPlane[0] ^ kBitsOfPlane[1] ^ kBitsOfPlane[2]) == ~uint64_t{0});
constexpr size_t kCoarsePlane = kPlanesASet;
constexpr size_t kTableBytes = 16;

uint64_t SketchWord(const VeinCode& code, size_t word) {
  uint64_t sketch = 0;
  for (size_t p = 0; p < kPlanesASet; ++p) {
    sketch |= code.words[(kCoarsePlane + p) * kPlaneWords + word] & kBitsOfPlane[p];
  }
  return sketch;
}

// What a row's nibble costs against a probe's under its mask: two for a differing bit, one for a
// bit that the probe cannot rely on, as much as chance would bring. [probe][mask][row]
using CostTables = std::array<std::array<std::array<uint8_t, kTableBytes>, 16>, 16>;

constexpr CostTables MakeCosts() {
  CostTables costs{};
  for (unsigned probe = 0; probe < 16; ++probe) {
    for (unsigned mask = 0; mask < 16; ++mask) {
      for (unsigned row = 0; row < 16; ++row) {
        costs[probe][mask][row] = static_cast<uint8_t>(2 * std::popcount((row ^ probe) & mask) +
                                                       std::popcount(~mask & 15U));
      }
    }
  }
  return costs;
}

constexpr CostTables kCosts = MakeCosts();

}  // namespace

void AddSketch(const VeinCode& transformed, size_t row,
               std::span<uint8_t, kSketchBlockBytes> block) {
  assert(row < kSketchBlockRows);
  const unsigned shift = row < 32 ? 0 : 4;
  for (size_t w = 0; w < kPlaneWords; ++w) {
    uint64_t sketch = SketchWord(transformed, w);
    for (size_t n = 0; n < kSketchNibbles; ++n, sketch >>= 4) {
      uint8_t& both = block[(w * kSketchNibbles + n) * 32 + row % 32];
      both = static_cast<uint8_t>(both | (sketch & 15) << shift);
    }
  }
}

SketchProbe::SketchProbe(const ProbeVariants& probe, size_t code)
    : tables_(kPlaneWords * kSketchSteps * kSketchNibbles * kTableBytes) {
  uint8_t* out = tables_.data();
  for (size_t w = 0; w < kPlaneWords; ++w) {
    for (size_t t = 0; t < kSketchSteps; ++t) {
      const VeinCode& variant =
          probe.At(code, SketchOffset(t % kSketchStepsASide), SketchOffset(t / kSketchStepsASide));
      uint64_t sketch = SketchWord(variant, w);
      uint64_t mask = variant.words[kPlanes * kPlaneWords + w];
      for (size_t n = 0; n < kSketchNibbles; ++n, sketch >>= 4, mask >>= 4) {
        std::memcpy(out, kCosts[sketch & 15][mask & 15].data(), kTableBytes);
        out += kTableBytes;
      }
    }
  }
}

SketchProbe::~SketchProbe() {
  OPENSSL_cleanse(tables_.data(), tables_.size());
}

}  // namespace ladon::matcher
