#include "matcher/vein_code.h"

#include <algorithm>
#include <bit>
#include <cassert>
#include <cstring>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

namespace ladon::matcher {
namespace {

// Words are stored as they lie in memory; a big-endian port would swap them here.
static_assert(std::endian::native == std::endian::little);

// Johnson code: neighbours differ in one bit, also from the last to the first; 010 and 101 are
// the two patterns that no orientation has. Bit p of a pattern lies in plane p.
constexpr std::array<uint8_t, kOrientations> kPatterns = {0b000, 0b001, 0b011, 0b111, 0b110, 0b100};

struct CellPlace {
  size_t word;
  uint64_t bit;
};

CellPlace PlaceOf(size_t x, size_t y) {
  assert(x < kGridSide && y < kGridSide);
  return {.word = y / kBlockSide * kBlocksASide + x / kBlockSide,
          .bit = uint64_t{1} << (y % kBlockSide * kBlockSide + x % kBlockSide)};
}

absl::Status CheckHeader(std::span<const uint8_t> bytes) {
  if (bytes.size() != kTemplateBytes) {
    return absl::InvalidArgumentError(
        absl::StrCat("template: length ", bytes.size(), " bytes, expected ", kTemplateBytes));
  }
  if (bytes[0] != 'L' || bytes[1] != 'V') {
    return absl::InvalidArgumentError("template: magic is not LV");
  }
  if (bytes[2] != kTemplateVersion) {
    return absl::InvalidArgumentError(absl::StrCat(
        "template: version ", int{bytes[2]}, ", this build compares ", int{kTemplateVersion}));
  }
  if (bytes[3] != kTemplateExtractor) {
    return absl::InvalidArgumentError(absl::StrCat(
        "template: extractor ", int{bytes[3]}, ", this build compares ", int{kTemplateExtractor}));
  }
  return absl::OkStatus();
}

absl::Status CheckCells(const VeinCode& code) {
  for (size_t set = 0; set < kLineSets; ++set) {
    const uint64_t* const planes = code.words.data() + set * kPlanesASet * kPlaneWords;
    for (size_t w = 0; w < kPlaneWords; ++w) {
      const uint64_t p0 = planes[w];
      const uint64_t p1 = planes[kPlaneWords + w];
      const uint64_t p2 = planes[2 * kPlaneWords + w];
      const uint64_t mask = code.words[kPlanes * kPlaneWords + w];
      if (((p0 | p1 | p2) & ~mask) != 0) {
        return absl::InvalidArgumentError(
            absl::StrCat("template: plane bits under a cleared mask bit, block ", w));
      }
      const uint64_t illegal = (~p0 & p1 & ~p2) | (p0 & ~p1 & p2);
      if ((illegal & mask) != 0) {
        return absl::InvalidArgumentError(
            absl::StrCat("template: a cell holds no orientation, block ", w));
      }
    }
  }
  const size_t reliable = ReliableCells(code);
  if (reliable < kReliableCellsMin) {
    return absl::InvalidArgumentError(absl::StrCat(
        "template: ", reliable, " reliable cells, at least ", kReliableCellsMin, " are needed"));
  }
  return absl::OkStatus();
}

}  // namespace

void SetCell(VeinCode& code, size_t x, size_t y, CellLines lines) {
  ClearCell(code, x, y);
  const CellPlace place = PlaceOf(x, y);
  size_t plane = 0;
  for (const int orientation : {lines.fine, lines.coarse}) {
    assert(orientation >= 0 && orientation < kOrientations);
    const uint8_t pattern = kPatterns[static_cast<size_t>(orientation)];
    for (size_t p = 0; p < kPlanesASet; ++p, ++plane) {
      if ((pattern >> p & 1) != 0) code.words[plane * kPlaneWords + place.word] |= place.bit;
    }
  }
  code.words[kPlanes * kPlaneWords + place.word] |= place.bit;
}

void ClearCell(VeinCode& code, size_t x, size_t y) {
  const CellPlace place = PlaceOf(x, y);
  for (size_t p = 0; p <= kPlanes; ++p) code.words[p * kPlaneWords + place.word] &= ~place.bit;
}

std::optional<CellLines> CellAt(const VeinCode& code, size_t x, size_t y) {
  const CellPlace place = PlaceOf(x, y);
  if ((code.words[kPlanes * kPlaneWords + place.word] & place.bit) == 0) return std::nullopt;
  std::array<int, kLineSets> orientations{};
  for (size_t set = 0; set < kLineSets; ++set) {
    uint8_t pattern = 0;
    for (size_t p = 0; p < kPlanesASet; ++p) {
      if ((code.words[(set * kPlanesASet + p) * kPlaneWords + place.word] & place.bit) != 0) {
        pattern = static_cast<uint8_t>(pattern | 1 << p);
      }
    }
    const auto* const found = std::find(kPatterns.begin(), kPatterns.end(), pattern);
    if (found == kPatterns.end()) return std::nullopt;
    orientations[set] = static_cast<int>(found - kPatterns.begin());
  }
  return CellLines{.fine = orientations[0], .coarse = orientations[1]};
}

size_t ReliableCells(const VeinCode& code) {
  size_t cells = 0;
  for (size_t w = kPlanes * kPlaneWords; w < kCodeWords; ++w) {
    cells += static_cast<size_t>(std::popcount(code.words[w]));
  }
  return cells;
}

absl::StatusOr<VeinCode> ParseTemplate(std::span<const uint8_t> bytes) {
  if (absl::Status s = CheckHeader(bytes); !s.ok()) return s;
  VeinCode code;
  std::memcpy(code.words.data(), bytes.data() + kTemplateHeaderBytes, kCodeBytes);
  if (absl::Status s = CheckCells(code); !s.ok()) return s;
  return code;
}

bool IsOutdatedTemplate(std::span<const uint8_t> bytes) {
  return bytes.size() >= kTemplateHeaderBytes && bytes[0] == 'L' && bytes[1] == 'V' &&
         bytes[2] < kTemplateVersion;
}

std::vector<uint8_t> SerializeTemplate(const VeinCode& code) {
  std::vector<uint8_t> bytes(kTemplateBytes);
  bytes[0] = 'L';
  bytes[1] = 'V';
  bytes[2] = kTemplateVersion;
  bytes[3] = kTemplateExtractor;
  std::memcpy(bytes.data() + kTemplateHeaderBytes, code.words.data(), kCodeBytes);
  return bytes;
}

}  // namespace ladon::matcher
