#include "matcher/extract/extractor.h"

#include <opencv2/core.hpp>
#include <opencv2/imgcodecs.hpp>

#include "matcher/extract/grey_extractor.h"
#include "matcher/extract/image_gate.h"
#include "matcher/extract/refusal.h"

namespace ladon::matcher {
namespace {

absl::StatusOr<Extraction> ExtractFile(std::span<const uint8_t> file, extract::Purpose purpose) {
  if (absl::Status s = extract::CheckImageFile(file); !s.ok()) return s;
  try {
    const cv::Mat bytes(1, static_cast<int>(file.size()), CV_8UC1,
                        const_cast<uint8_t*>(file.data()));  // Only read; Mat has no const view.
    const cv::Mat grey = cv::imdecode(bytes, cv::IMREAD_GRAYSCALE | cv::IMREAD_IGNORE_ORIENTATION);
    if (grey.empty()) {
      return extract::Refuse(extract::kNotAnImage, "the file is damaged and cannot be decoded");
    }
    return extract::ExtractGrey(grey, purpose);
  } catch (const cv::Exception&) {
    return extract::Refuse(extract::kNotAnImage, "the image library refused the file");
  }
}

}  // namespace

absl::StatusOr<Extraction> ExtractTemplate(std::span<const uint8_t> image_file_bytes) {
  return ExtractFile(image_file_bytes, extract::Purpose::kTemplate);
}

absl::StatusOr<Extraction> ExtractProbe(std::span<const uint8_t> image_file_bytes) {
  return ExtractFile(image_file_bytes, extract::Purpose::kProbe);
}

}  // namespace ladon::matcher
