#include "matcher/extract/extractor.h"

#include <array>
#include <opencv2/core.hpp>
#include <opencv2/imgcodecs.hpp>
#include <utility>

#include "matcher/extract/gabor_coder.h"
#include "matcher/extract/hand_locator.h"
#include "matcher/extract/image_gate.h"
#include "matcher/extract/refusal.h"
#include "matcher/extract/region_check.h"

namespace ladon::matcher {
namespace {

using extract::GaborCoder;
using extract::Pose;

constexpr std::array<Pose, 1> kTemplatePoses = {{{.rotation_deg = 0, .scale = 1}}};

// A hand comes back turned by some degrees and a little nearer or farther; translation and stretch
// are the server's, and they cover what lies between these poses (docs/adr/0009).
constexpr std::array<Pose, 5> kProbePoses = {{{.rotation_deg = 0, .scale = 1},
                                              {.rotation_deg = -5, .scale = 1},
                                              {.rotation_deg = 5, .scale = 1},
                                              {.rotation_deg = 0, .scale = 0.92},
                                              {.rotation_deg = 0, .scale = 1.08}}};

const GaborCoder& Coder() {
  static const GaborCoder coder = [] {
    cv::setNumThreads(1);
    return GaborCoder(extract::GaborSettings{});
  }();
  return coder;
}

// The palm's part of the picture: all of it, unless the picture shows a whole hand.
absl::StatusOr<cv::Mat> PalmRegionOf(const cv::Mat& grey) {
  if (!extract::IsWholeHandPicture(grey)) return grey;
  const absl::StatusOr<extract::PalmPlace> place = extract::LocatePalm(grey);
  if (!place.ok()) return place.status();
  return extract::CutPalmRegion(grey, *place);
}

absl::StatusOr<Extraction> ExtractPoses(std::span<const uint8_t> file,
                                        std::span<const Pose> poses) {
  if (absl::Status s = extract::CheckImageFile(file); !s.ok()) return s;
  try {
    const GaborCoder& coder = Coder();
    const cv::Mat bytes(1, static_cast<int>(file.size()), CV_8UC1,
                        const_cast<uint8_t*>(file.data()));  // Only read; Mat has no const view.
    const cv::Mat grey = cv::imdecode(bytes, cv::IMREAD_GRAYSCALE | cv::IMREAD_IGNORE_ORIENTATION);
    if (grey.empty()) {
      return extract::Refuse(extract::kNotAnImage, "the file is damaged and cannot be decoded");
    }
    const absl::StatusOr<cv::Mat> region = PalmRegionOf(grey);
    if (!region.ok()) return region.status();
    const extract::RegionFigures figures = extract::MeasureRegion(*region);
    if (absl::Status s = extract::CheckRegion(figures); !s.ok()) return s;
    Extraction extraction;
    extraction.quality = extract::QualityOf(figures);
    extraction.codes = coder.Code(*region, poses);
    return extraction;
  } catch (const cv::Exception&) {
    return extract::Refuse(extract::kNotAnImage, "the image library refused the file");
  }
}

}  // namespace

absl::StatusOr<Extraction> ExtractTemplate(std::span<const uint8_t> image_file_bytes) {
  return ExtractPoses(image_file_bytes, kTemplatePoses);
}

absl::StatusOr<Extraction> ExtractProbe(std::span<const uint8_t> image_file_bytes) {
  return ExtractPoses(image_file_bytes, kProbePoses);
}

}  // namespace ladon::matcher
