// The school transform: a secret renaming of cells that makes codes of two schools unlinkable.
//
// From a school's 32-byte secret come a permutation of the 1 024 cells (planes and mask together)
// and a pad of 3 072 bits XORed onto the planes (the mask is permuted, not padded). Both sides of
// a comparison carry the same transform, so CountMasked is preserved exactly, and a school can be
// re-keyed without re-enrolment. This is obfuscation and renewability, not irreversibility: the
// holder of the secret undoes it, and about a hundred transformed records under one secret reveal
// the layout statistically. Rows in memory are therefore encrypted as well (memory_key.h).
//
// A transformed code is not canonical (the pad also lies under cleared mask bits) and never leaves
// the server. Shifts do not commute with the permutation: alignment comes first, on the probe.
//
// Derivation: key = HMAC-SHA256(school secret, "ladon/matcher/school-transform/v1"); ChaCha20
// (RFC 8439) under that key and a zero nonce gives the stream; its first 384 bytes are the pad, the
// rest feeds a Fisher-Yates shuffle without modulo bias. Immutable after Derive, safe from any
// thread; the tables are wiped when the object goes.
#ifndef LADON_MATCHER_TRANSFORM_H_
#define LADON_MATCHER_TRANSFORM_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include "matcher/distance.h"
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

  // Where the cells of each block (distance.h) lie after Apply: kPlaneWords words a block, a bit
  // set for every cell of it.
  using BlockMasks = std::array<uint64_t, kBlocks * kPlaneWords>;
  const BlockMasks& block_masks() const { return tables_->block_masks; }

  // Writes Apply(Shift(code, dx, dy)) for every |dx|, |dy| <= kShiftCellsMax, dy slowest.
  // One pass over a padded grid: several times faster than the two calls it equals.
  void ApplyAllShifts(const VeinCode& code, std::span<VeinCode, kShifts> out) const;

  // The inverse of Apply, for re-keying: other.Apply(Undo(code)). Exact, mask included.
  VeinCode Undo(const VeinCode& transformed) const;

 private:
  struct Tables {
    ~Tables();
    std::array<uint16_t, kCells> source{};         // Result cell i comes from cell source[i].
    std::array<uint16_t, kCells> padded_source{};  // The same, as an index into PaddedGrid.
    std::array<uint64_t, kPlanes * kPlaneWords> pad{};
    BlockMasks block_masks{};
  };

  explicit SchoolTransform(std::unique_ptr<const Tables> tables) : tables_(std::move(tables)) {}

  std::unique_ptr<const Tables> tables_;
};

}  // namespace ladon::matcher

#endif  // LADON_MATCHER_TRANSFORM_H_
