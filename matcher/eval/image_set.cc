#include "matcher/eval/image_set.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <map>
#include <optional>
#include <set>
#include <system_error>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

namespace ladon::matcher::eval {
namespace {

namespace fs = std::filesystem;

constexpr std::array kEndings = {".png", ".jpg", ".jpeg", ".bmp"};
constexpr size_t kNumberDigitsMax = 6;

// Session and number: images of a palm in the order in which they were taken.
using Taken = std::pair<unsigned long, unsigned long>;

bool IsImage(const fs::path& path) {
  std::string ending = path.extension().string();
  std::transform(ending.begin(), ending.end(), ending.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return std::find(kEndings.begin(), kEndings.end(), ending) != kEndings.end();
}

bool IsNumber(const std::string& text) {
  return !text.empty() && text.size() <= kNumberDigitsMax &&
         std::all_of(text.begin(), text.end(),
                     [](unsigned char c) { return std::isdigit(c) != 0; });
}

std::optional<Taken> TakenOf(const fs::path& path) {
  const std::string stem = path.stem().string();
  const size_t mark = stem.find('_');
  if (mark == std::string::npos) return std::nullopt;
  const std::string session = stem.substr(0, mark);
  const std::string number = stem.substr(mark + 1);
  if (!IsNumber(session) || !IsNumber(number)) return std::nullopt;
  return Taken(std::stoul(session), std::stoul(number));
}

using Images = std::map<Taken, fs::path>;

absl::StatusOr<Images> ReadPalm(const fs::path& folder) {
  Images images;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder, error)) {
    if (!entry.is_regular_file() || !IsImage(entry.path())) continue;
    const std::optional<Taken> taken = TakenOf(entry.path());
    if (!taken) {
      return absl::InvalidArgumentError(absl::StrCat(
          entry.path().string(), ": the name must be <session>_<number>, both in digits"));
    }
    if (!images.emplace(*taken, entry.path()).second) {
      return absl::InvalidArgumentError(
          absl::StrCat(entry.path().string(), ": two images of the same session and number"));
    }
    if (images.size() > kImagesPerPalmMax) {
      return absl::InvalidArgumentError(
          absl::StrCat(folder.string(), ": more than ", kImagesPerPalmMax, " images of one palm"));
    }
  }
  if (error) return absl::NotFoundError(absl::StrCat(folder.string(), ": ", error.message()));
  return images;
}

PalmImages Divide(std::string name, const Images& images, std::optional<unsigned long> enrolling,
                  size_t templates_per_palm) {
  PalmImages palm{.name = std::move(name), .enrolment = {}, .probes = {}};
  for (const auto& [taken, path] : images) {
    const bool enrols =
        enrolling ? taken.first == *enrolling : palm.enrolment.size() < templates_per_palm;
    (enrols ? palm.enrolment : palm.probes).push_back(path);
  }
  return palm;
}

}  // namespace

absl::StatusOr<ImageSet> ReadImageSet(const fs::path& folder, size_t templates_per_palm) {
  std::error_code error;
  std::map<std::string, Images> palms;
  std::set<unsigned long> sessions;
  ImageSet set;
  for (const auto& entry : fs::directory_iterator(folder, error)) {
    if (!entry.is_directory()) continue;
    absl::StatusOr<Images> images = ReadPalm(entry.path());
    if (!images.ok()) return images.status();
    if (images->empty()) continue;
    for (const auto& [taken, path] : *images) sessions.insert(taken.first);
    set.images += images->size();
    palms.emplace(entry.path().filename().string(), *std::move(images));
    if (palms.size() > kPalmsMax) {
      return absl::InvalidArgumentError(
          absl::StrCat(folder.string(), ": more than ", kPalmsMax, " palms"));
    }
  }
  if (error) return absl::NotFoundError(absl::StrCat(folder.string(), ": ", error.message()));
  if (palms.empty()) {
    return absl::NotFoundError(absl::StrCat(
        folder.string(), ": no images; expected <palm>/<session>_<number>.png, .jpg or .bmp"));
  }
  set.two_sessions = sessions.size() > 1;
  const std::optional<unsigned long> enrolling =
      set.two_sessions ? std::optional(*sessions.begin()) : std::nullopt;
  for (const auto& [name, images] : palms) {
    set.palms.push_back(Divide(name, images, enrolling, templates_per_palm));
    if (set.palms.back().enrolment.empty()) {
      return absl::InvalidArgumentError(absl::StrCat(
          (folder / name).string(), ": no image of session ", *sessions.begin(), " to enrol"));
    }
  }
  return set;
}

}  // namespace ladon::matcher::eval
