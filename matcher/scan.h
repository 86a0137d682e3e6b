// One scan: every row against every variant of a probe, and who came nearest.
//
// Exhaustive and exact: every row gets the distance that SearchDistanceQ16 specifies, whatever
// kernel is used. Rows are opened kOpenRowsMax at a time into scratch that is wiped when the scan
// ends; the variants of one code and one dy are visited together and stay in L1 beside them.
#ifndef LADON_MATCHER_SCAN_H_
#define LADON_MATCHER_SCAN_H_

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>

#include "matcher/distance.h"
#include "matcher/kernels/dispatch.h"
#include "matcher/memory_key.h"
#include "matcher/transform.h"
#include "matcher/vein_code.h"

namespace ladon::matcher {

// Most codes one probe may carry: 5 rotations x 3 scales.
inline constexpr size_t kProbeCodesMax = 15;

// A subject as the rest of the system names one: 128 random bits, no meaning inside.
struct SubjectRef {
  std::array<uint8_t, 16> bytes{};

  friend bool operator==(const SubjectRef&, const SubjectRef&) = default;
  friend std::strong_ordering operator<=>(const SubjectRef&, const SubjectRef&) = default;
};

struct Candidate {
  int32_t distance_q16;
  SubjectRef subject;

  // Nearer first; equal distances by SubjectRef, so that row order never matters.
  friend std::strong_ordering operator<=>(const Candidate&, const Candidate&) = default;
};

// The least candidate, and the least one of any other subject.
class TwoBest {
 public:
  void Offer(const Candidate& candidate);
  const std::optional<Candidate>& best() const { return best_; }
  const std::optional<Candidate>& best_other() const { return best_other_; }

 private:
  std::optional<Candidate> best_;
  std::optional<Candidate> best_other_;
};

// A probe turned into all its alignments under a school's transform. Wiped when it goes.
class ProbeVariants {
 public:
  // `codes` are plain, 1 .. kProbeCodesMax (asserted).
  ProbeVariants(const SchoolTransform& transform, std::span<const VeinCode> codes);
  ~ProbeVariants();
  ProbeVariants(const ProbeVariants&) = delete;
  ProbeVariants& operator=(const ProbeVariants&) = delete;

  [[nodiscard]] size_t codes() const { return count_ / kShifts; }
  // Code `code` moved by (dx, dy) cells, |dx|, |dy| <= kShiftCellsMax. They follow each other in
  // memory, dy slowest.
  [[nodiscard]] const VeinCode& At(size_t code, int dx, int dy) const {
    const int place = (dy + kShiftCellsMax) * kShiftSide + dx + kShiftCellsMax;
    return variants_[code * kShifts + static_cast<size_t>(place)];
  }

 private:
  size_t count_;
  std::unique_ptr<VeinCode[]> variants_;
};

// The least distance over width x height translations, row by row, of which a kernel has given the
// excess of every block and the common cells; blocks move among them (SearchDistanceQ16).
// At most kShifts of them.
[[nodiscard]] int32_t LeastDistanceQ16(std::span<const int16_t> excess,
                                       std::span<const uint16_t> cells, size_t width, size_t height,
                                       const kernels::MatchKernels& kernels);

// distances_q16[r] = SearchDistanceQ16 of rows[r] and the probe, both under the transform. Sizes
// are equal, at most kOpenRowsMax.
void ScanRows(std::span<const VeinCode> rows, const ProbeVariants& probe,
              const kernels::MatchKernels& kernels, std::span<int32_t> distances_q16);

}  // namespace ladon::matcher

#endif  // LADON_MATCHER_SCAN_H_
