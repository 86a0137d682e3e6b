// One scan: every row against every variant of a probe, and who came nearest.
//
// Exhaustive and exact: the result equals the minimum of DistanceQ16 over all rows and variants,
// whatever kernel and block sizes are used. Rows are opened kOpenRowsMax at a time into scratch
// that is wiped when the scan ends; variants are visited in blocks that stay in L1 beside them.
#ifndef LADON_MATCHER_SCAN_H_
#define LADON_MATCHER_SCAN_H_

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>

#include "matcher/kernels/dispatch.h"
#include "matcher/transform.h"
#include "matcher/vein_code.h"

namespace ladon::matcher {

// Most codes one probe may carry: 5 rotations x 3 scales.
inline constexpr size_t kProbeCodesMax = 15;

// 16 KiB of variants beside 8 KiB of open rows: both stay in a 32 KiB L1.
inline constexpr size_t kVariantsPerBlock = 32;

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

  std::span<const VeinCode> variants() const { return {variants_.get(), count_}; }

 private:
  size_t count_;
  std::unique_ptr<VeinCode[]> variants_;
};

// Lowers nearest_q16[r] to the least distance of rows[r] over `variants`. Sizes are equal.
void LowerNearest(std::span<const VeinCode> rows, std::span<const VeinCode> variants,
                  kernels::HammingMaskedFn hamming, std::span<int32_t> nearest_q16);

}  // namespace ladon::matcher

#endif  // LADON_MATCHER_SCAN_H_
