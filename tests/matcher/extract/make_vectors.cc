// Writes the conformance vectors of the extractor anew: synthetic pictures as PGM, and what this
// build makes of them. Only for a new template version; the files are kept in the tree.
//
//   make_vectors FOLDER
#include <cstdio>
#include <fstream>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>
#include <string>

#include "matcher/extract/grey_extractor.h"
#include "matcher/extract/synthetic_hand.h"
#include "matcher/vein_code.h"

namespace {

bool Write(const std::string& path, const cv::Mat& grey) {
  const auto extraction =
      ladon::matcher::extract::ExtractGrey(grey, ladon::matcher::extract::Purpose::kProbe);
  if (!extraction.ok()) return false;
  std::ofstream picture(path + ".pgm", std::ios::binary);
  picture << "P5 " << grey.cols << " " << grey.rows << " 255\n";
  for (int y = 0; y < grey.rows; ++y) {
    picture.write(reinterpret_cast<const char*>(grey.ptr(y)), grey.cols);
  }
  std::ofstream codes(path + ".codes", std::ios::binary);
  for (const auto& code : extraction->codes) {
    const std::vector<uint8_t> bytes = ladon::matcher::SerializeTemplate(code);
    codes.write(reinterpret_cast<const char*>(bytes.data()),
                static_cast<std::streamsize>(bytes.size()));
  }
  return picture.good() && codes.good();
}

cv::Mat Decoded(const std::vector<uint8_t>& file) {
  return cv::imdecode(file, cv::IMREAD_GRAYSCALE);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: %s FOLDER\n", argv[0]);
    return 2;
  }
  const std::string folder = std::string(argv[1]) + "/";
  bool written = true;
  for (const uint64_t palm : {1, 2, 3}) {
    cv::Mat region;
    cv::resize(Decoded(ladon::matcher::RenderSyntheticPalmPng({palm, 1})), region, {128, 128}, 0, 0,
               cv::INTER_AREA);
    written = Write(folder + "palm_" + std::to_string(palm), region) && written;
  }
  cv::Mat hand;
  cv::resize(Decoded(ladon::matcher::RenderSyntheticHandPng(
                 {.palm = {.palm_seed = 4}, .rotation_deg = 8, .shift_x_px = 12})),
             hand, {320, 240}, 0, 0, cv::INTER_AREA);
  written = Write(folder + "hand_4", hand) && written;
  return written ? 0 : 1;
}
