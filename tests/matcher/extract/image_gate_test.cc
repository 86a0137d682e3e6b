// Goal: the gate tells sizes from headers alone and never reads past the end.
// Method: headers written by hand, with sizes no decoder should be asked for; then every prefix
// and many byte changes of valid files (run under the address sanitizer).
#include "matcher/extract/image_gate.h"

#include <opencv2/core.hpp>
#include <opencv2/imgcodecs.hpp>
#include <random>
#include <vector>

#include "gtest/gtest.h"
#include "matcher/extract/extractor.h"
#include "tests/testing/status_testing.h"

namespace ladon::matcher::extract {
namespace {

using Bytes = std::vector<uint8_t>;

// Signature, IHDR with the given size, IEND; checksums are the decoder's business.
Bytes PngHeader(uint32_t width, uint32_t height, uint8_t depth) {
  Bytes b = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n', 0, 0, 0, 13, 'I', 'H', 'D', 'R'};
  for (const uint32_t side : {width, height}) {
    for (int shift = 24; shift >= 0; shift -= 8) b.push_back(static_cast<uint8_t>(side >> shift));
  }
  b.insert(b.end(), {depth, 0, 0, 0, 0, 1, 2, 3, 4});
  b.insert(b.end(), {0, 0, 0, 0, 'I', 'E', 'N', 'D', 1, 2, 3, 4});
  return b;
}

std::string ReasonFor(const Bytes& file) {
  return ExtractRefusalReason(CheckImageFile(file));
}

TEST(ImageGateTest, PngLimits) {
  EXPECT_EQ(ReasonFor(PngHeader(96, 96, 8)), "");
  EXPECT_EQ(ReasonFor(PngHeader(1024, 1024, 8)), "");
  EXPECT_EQ(ReasonFor(PngHeader(95, 96, 8)), "TOO_SMALL");
  EXPECT_EQ(ReasonFor(PngHeader(96, 95, 8)), "TOO_SMALL");
  EXPECT_EQ(ReasonFor(PngHeader(1025, 96, 8)), "IMAGE_TOO_LARGE");
  EXPECT_EQ(ReasonFor(PngHeader(96, 1025, 8)), "IMAGE_TOO_LARGE");
  EXPECT_EQ(ReasonFor(PngHeader(0xffffffff, 0xffffffff, 8)), "IMAGE_TOO_LARGE");
  EXPECT_EQ(ReasonFor(PngHeader(128, 128, 16)), "NOT_AN_IMAGE");
  EXPECT_EQ(ReasonFor(PngHeader(128, 128, 1)), "NOT_AN_IMAGE");
}

TEST(ImageGateTest, PngChunkLengthBeyondTheFileIsRefused) {
  Bytes file = PngHeader(128, 128, 8);
  file[33] = 0xff;  // Length of IEND.
  EXPECT_EQ(ReasonFor(file), "NOT_AN_IMAGE");
}

TEST(ImageGateTest, BmpWithHugeOrNegativeSides) {
  Bytes file;
  ASSERT_TRUE(cv::imencode(".bmp", cv::Mat(128, 128, CV_8UC1, cv::Scalar(1)), file));
  EXPECT_EQ(ReasonFor(file), "");
  Bytes huge = file;
  huge[18] = huge[19] = huge[20] = 0xff;
  huge[21] = 0x7f;
  EXPECT_EQ(ReasonFor(huge), "IMAGE_TOO_LARGE");
  Bytes negative = file;
  for (size_t i = 18; i < 22; ++i) negative[i] = 0xff;
  EXPECT_EQ(ReasonFor(negative), "NOT_AN_IMAGE");
}

TEST(ImageGateTest, NoPrefixPassesAndNoChangeCrashes) {
  cv::Mat image(100, 100, CV_8UC1);
  cv::RNG(3).fill(image, cv::RNG::UNIFORM, 0, 256);
  std::mt19937 rng(4);
  for (const std::string extension : {".png", ".jpg", ".bmp"}) {
    Bytes whole;
    ASSERT_TRUE(cv::imencode(extension, image, whole));
    ASSERT_EQ(ReasonFor(whole), "") << extension;
    for (size_t length = 0; length < whole.size(); length += length < 700 ? 1 : 97) {
      // An exact allocation lets the sanitizer see a read past the end.
      const Bytes prefix(whole.begin(), whole.begin() + static_cast<ptrdiff_t>(length));
      EXPECT_EQ(ReasonFor(prefix), "NOT_AN_IMAGE") << extension << " " << length;
    }
    for (int i = 0; i < 3000; ++i) {
      Bytes changed = whole;
      changed[rng() % std::min<size_t>(changed.size(), 64)] = static_cast<uint8_t>(rng());
      const absl::Status status = CheckImageFile(changed);
      EXPECT_TRUE(status.ok() || absl::IsInvalidArgument(status));
    }
  }
}

}  // namespace
}  // namespace ladon::matcher::extract
