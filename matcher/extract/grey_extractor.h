// From pixels to vein codes: what is left of the extractor (extractor.h) once a file is decoded.
//
// Deterministic: the same pixels give the same codes on one build, and codes that differ in a few
// cells on another CPU (tests/matcher/extract/vectors). Safe from any thread. OpenCV is told to use
// one thread, process-wide, on first use; its exceptions end here.
#ifndef LADON_MATCHER_EXTRACT_GREY_EXTRACTOR_H_
#define LADON_MATCHER_EXTRACT_GREY_EXTRACTOR_H_

#include <cstddef>
#include <opencv2/core.hpp>

#include "absl/status/statusor.h"
#include "matcher/extract/extractor.h"

namespace ladon::matcher::extract {

// The codes of a probe, in every probe.
inline constexpr size_t kProbePoseCount = 5;

enum class Purpose { kTemplate, kProbe };

// `grey` is CV_8UC1 of an allowed size (extractor.h). Refuses as ExtractTemplate.
absl::StatusOr<Extraction> ExtractGrey(const cv::Mat& grey, Purpose purpose);

}  // namespace ladon::matcher::extract

#endif  // LADON_MATCHER_EXTRACT_GREY_EXTRACTOR_H_
