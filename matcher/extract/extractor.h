// From an image file of a palm region to vein codes: what a terminal calls.
//
// Input: PNG, JPEG or BMP, 8-bit grey or colour, 96 .. 1 024 pixels a side; either of the palm
// region only (finger valleys up or to one side, always the same way) or of a whole hand before a
// dark background, fingers up (hand_locator.h), told apart by the picture itself. Near infrared is
// what it is made for. Nothing is kept of the image. Raw images never leave the terminal; codes do.
//
// Deterministic: the same bytes give the same codes on one build (OpenCV is told to use one
// thread, process-wide, on first use). Safe from any thread. OpenCV's exceptions end here.
#ifndef LADON_MATCHER_EXTRACT_EXTRACTOR_H_
#define LADON_MATCHER_EXTRACT_EXTRACTOR_H_

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "matcher/vein_code.h"

namespace ladon::matcher {

inline constexpr size_t kImageFileBytesMax = size_t{4} << 20;
inline constexpr int kImageSideMin = 96;
inline constexpr int kImageSideMax = 1024;

struct Extraction {
  std::vector<VeinCode> codes;  // The first one is the upright code.
  int quality = 0;              // 0 .. 100: vein contrast, light and reliability; 50 is ordinary.
};

// One code, for enrolment.
// InvalidArgument: NOT_AN_IMAGE, IMAGE_TOO_LARGE, TOO_SMALL. FailedPrecondition: TOO_DARK,
// SATURATED, NO_PALM, and of a whole hand HAND_ABSENT, FINGERS_CLOSED, HAND_CUT_OFF; show the hand
// again. ExtractRefusalReason names which.
[[nodiscard]] absl::StatusOr<Extraction> ExtractTemplate(std::span<const uint8_t> image_file_bytes);

// Several codes of one image, for a search: the rotations (and scales) a hand may have taken.
// Refuses as ExtractTemplate.
[[nodiscard]] absl::StatusOr<Extraction> ExtractProbe(std::span<const uint8_t> image_file_bytes);

// The reason word in a refusal of this file; empty for OK and for statuses from elsewhere.
std::string ExtractRefusalReason(const absl::Status& status);

}  // namespace ladon::matcher

#endif  // LADON_MATCHER_EXTRACT_EXTRACTOR_H_
