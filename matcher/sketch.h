// Sketches: one bit a cell of each row, 64 rows together, for the first stage of a search.
//
// A sketch takes one of the three planes of coarse lines for each cell, in a fixed pattern; under
// the school's permutation the pattern lands on cells that only the school knows. Coarse lines,
// because they bear a coarse grid of translations: 25 of them, two cells apart, with blocks moving
// one step for a price, tell most strangers from the owner for a few dozen nanoseconds a row
// (docs/adr/0010). What a sketch passes is compared in full; what it rejects is not, so its miss
// rate is measured, not assumed (`./dev bench matcher`).
//
// Rows lie by nibbles (kernels/sketch_scan_scalar.h), 8 KiB for 64 rows, and like rows under
// keystream: a block has its own salt, fresh whenever one of its rows changes.
// Plain data and pure functions, safe from any thread; SketchProbe is wiped when it goes.
#ifndef LADON_MATCHER_SKETCH_H_
#define LADON_MATCHER_SKETCH_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "matcher/kernels/sketch_scan_scalar.h"
#include "matcher/scan.h"
#include "matcher/vein_code.h"

namespace ladon::matcher {

inline constexpr size_t kSketchBlockRows = kernels::kSketchRows;
inline constexpr size_t kSketchBytes = kCells / 8;  // A row.
inline constexpr size_t kSketchBlockBytes = kSketchBlockRows * kSketchBytes;

// Adds the sketch of a transformed row to a plain block as row `row`, 0 .. 63, whose place must be
// zero.
void AddSketch(const VeinCode& transformed, size_t row,
               std::span<uint8_t, kSketchBlockBytes> block);

// Where a step of the coarse grid lies, in cells.
constexpr int kSketchStepCells = 2;
constexpr int SketchOffset(size_t step) {
  return (static_cast<int>(step) - static_cast<int>(kernels::kSketchStepsASide / 2)) *
         kSketchStepCells;
}

// The look-up tables of one code of a probe: 100 KiB.
class SketchProbe {
 public:
  SketchProbe(const ProbeVariants& probe, size_t code);
  ~SketchProbe();
  SketchProbe(const SketchProbe&) = delete;
  SketchProbe& operator=(const SketchProbe&) = delete;

  [[nodiscard]] const uint8_t* tables() const { return tables_.data(); }

 private:
  std::vector<uint8_t> tables_;
};

}  // namespace ladon::matcher

#endif  // LADON_MATCHER_SKETCH_H_
