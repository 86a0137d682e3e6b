// Vein code v1: what a palm looks like to the matcher, and how it travels.
//
// A code is a grid of 32 x 32 cells over the palm region. A cell holds the orientation of the
// dominant dark line, one of six (0, 30, ... 150 degrees), and a mask bit that says whether the
// orientation can be relied on. Orientations are written in a 3-bit circular (Johnson) code, so
// that the Hamming distance of two cells is their angular distance in steps: 0 to 3. The idea is
// the competitive code of Kong and Zhang (ICPR 2004); the masks follow Daugman's iris code.
//
// Invariants of a canonical code: a cell whose mask bit is 0 has zero in all planes; a cell whose
// mask bit is 1 holds one of the six legal patterns. ParseTemplate admits canonical codes only.
// A VeinCode is plain data: copying is free of side effects, threads may share const ones. It is
// biometric data: whoever holds one longer than a call keeps it sealed (see memory_key.h).
//
// Wire format of a template, kTemplateBytes bytes:
//   0  'L'   1  'V'   2  version (1)   3  extractor (1)
//   4 .. 131    plane 0    132 .. 259  plane 1    260 .. 387  plane 2    388 .. 515  mask
// Cell (x, y) is bit y*32+x of its plane; bit b is bit b%8 of byte b/8.
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

inline constexpr size_t kGridSide = 32;
inline constexpr size_t kCells = kGridSide * kGridSide;
inline constexpr size_t kPlanes = 3;
inline constexpr size_t kPlaneWords = kCells / 64;
inline constexpr size_t kCodeWords = (kPlanes + 1) * kPlaneWords;
inline constexpr size_t kCodeBytes = kCodeWords * sizeof(uint64_t);
inline constexpr int kOrientations = 6;

inline constexpr uint8_t kTemplateVersion = 1;
inline constexpr uint8_t kTemplateExtractor = 1;  // matcher/extract, the Gabor extractor.
inline constexpr size_t kTemplateHeaderBytes = 4;
inline constexpr size_t kTemplateBytes = kTemplateHeaderBytes + kCodeBytes;

// Fewer reliable cells than this say too little about a palm to be enrolled or searched for.
// The extractor leaves about 920 of 1 024.
inline constexpr size_t kReliableCellsMin = 512;

struct alignas(64) VeinCode {
  // Words 0..15 plane 0, 16..31 plane 1, 32..47 plane 2, 48..63 mask.
  std::array<uint64_t, kCodeWords> words{};

  friend bool operator==(const VeinCode&, const VeinCode&) = default;
};
static_assert(sizeof(VeinCode) == kCodeBytes);

// Makes cell (x, y) reliable with `orientation` 0 .. kOrientations-1. Asserts the ranges.
void SetCell(VeinCode& code, size_t x, size_t y, int orientation);

// Makes cell (x, y) unreliable, canonically: plane bits zero.
void ClearCell(VeinCode& code, size_t x, size_t y);

// The orientation of cell (x, y); nullopt where the cell is masked out or holds no legal pattern.
std::optional<int> OrientationAt(const VeinCode& code, size_t x, size_t y);

// How many mask bits are set, 0 .. kCells.
size_t ReliableCells(const VeinCode& code);

// Decodes an untrusted template.
// OK: the code is canonical and carries at least kReliableCellsMin reliable cells.
// InvalidArgument, naming the reason: length other than kTemplateBytes, foreign magic, version or
// extractor we cannot compare, a plane bit under a cleared mask bit, an illegal 3-bit pattern
// under a set one, too few reliable cells. The caller refuses the request; nothing to retry.
[[nodiscard]] absl::StatusOr<VeinCode> ParseTemplate(std::span<const uint8_t> bytes);

// Encodes a canonical code; ParseTemplate returns the same code if it has enough reliable cells.
[[nodiscard]] std::vector<uint8_t> SerializeTemplate(const VeinCode& code);

}  // namespace ladon::matcher

#endif  // LADON_MATCHER_VEIN_CODE_H_
