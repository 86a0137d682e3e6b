// A folder of palm images as an evaluation reads it: <palm>/<session>_<nn>.<ext>.
//
// A palm is one class (the left and the right hand of a person are two). With two sessions or
// more the first one enrols and all later ones probe; with one session the first images of a palm
// enrol and the rest probe. Only names are read here. Threading: pure but for the file system.
#ifndef LADON_MATCHER_EVAL_IMAGE_SET_H_
#define LADON_MATCHER_EVAL_IMAGE_SET_H_

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace ladon::matcher::eval {

inline constexpr size_t kPalmsMax = 1'000'000;
inline constexpr size_t kImagesPerPalmMax = 1'000;

struct PalmImages {
  std::string name;  // The folder's; never printed beside a score.
  std::vector<std::filesystem::path> enrolment;
  std::vector<std::filesystem::path> probes;
};

struct ImageSet {
  std::vector<PalmImages> palms;  // By name, so that the same seed gives the same splits.
  size_t images = 0;
  bool two_sessions = false;
};

// `templates_per_palm` says how many images of a single session enrol. Files that are no PNG, JPEG
// or BMP by their ending are passed over.
// NotFound: no such folder, or no image in it. InvalidArgument: an image whose name does not say
// its session and number; a palm with nothing to enrol; too many palms or images.
[[nodiscard]] absl::StatusOr<ImageSet> ReadImageSet(const std::filesystem::path& folder,
                                                    size_t templates_per_palm);

}  // namespace ladon::matcher::eval

#endif  // LADON_MATCHER_EVAL_IMAGE_SET_H_
