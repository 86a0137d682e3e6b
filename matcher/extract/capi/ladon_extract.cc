#include "matcher/extract/capi/ladon_extract.h"

#include <algorithm>
#include <array>
#include <opencv2/core.hpp>
#include <string_view>
#include <vector>

#include "matcher/extract/grey_extractor.h"
#include "matcher/extract/refusal.h"
#include "matcher/vein_code.h"

namespace ladon::matcher::extract {
namespace {

static_assert(LADON_EXTRACT_CODE_BYTES == kTemplateBytes);
static_assert(LADON_EXTRACT_PROBE_CODES == kProbePoseCount);
static_assert(LADON_EXTRACT_SIDE_MIN == kImageSideMin);
static_assert(LADON_EXTRACT_SIDE_MAX == kImageSideMax);

struct Word {
  int result;
  std::string_view word;
};
constexpr std::array kWords = {
    Word{LADON_EXTRACT_OK, "OK"},
    Word{LADON_EXTRACT_INVALID_ARGUMENT, "INVALID_ARGUMENT"},
    Word{LADON_EXTRACT_TOO_SMALL, kTooSmall},
    Word{LADON_EXTRACT_TOO_LARGE, "TOO_LARGE"},
    Word{LADON_EXTRACT_TOO_DARK, kTooDark},
    Word{LADON_EXTRACT_SATURATED, kSaturated},
    Word{LADON_EXTRACT_NO_PALM, kNoPalm},
    Word{LADON_EXTRACT_HAND_ABSENT, kHandAbsent},
    Word{LADON_EXTRACT_FINGERS_CLOSED, kFingersClosed},
    Word{LADON_EXTRACT_HAND_CUT_OFF, kHandCutOff},
    Word{LADON_EXTRACT_INTERNAL, "INTERNAL"},
};

int ResultOf(const absl::Status& status) {
  const std::string reason = ExtractRefusalReason(status);
  const auto* const word =
      std::find_if(kWords.begin(), kWords.end(), [&](const Word& w) { return w.word == reason; });
  return word == kWords.end() ? LADON_EXTRACT_INTERNAL : word->result;
}

int Extract(const uint8_t* grey, uint32_t width, uint32_t height, size_t stride, Purpose purpose,
            uint8_t* out, int* quality) {
  if (grey == nullptr || out == nullptr || stride < width) return LADON_EXTRACT_INVALID_ARGUMENT;
  if (std::min(width, height) < kImageSideMin) return LADON_EXTRACT_TOO_SMALL;
  if (std::max(width, height) > kImageSideMax) return LADON_EXTRACT_TOO_LARGE;
  try {
    const cv::Mat pixels(static_cast<int>(height), static_cast<int>(width), CV_8UC1,
                         const_cast<uint8_t*>(grey), stride);  // Only read.
    const absl::StatusOr<Extraction> extraction = ExtractGrey(pixels, purpose);
    if (!extraction.ok()) return ResultOf(extraction.status());
    for (const VeinCode& code : extraction->codes) {
      const std::vector<uint8_t> bytes = SerializeTemplate(code);
      out = std::copy(bytes.begin(), bytes.end(), out);
    }
    if (quality != nullptr) *quality = extraction->quality;
    return LADON_EXTRACT_OK;
  } catch (...) {  // No memory: an exception must not pass through C.
    return LADON_EXTRACT_INTERNAL;
  }
}

}  // namespace
}  // namespace ladon::matcher::extract

uint32_t ladon_extract_abi(void) {
  return LADON_EXTRACT_ABI;
}

const char* ladon_extract_word(int result) {
  using ladon::matcher::extract::kWords;
  const auto* const word =
      std::find_if(kWords.begin(), kWords.end(), [&](const auto& w) { return w.result == result; });
  return word == kWords.end() ? "UNKNOWN" : word->word.data();  // All are literals.
}

int ladon_extract_template(const uint8_t* grey, uint32_t width, uint32_t height, size_t stride,
                           uint8_t* code, int* quality) {
  using ladon::matcher::extract::Purpose;
  return ladon::matcher::extract::Extract(grey, width, height, stride, Purpose::kTemplate, code,
                                          quality);
}

int ladon_extract_probe(const uint8_t* grey, uint32_t width, uint32_t height, size_t stride,
                        uint8_t* codes, int* quality) {
  using ladon::matcher::extract::Purpose;
  return ladon::matcher::extract::Extract(grey, width, height, stride, Purpose::kProbe, codes,
                                          quality);
}
