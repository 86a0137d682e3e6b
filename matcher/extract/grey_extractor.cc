#include "matcher/extract/grey_extractor.h"

#include <array>
#include <span>

#include "matcher/extract/gabor_coder.h"
#include "matcher/extract/hand_locator.h"
#include "matcher/extract/refusal.h"
#include "matcher/extract/region_check.h"

namespace ladon::matcher::extract {
namespace {

constexpr std::array<Pose, 1> kTemplatePoses = {{{.rotation_deg = 0, .scale = 1}}};

// A hand comes back turned by some degrees and a little nearer or farther; translation and stretch
// are the server's, and they cover what lies between these poses (docs/adr/0009).
constexpr std::array<Pose, kProbePoseCount> kProbePoses = {{{.rotation_deg = 0, .scale = 1},
                                                            {.rotation_deg = -5, .scale = 1},
                                                            {.rotation_deg = 5, .scale = 1},
                                                            {.rotation_deg = 0, .scale = 0.92},
                                                            {.rotation_deg = 0, .scale = 1.08}}};

const GaborCoder& Coder() {
  static const GaborCoder coder = [] {
    cv::setNumThreads(1);
    return GaborCoder(GaborSettings{});
  }();
  return coder;
}

// The palm's part of the picture: all of it, unless the picture shows a whole hand.
absl::StatusOr<cv::Mat> PalmRegionOf(const cv::Mat& grey) {
  if (!IsWholeHandPicture(grey)) return grey;
  const absl::StatusOr<PalmPlace> place = LocatePalm(grey);
  if (!place.ok()) return place.status();
  return CutPalmRegion(grey, *place);
}

}  // namespace

absl::StatusOr<Extraction> ExtractGrey(const cv::Mat& grey, Purpose purpose) {
  try {
    const GaborCoder& coder = Coder();
    const absl::StatusOr<cv::Mat> region = PalmRegionOf(grey);
    if (!region.ok()) return region.status();
    const RegionFigures figures = MeasureRegion(*region);
    if (absl::Status s = CheckRegion(figures); !s.ok()) return s;
    const std::span<const Pose> poses = purpose == Purpose::kTemplate
                                            ? std::span<const Pose>(kTemplatePoses)
                                            : std::span<const Pose>(kProbePoses);
    Extraction extraction;
    extraction.quality = QualityOf(figures);
    extraction.codes = coder.Code(*region, poses);
    return extraction;
  } catch (const cv::Exception&) {
    return Refuse(kNotAnImage, "the image library refused the pixels");
  }
}

}  // namespace ladon::matcher::extract
