// Goal: every bad image is refused with its own reason, every good one gives the same codes again.
// Method: files made here, with OpenCV or by hand, one defect each; synthetic palms as good ones.
#include "matcher/extract/extractor.h"

#include <algorithm>
#include <opencv2/core.hpp>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>
#include <string>
#include <thread>
#include <vector>

#include "gtest/gtest.h"
#include "matcher/distance.h"
#include "matcher/extract/synthetic_palm.h"
#include "tests/testing/status_testing.h"

namespace ladon::matcher {
namespace {

using ::ladon::testing::IsOk;
using ::ladon::testing::StatusIs;
using Bytes = std::vector<uint8_t>;

Bytes Encode(const cv::Mat& image, const std::string& extension = ".png") {
  Bytes file;
  EXPECT_TRUE(cv::imencode(extension, image, file));
  return file;
}

cv::Mat Palm(int side_px = kSyntheticPalmSidePx) {
  const Bytes file = RenderSyntheticPalmPng({.palm_seed = 1, .sample_seed = 1});
  cv::Mat palm = cv::imdecode(file, cv::IMREAD_GRAYSCALE);
  cv::resize(palm, palm, cv::Size(side_px, side_px), 0, 0, cv::INTER_CUBIC);
  return palm;
}

void ExpectRefusal(const Bytes& file, absl::StatusCode code, const std::string& reason) {
  for (const bool probe : {false, true}) {
    const absl::StatusOr<Extraction> result = probe ? ExtractProbe(file) : ExtractTemplate(file);
    ASSERT_THAT(result, StatusIs(code));
    EXPECT_EQ(ExtractRefusalReason(result.status()), reason) << result.status();
  }
}

void ExpectNotAnImage(const Bytes& file) {
  ExpectRefusal(file, absl::StatusCode::kInvalidArgument, "NOT_AN_IMAGE");
}

TEST(ExtractorTest, TemplateIsOneCanonicalCode) {
  ASSERT_OK_AND_ASSIGN(const Extraction extraction, ExtractTemplate(Encode(Palm())));
  ASSERT_EQ(extraction.codes.size(), 1U);
  EXPECT_GT(ReliableCells(extraction.codes[0]), 900U);
  ASSERT_OK_AND_ASSIGN(const VeinCode parsed,
                       ParseTemplate(SerializeTemplate(extraction.codes[0])));
  EXPECT_EQ(parsed, extraction.codes[0]);
  EXPECT_GE(extraction.quality, 20);
  EXPECT_LE(extraction.quality, 100);
}

TEST(ExtractorTest, ProbeBeginsWithTheTemplateAndIsRepeatable) {
  const Bytes file = Encode(Palm());
  ASSERT_OK_AND_ASSIGN(const Extraction single, ExtractTemplate(file));
  ASSERT_OK_AND_ASSIGN(const Extraction first, ExtractProbe(file));
  ASSERT_OK_AND_ASSIGN(const Extraction second, ExtractProbe(file));
  ASSERT_GE(first.codes.size(), 5U);
  ASSERT_LE(first.codes.size(), 15U);
  EXPECT_EQ(first.codes[0], single.codes[0]);
  EXPECT_EQ(first.codes, second.codes);
  for (size_t i = 1; i < first.codes.size(); ++i) {
    EXPECT_NE(first.codes[i], first.codes[0]);
    EXPECT_TRUE(ParseTemplate(SerializeTemplate(first.codes[i])).ok());
  }
}

TEST(ExtractorTest, ThreadsGetTheSameCodes) {
  const Bytes file = Encode(Palm());
  ASSERT_OK_AND_ASSIGN(const Extraction expected, ExtractTemplate(file));
  std::vector<VeinCode> codes(4);
  std::vector<std::thread> threads;
  for (VeinCode& code : codes) {
    threads.emplace_back([&] {
      const absl::StatusOr<Extraction> result = ExtractTemplate(file);
      if (result.ok()) code = result->codes[0];
    });
  }
  for (std::thread& t : threads) t.join();
  for (const VeinCode& code : codes) EXPECT_EQ(code, expected.codes[0]);
}

TEST(ExtractorTest, FormatsColourAndSizesAgree) {
  ASSERT_OK_AND_ASSIGN(const Extraction reference, ExtractTemplate(Encode(Palm())));
  cv::Mat colour;
  cv::cvtColor(Palm(), colour, cv::COLOR_GRAY2BGR);
  for (const Bytes& file :
       {Encode(Palm(), ".bmp"), Encode(Palm(), ".jpg"), Encode(colour), Encode(colour, ".bmp"),
        Encode(Palm(kImageSideMax)), Encode(Palm(400))}) {
    ASSERT_OK_AND_ASSIGN(const Extraction other, ExtractTemplate(file));
    // A quarter of the way to an unrelated palm at most.
    EXPECT_LT(DistanceQ16(other.codes[0], reference.codes[0]), kDistanceUnrelatedQ16 / 4);
  }
  EXPECT_THAT(ExtractTemplate(Encode(Palm(kImageSideMin))), IsOk());
}

TEST(ExtractorTest, RefusesWhatIsNoImage) {
  ExpectNotAnImage({});
  const std::string text = "This is a letter and no palm at all, however long it may become.";
  ExpectNotAnImage(Bytes(text.begin(), text.end()));
  for (const std::string extension : {".png", ".jpg", ".bmp"}) {
    const Bytes whole = Encode(Palm(), extension);
    for (const size_t length :
         {size_t{2}, size_t{20}, size_t{60}, whole.size() / 2, whole.size() - 3}) {
      ExpectNotAnImage({whole.begin(), whole.begin() + static_cast<ptrdiff_t>(length)});
    }
  }
}

TEST(ExtractorTest, RefusesDamagedPng) {
  Bytes file = Encode(Palm());
  for (size_t i = 60; i < file.size() - 20; ++i) file[i] ^= 0x55;  // Header and end stay whole.
  ExpectNotAnImage(file);
}

TEST(ExtractorTest, RefusesSixteenBitChannels) {
  cv::Mat deep;
  Palm().convertTo(deep, CV_16U, 256);
  ExpectNotAnImage(Encode(deep));
}

TEST(ExtractorTest, RefusesSizesOutsideTheLimits) {
  const cv::Mat small = Palm(kImageSideMin);
  ExpectRefusal(Encode(small(cv::Rect(0, 0, kImageSideMin, kImageSideMin - 1))),
                absl::StatusCode::kInvalidArgument, "TOO_SMALL");
  const cv::Mat wide(kImageSideMin, kImageSideMax + 1, CV_8UC1, cv::Scalar(128));
  ExpectRefusal(Encode(wide), absl::StatusCode::kInvalidArgument, "IMAGE_TOO_LARGE");
  Bytes heavy = Encode(Palm());
  heavy.resize(kImageFileBytesMax + 1);
  ExpectRefusal(heavy, absl::StatusCode::kInvalidArgument, "IMAGE_TOO_LARGE");
}

TEST(ExtractorTest, FileAtTheByteLimitIsStillRead) {
  Bytes file = Encode(Palm());
  file.resize(kImageFileBytesMax);  // What follows IEND is not part of the image.
  EXPECT_THAT(ExtractTemplate(file), IsOk());
}

TEST(ExtractorTest, RefusesEmptyScenes) {
  const auto uniform = [](int grey) {
    return Encode(cv::Mat(160, 160, CV_8UC1, cv::Scalar(grey)));
  };
  ExpectRefusal(uniform(0), absl::StatusCode::kFailedPrecondition, "TOO_DARK");
  ExpectRefusal(uniform(255), absl::StatusCode::kFailedPrecondition, "SATURATED");
  ExpectRefusal(uniform(128), absl::StatusCode::kFailedPrecondition, "NO_PALM");
}

TEST(ExtractorTest, RefusesNoise) {
  cv::RNG rng(7);
  for (const double deviation : {5.0, 40.0}) {
    cv::Mat noise(160, 160, CV_8UC1);
    rng.fill(noise, cv::RNG::NORMAL, 128, deviation);
    ExpectRefusal(Encode(noise), absl::StatusCode::kFailedPrecondition, "NO_PALM");
  }
}

TEST(ExtractorTest, RefusesHalfBlindedPalm) {
  cv::Mat palm = Palm();
  palm(cv::Rect(0, 0, 160, 80)) = 255;
  ExpectRefusal(Encode(palm), absl::StatusCode::kFailedPrecondition, "SATURATED");
}

TEST(ExtractorTest, OtherStatusesHaveNoReason) {
  EXPECT_EQ(ExtractRefusalReason(absl::OkStatus()), "");
  EXPECT_EQ(ExtractRefusalReason(absl::InvalidArgumentError("else")), "");
}

}  // namespace
}  // namespace ladon::matcher
