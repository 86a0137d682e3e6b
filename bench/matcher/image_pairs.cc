#include "bench/matcher/image_pairs.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <opencv2/core.hpp>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>
#include <random>

#include "matcher/eval/image_set.h"
#include "matcher/eval/parallel.h"
#include "matcher/extract/grey_extractor.h"

namespace ladon::bench {
namespace {

using matcher::VeinCode;
using matcher::extract::ExtractGrey;
using matcher::extract::Purpose;

// Standard deviations, on top of what two sessions differ by. Of the side, for the shift.
constexpr double kTurnDegrees = 1;
constexpr double kShiftShare = 0.0125;
constexpr double kZoom = 0.01;

cv::Mat ReadGrey(const std::filesystem::path& path) {
  cv::Mat grey = cv::imread(path.string(), cv::IMREAD_GRAYSCALE | cv::IMREAD_IGNORE_ORIENTATION);
  if (grey.empty()) {
    std::fprintf(stderr, "matcher_bench: %s: cannot be read\n", path.c_str());
    std::exit(1);
  }
  return grey;
}

cv::Mat Moved(const cv::Mat& grey, std::mt19937_64* random) {
  std::normal_distribution<double> draw;
  const cv::Point2f middle(static_cast<float>(grey.cols) / 2, static_cast<float>(grey.rows) / 2);
  cv::Mat map =
      cv::getRotationMatrix2D(middle, kTurnDegrees * draw(*random), 1 + kZoom * draw(*random));
  map.at<double>(0, 2) += kShiftShare * grey.cols * draw(*random);
  map.at<double>(1, 2) += kShiftShare * grey.rows * draw(*random);
  cv::Mat moved;
  cv::warpAffine(grey, moved, map, grey.size(), cv::INTER_LINEAR, cv::BORDER_REPLICATE);
  return moved;
}

void Append(const std::vector<MatedPair>& from, std::vector<MatedPair>* to) {
  to->insert(to->end(), from.begin(), from.end());
}

using Paths = std::vector<std::filesystem::path>;

void MeasureSessions(const Paths& enrolment, const Paths& probes, size_t copies,
                     const matcher::SchoolTransform& transform, std::mt19937_64* random,
                     ImagePairs* pairs) {
  std::vector<VeinCode> rows;
  for (const auto& path : enrolment) {
    const auto extraction = ExtractGrey(ReadGrey(path), Purpose::kTemplate);
    if (extraction.ok()) rows.push_back(transform.Apply(extraction->codes.front()));
  }
  for (const auto& path : probes) {
    const cv::Mat grey = ReadGrey(path);
    for (size_t copy = 0; copy <= copies; ++copy) {
      const auto extraction = ExtractGrey(copy == 0 ? grey : Moved(grey, random), Purpose::kProbe);
      if (!extraction.ok()) continue;
      const matcher::ProbeVariants probe(transform, extraction->codes);
      Append(MeasureRows(rows, probe), copy == 0 ? &pairs->as_taken : &pairs->moved);
    }
  }
}

}  // namespace

ImagePairs MeasureImagePairs(const std::string& folder, size_t copies,
                             const matcher::SchoolTransform& transform, size_t threads,
                             const std::function<void(size_t, size_t)>& progress) {
  const auto images = matcher::eval::ReadImageSet(folder, 1);
  if (!images.ok()) {
    std::fprintf(stderr, "matcher_bench: %s\n", std::string(images.status().message()).c_str());
    std::exit(1);
  }
  cv::setNumThreads(1);  // Palms are what runs in parallel.
  std::vector<ImagePairs> parts(images->palms.size());
  matcher::eval::ForEachIndex(parts.size(), threads, progress, [&](size_t p) {
    const matcher::eval::PalmImages& palm = images->palms[p];
    std::mt19937_64 random(p + 1);
    MeasureSessions(palm.enrolment, palm.probes, copies, transform, &random, &parts[p]);
    MeasureSessions(palm.probes, palm.enrolment, copies, transform, &random, &parts[p]);
  });
  ImagePairs all;
  for (const ImagePairs& part : parts) {
    Append(part.as_taken, &all.as_taken);
    Append(part.moved, &all.moved);
  }
  return all;
}

}  // namespace ladon::bench
