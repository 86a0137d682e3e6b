// Vein code v2: what a palm looks like to the matcher, and how it travels.
//
// A code is a grid of 32 x 32 cells over the palm region. A cell holds the orientation of the
// dominant dark line, one of six (0, 30, ... 150 degrees), twice: of the fine lines and of the
// coarse ones (extract/gabor_coder.h), and one mask bit that says whether both can be relied on.
// Orientations are written in a 3-bit circular (Johnson) code, so that the Hamming distance of two
// cells is their angular distance in steps: 0 to 3 for either set. The idea is the competitive code
// of Kong and Zhang (ICPR 2004); the masks follow Daugman's iris code.
//
// Invariants of a canonical code: a cell whose mask bit is 0 has zero in all planes; a cell whose
// mask bit is 1 holds one of the six legal patterns in each set. ParseTemplate admits canonical
// codes only. A VeinCode is plain data: copying is free of side effects, threads may share const
// ones. It is biometric data: whoever holds one longer than a call keeps it sealed (memory_key.h).
//
// The cells of one block of 8 x 8 are one 64-bit word, because blocks move on their own when a palm
// is compared (distance.h): cell (x, y) is bit (y % 8) * 8 + x % 8 of word (y / 8) * 4 + x / 8.
//
// Wire format of a template, kTemplateBytes bytes, words little-endian:
//   0  'L'   1  'V'   2  version (2)   3  extractor (2)
//   4 .. 387  the fine set: planes 0, 1, 2 of 16 words each    388 .. 771  the coarse set
//   772 .. 899  mask
#ifndef LADON_MATCHER_VEIN_CODE_H_
#define LADON_MATCHER_VEIN_CODE_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "absl/status/statusor.h"

namespace ladon::matcher {

inline constexpr size_t kGridSide = 32;  // Cells.
inline constexpr size_t kCells = kGridSide * kGridSide;
inline constexpr size_t kBlockSide = 8;  // Cells.
inline constexpr size_t kBlocksASide = kGridSide / kBlockSide;
inline constexpr size_t kBlocks = kBlocksASide * kBlocksASide;
inline constexpr size_t kLineSets = 2;  // Fine lines, then coarse ones.
inline constexpr size_t kPlanesASet = 3;
inline constexpr size_t kPlanes = kLineSets * kPlanesASet;
inline constexpr size_t kPlaneWords = kCells / 64;
static_assert(kPlaneWords == kBlocks && kBlockSide * kBlockSide == 64);
inline constexpr size_t kCodeWords = (kPlanes + 1) * kPlaneWords;
inline constexpr size_t kCodeBytes = kCodeWords * sizeof(uint64_t);
inline constexpr int kOrientations = 6;

inline constexpr uint8_t kTemplateVersion = 2;
inline constexpr uint8_t kTemplateExtractor = 2;  // matcher/extract, Gabor filters of two widths.
inline constexpr size_t kTemplateHeaderBytes = 4;
inline constexpr size_t kTemplateBytes = kTemplateHeaderBytes + kCodeBytes;

// Fewer reliable cells than this say too little about a palm to be enrolled or searched for.
// The extractor leaves about 920 of 1 024.
inline constexpr size_t kReliableCellsMin = 512;

struct alignas(64) VeinCode {
  // 16 words a plane: 0..47 the fine set, 48..95 the coarse set, 96..111 the mask.
  std::array<uint64_t, kCodeWords> words{};

  friend bool operator==(const VeinCode&, const VeinCode&) = default;
};
static_assert(sizeof(VeinCode) == kCodeBytes);

// The orientations of one cell, 0 .. kOrientations-1 each.
struct CellLines {
  int fine = 0;
  int coarse = 0;

  friend bool operator==(const CellLines&, const CellLines&) = default;
};

// Makes cell (x, y) reliable with `lines`. Asserts the ranges.
void SetCell(VeinCode& code, size_t x, size_t y, CellLines lines);

// Makes cell (x, y) unreliable, canonically: plane bits zero.
void ClearCell(VeinCode& code, size_t x, size_t y);

// What cell (x, y) holds; nullopt where it is masked out or a set holds no legal pattern.
std::optional<CellLines> CellAt(const VeinCode& code, size_t x, size_t y);

// How many mask bits are set, 0 .. kCells.
size_t ReliableCells(const VeinCode& code);

// Decodes an untrusted template.
// OK: the code is canonical and carries at least kReliableCellsMin reliable cells.
// InvalidArgument, naming the reason: length other than kTemplateBytes, foreign magic, version or
// extractor we cannot compare (a template of version 1 among them: enrol again), a plane bit under
// a cleared mask bit, an illegal 3-bit pattern under a set one, too few reliable cells. The caller
// refuses the request; nothing to retry.
[[nodiscard]] absl::StatusOr<VeinCode> ParseTemplate(std::span<const uint8_t> bytes);

// Whether `bytes` begin like a template of an earlier version: one to be enrolled anew, not damage.
[[nodiscard]] bool IsOutdatedTemplate(std::span<const uint8_t> bytes);

// Encodes a canonical code; ParseTemplate returns the same code if it has enough reliable cells.
[[nodiscard]] std::vector<uint8_t> SerializeTemplate(const VeinCode& code);

}  // namespace ladon::matcher

#endif  // LADON_MATCHER_VEIN_CODE_H_
