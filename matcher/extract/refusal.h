// Why an image was refused: a stable word for machines beside a sentence for people.
#ifndef LADON_MATCHER_EXTRACT_REFUSAL_H_
#define LADON_MATCHER_EXTRACT_REFUSAL_H_

#include <string>
#include <string_view>

#include "absl/status/status.h"

namespace ladon::matcher::extract {

inline constexpr std::string_view kNotAnImage = "NOT_AN_IMAGE";
inline constexpr std::string_view kImageTooLarge = "IMAGE_TOO_LARGE";
inline constexpr std::string_view kTooSmall = "TOO_SMALL";
inline constexpr std::string_view kTooDark = "TOO_DARK";
inline constexpr std::string_view kSaturated = "SATURATED";
inline constexpr std::string_view kNoPalm = "NO_PALM";
inline constexpr std::string_view kHandAbsent = "HAND_ABSENT";
inline constexpr std::string_view kFingersClosed = "FINGERS_CLOSED";
inline constexpr std::string_view kHandCutOff = "HAND_CUT_OFF";

// InvalidArgument for NOT_AN_IMAGE, IMAGE_TOO_LARGE and TOO_SMALL (another file is needed),
// FailedPrecondition for the rest (another shot of the same hand may do).
absl::Status Refuse(std::string_view reason, const std::string& sentence);

}  // namespace ladon::matcher::extract

#endif  // LADON_MATCHER_EXTRACT_REFUSAL_H_
