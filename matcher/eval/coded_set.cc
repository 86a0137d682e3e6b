#include "matcher/eval/coded_set.h"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <span>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "matcher/extract/extractor.h"

namespace ladon::matcher::eval {
namespace {

struct PalmOutcome {
  absl::Status status;
  CodedPalm palm;
  size_t failed_images = 0;
  std::vector<double> probe_ms;
};

// One byte more than the extractor takes, so that it is the one to refuse.
absl::StatusOr<std::vector<uint8_t>> ReadImage(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) return absl::NotFoundError(absl::StrCat(path.string(), ": cannot be read"));
  std::vector<uint8_t> bytes(kImageFileBytesMax + 1);
  in.read(reinterpret_cast<char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
  bytes.resize(static_cast<size_t>(in.gcount()));
  return bytes;
}

PalmOutcome CodePalm(const PalmImages& images) {
  using Clock = std::chrono::steady_clock;
  PalmOutcome outcome;
  for (const std::filesystem::path& path : images.enrolment) {
    const auto bytes = ReadImage(path);
    if (!bytes.ok()) return {.status = bytes.status(), .palm = {}, .probe_ms = {}};
    const absl::StatusOr<Extraction> extraction = ExtractTemplate(*bytes);
    if (extraction.ok()) {
      outcome.palm.templates.push_back(extraction->codes.front());
    } else {
      ++outcome.failed_images;
    }
  }
  for (const std::filesystem::path& path : images.probes) {
    const auto bytes = ReadImage(path);
    if (!bytes.ok()) return {.status = bytes.status(), .palm = {}, .probe_ms = {}};
    const Clock::time_point start = Clock::now();
    absl::StatusOr<Extraction> extraction = ExtractProbe(*bytes);
    outcome.probe_ms.push_back(
        std::chrono::duration<double, std::milli>(Clock::now() - start).count());
    if (extraction.ok()) {
      outcome.palm.probes.push_back(std::move(extraction->codes));
    } else {
      ++outcome.failed_images;
    }
  }
  return outcome;
}

double Median(std::vector<double> values) {
  if (values.empty()) return 0;
  const auto middle = values.begin() + static_cast<ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

}  // namespace

absl::StatusOr<CodedSet> CodeImages(const ImageSet& images, size_t threads,
                                    const Progress& progress) {
  std::vector<PalmOutcome> outcomes(images.palms.size());
  ForEachIndex(images.palms.size(), threads, progress,
               [&](size_t i) { outcomes[i] = CodePalm(images.palms[i]); });
  CodedSet set;
  set.images = images.images;
  std::vector<double> probe_ms;
  size_t probes = 0;
  for (PalmOutcome& outcome : outcomes) {
    if (!outcome.status.ok()) return outcome.status;
    set.failed_images += outcome.failed_images;
    probe_ms.insert(probe_ms.end(), outcome.probe_ms.begin(), outcome.probe_ms.end());
    if (outcome.palm.templates.empty()) {
      ++set.failed_palms;
      continue;
    }
    for (const auto& probe : outcome.palm.probes) set.probe_codes = probe.size();
    probes += outcome.palm.probes.size();
    set.palms.push_back(std::move(outcome.palm));
  }
  if (set.palms.size() < 2 || probes == 0) {
    return absl::FailedPreconditionError(
        absl::StrCat(set.palms.size(), " palms could be enrolled and ", probes,
                     " images can be probes; at least 2 palms and 1 probe are needed"));
  }
  set.probe_extract_ms = Median(std::move(probe_ms));
  return set;
}

}  // namespace ladon::matcher::eval
