// An image set after extraction: codes, what could not be enrolled, and what extraction costs.
//
// Codes are biometric data: they stay in this process. Threading: CodeImages blocks and uses
// `threads` threads of its own.
#ifndef LADON_MATCHER_EVAL_CODED_SET_H_
#define LADON_MATCHER_EVAL_CODED_SET_H_

#include <cstddef>
#include <vector>

#include "absl/status/statusor.h"
#include "matcher/eval/image_set.h"
#include "matcher/eval/parallel.h"
#include "matcher/vein_code.h"

namespace ladon::matcher::eval {

struct CodedPalm {
  std::vector<VeinCode> templates;            // One an enrolment image.
  std::vector<std::vector<VeinCode>> probes;  // The probe codes of each probe image.
};

struct CodedSet {
  std::vector<CodedPalm> palms;  // Every one has a template.
  size_t images = 0;
  size_t failed_images = 0;     // Refused by the extractor.
  size_t failed_palms = 0;      // Left out: no enrolment image was accepted.
  double probe_extract_ms = 0;  // Median of one image's whole probe on one core.
  size_t probe_codes = 0;       // Codes in a probe.
};

// NotFound: an image cannot be read. FailedPrecondition: fewer than two palms are left, or no
// probe.
[[nodiscard]] absl::StatusOr<CodedSet> CodeImages(const ImageSet& images, size_t threads,
                                                  const Progress& progress);

}  // namespace ladon::matcher::eval

#endif  // LADON_MATCHER_EVAL_CODED_SET_H_
