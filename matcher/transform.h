// The school transform: a secret renaming of cells that makes codes of two schools unlinkable.
//
// From a school's 32-byte secret come a permutation of the 1 024 cells (all planes and the mask
// together) and a pad of 6 144 bits XORed onto the planes (the mask is permuted, not padded). The
// cells of a block stay together, for blocks move on their own (distance.h): the 16 blocks are
// permuted, and within each its 64 cells, every block in its own way (docs/adr/0009). Both sides of
// a comparison carry the same transform, so the counts of a comparison are preserved exactly, and
// a school can be re-keyed without re-enrolment. This is obfuscation and renewability, not
// irreversibility: the holder of the secret undoes it, and about a hundred transformed records
// under one secret reveal the layout statistically. Rows in memory are therefore encrypted as well
// (memory_key.h).
//
// A transformed code is not canonical (the pad also lies under cleared mask bits) and never leaves
// the server. Shifts do not commute with the permutation: alignment comes first, on the probe.
//
// Derivation: key = HMAC-SHA256(school secret, "ladon/matcher/school-transform/v2"); ChaCha20
// (RFC 8439) under that key and a zero nonce gives the stream; its first 768 bytes are the pad, the
// rest feeds Fisher-Yates shuffles without modulo bias: of the blocks, then of the cells of each
// block, in the order of the result. Immutable after Derive, safe from any thread; the tables are
// wiped when the object goes.
#ifndef LADON_MATCHER_TRANSFORM_H_
#define LADON_MATCHER_TRANSFORM_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include "matcher/distance.h"
#include "matcher/kernels/dispatch.h"
#include "matcher/vein_code.h"

namespace ladon::matcher {

inline constexpr size_t kSchoolSecretBytes = 32;

class SchoolTransform {
 public:
  // Deterministic; cannot fail but for memory, which stops the process.
  static SchoolTransform Derive(std::span<const uint8_t, kSchoolSecretBytes> school_secret);

  SchoolTransform(SchoolTransform&&) = default;
  SchoolTransform& operator=(SchoolTransform&&) = default;

  VeinCode Apply(const VeinCode& code) const;

  // Writes Apply(Shift(code, dx, dy)) for every |dx|, |dy| <= kShiftCellsMax, dy slowest.
  // One pass over a padded grid: many times faster than the two calls it equals.
  void ApplyAllShifts(const VeinCode& code, std::span<VeinCode, kShifts> out,
                      KernelLevel level = BestKernelLevel()) const;

  // The inverse of Apply, for re-keying: other.Apply(Undo(code)). Exact, mask included.
  VeinCode Undo(const VeinCode& transformed) const;

 private:
  struct Tables {
    ~Tables();
    std::array<uint8_t, kBlocks> blocks{};  // Result word w comes from block blocks[w].
    std::array<uint8_t, kCells> cells{};    // Its bit i comes from cell cells[64 * w + i] of it.
    std::array<uint16_t, kBlocks> block_offsets{};  // Where that block begins in a PaddedGrid.
    std::array<uint64_t, kPlanes * kPlaneWords> pad{};
  };

  explicit SchoolTransform(std::unique_ptr<const Tables> tables) : tables_(std::move(tables)) {}

  std::unique_ptr<const Tables> tables_;
};

}  // namespace ladon::matcher

#endif  // LADON_MATCHER_TRANSFORM_H_
