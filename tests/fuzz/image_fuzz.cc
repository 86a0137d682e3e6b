// The image loader takes anything: it gives a canonical code or a refusal with a reason.
#include <cstdlib>
#include <opencv2/core.hpp>
#include <opencv2/imgcodecs.hpp>

#include "matcher/extract/extractor.h"
#include "matcher/extract/synthetic_hand.h"
#include "matcher/extract/synthetic_palm.h"
#include "tests/fuzz/fuzz_target.h"

using ladon::matcher::ExtractRefusalReason;
using ladon::matcher::ExtractTemplate;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto extraction = ExtractTemplate({data, size});
  if (!extraction.ok()) {
    if (ExtractRefusalReason(extraction.status()).empty()) std::abort();
    return 0;
  }
  if (extraction->codes.size() != 1) std::abort();
  const auto bytes = ladon::matcher::SerializeTemplate(extraction->codes.front());
  if (!ladon::matcher::ParseTemplate(bytes).ok()) std::abort();
  return 0;
}

namespace ladon::fuzz {

std::vector<std::vector<uint8_t>> Seeds() {
  const std::vector<uint8_t> png = matcher::RenderSyntheticPalmPng({.palm_seed = 1});
  const cv::Mat grey = cv::imdecode(png, cv::IMREAD_GRAYSCALE);
  std::vector<std::vector<uint8_t>> seeds = {png};
  for (const char* extension : {".jpg", ".bmp"}) {
    cv::imencode(extension, grey, seeds.emplace_back());
  }
  // A whole hand, small enough for the fuzzer's inputs.
  const cv::Mat hand = cv::imdecode(matcher::RenderSyntheticHandPng({.palm = {.palm_seed = 1}}),
                                    cv::IMREAD_REDUCED_GRAYSCALE_2);
  cv::imencode(".jpg", hand, seeds.emplace_back());
  return seeds;
}

size_t ReplayMutations() {
  return 150;
}

}  // namespace ladon::fuzz
