// Where the demonstration's palm images come from: the project's synthetic palms, or a folder.
//
// A folder is laid out <palm>/<session>_<nn>.<ext> (PNG, JPEG, BMP). Every other palm is enrolled
// with the first images of session 1; all images of session 2, of enrolled palms and of strangers,
// are shown to the till. Images are read when they are needed and kept nowhere.
// Threading: plain values and pure functions.
#ifndef LADON_SERVER_CLIENT_DEMO_PALMS_SOURCE_H_
#define LADON_SERVER_CLIENT_DEMO_PALMS_SOURCE_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "absl/status/statusor.h"
#include "matcher/extract/synthetic_palm.h"

namespace ladon::demo {

inline constexpr size_t kEnrolImages = 3;
inline constexpr size_t kPalmsMax = 4'000;
inline constexpr size_t kImagesPerPalmMax = 64;
inline constexpr size_t kSyntheticProbes = 3;

// A file, or the seeds of a synthetic sample.
using Shot = std::variant<std::string, matcher::PalmSample>;

struct Palm {
  bool enrolled = false;
  std::vector<Shot> enrolment;  // Enrolled palms: at most kEnrolImages.
  // The further capture that confirms them: of the first session, if it has one more.
  std::optional<Shot> check;
  std::vector<Shot> probes;
};

// `children` palms to enrol and as many strangers.
[[nodiscard]] std::vector<Palm> SyntheticPalms(size_t children, uint64_t seed);

// NotFound: no such folder, or no palm in it. InvalidArgument: a palm without images of session 1
// or 2. ResourceExhausted: more than kPalmsMax palms or kImagesPerPalmMax images of one.
[[nodiscard]] absl::StatusOr<std::vector<Palm>> PalmsOfFolder(const std::string& folder);

// The image file's bytes. Codes of terminal::ReadFile.
[[nodiscard]] absl::StatusOr<std::vector<uint8_t>> LoadShot(const Shot& shot);

}  // namespace ladon::demo

#endif  // LADON_SERVER_CLIENT_DEMO_PALMS_SOURCE_H_
