#include "server/client/demo/palms_source.h"

#include <algorithm>
#include <filesystem>
#include <system_error>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "matcher/extract/extractor.h"
#include "server/client/terminal/means.h"

namespace ladon::demo {
namespace {

namespace fs = std::filesystem;

// Sorted, so that a folder gives the same run everywhere.
std::vector<fs::path> Listing(const fs::path& folder) {
  std::vector<fs::path> paths;
  std::error_code error;
  for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
    paths.push_back(it->path());
  }
  std::sort(paths.begin(), paths.end());
  return paths;
}

absl::StatusOr<Palm> PalmOfFolder(const fs::path& folder, bool enrolled) {
  Palm palm;
  palm.enrolled = enrolled;
  const std::vector<fs::path> images = Listing(folder);
  if (images.size() > kImagesPerPalmMax) {
    return absl::ResourceExhaustedError(
        absl::StrCat(folder.string(), ": more than ", kImagesPerPalmMax, " images of one palm"));
  }
  bool first_session = false;
  for (const fs::path& image : images) {
    const std::string name = image.filename().string();
    if (name.starts_with("1_")) {
      first_session = true;
      if (enrolled && palm.enrolment.size() < kEnrolImages) {
        palm.enrolment.emplace_back(image.string());
      } else if (enrolled && !palm.check.has_value()) {
        palm.check = image.string();
      }
    }
    if (name.starts_with("2_")) palm.probes.emplace_back(image.string());
  }
  if (!first_session || palm.probes.empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat(folder.string(), ": a palm needs images 1_<nn> to enrol and 2_<nn> to show"));
  }
  if (enrolled && !palm.check.has_value()) palm.check = palm.probes.front();
  return palm;
}

}  // namespace

std::vector<Palm> SyntheticPalms(size_t children, uint64_t seed) {
  std::vector<Palm> palms;
  for (uint64_t p = 0; p < 2 * children; ++p) {
    Palm palm;
    palm.enrolled = p % 2 == 0;
    constexpr uint64_t kCheckSample = 1'000;
    if (palm.enrolled) {
      palm.check = matcher::PalmSample{.palm_seed = seed + p, .sample_seed = kCheckSample};
    }
    for (uint64_t s = 0; s < kEnrolImages + kSyntheticProbes; ++s) {
      const matcher::PalmSample sample = {.palm_seed = seed + p, .sample_seed = s};
      if (s >= kEnrolImages) {
        palm.probes.emplace_back(sample);
      } else if (palm.enrolled) {
        palm.enrolment.emplace_back(sample);
      }
    }
    palms.push_back(std::move(palm));
  }
  return palms;
}

absl::StatusOr<std::vector<Palm>> PalmsOfFolder(const std::string& folder) {
  std::error_code error;
  if (!fs::is_directory(folder, error)) {
    return absl::NotFoundError(absl::StrCat(folder, ": no such folder"));
  }
  std::vector<Palm> palms;
  for (const fs::path& path : Listing(folder)) {
    if (!fs::is_directory(path, error)) continue;
    if (palms.size() == kPalmsMax) {
      return absl::ResourceExhaustedError(
          absl::StrCat(folder, ": more than ", kPalmsMax, " palms"));
    }
    absl::StatusOr<Palm> palm = PalmOfFolder(path, palms.size() % 2 == 0);
    if (!palm.ok()) return palm.status();
    palms.push_back(*std::move(palm));
  }
  if (palms.empty()) {
    return absl::NotFoundError(absl::StrCat(folder, ": no palm; expected <palm>/1_01.png ..."));
  }
  return palms;
}

absl::StatusOr<std::vector<uint8_t>> LoadShot(const Shot& shot) {
  if (const auto* path = std::get_if<std::string>(&shot); path != nullptr) {
    return terminal::ReadFile(*path, matcher::kImageFileBytesMax);
  }
  return matcher::RenderSyntheticPalmPng(std::get<matcher::PalmSample>(shot));
}

}  // namespace ladon::demo
