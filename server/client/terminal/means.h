// What a child shows: a palm image, a ready template or a card, made into wire messages.
//
// An image becomes codes here and goes no further. Files stand for the sensor: the reference
// terminal has no hardware, so it says that liveness is unknown unless told otherwise.
// Threading: any thread.
#ifndef LADON_SERVER_CLIENT_TERMINAL_MEANS_H_
#define LADON_SERVER_CLIENT_TERMINAL_MEANS_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "ladon/v1/types.pb.h"
#include "server/base/messages.h"

namespace ladon::terminal {

// The sensor of a terminal that reads files: 16 bytes.
inline constexpr std::string_view kFileSensorId = "reference-sensor";
inline constexpr size_t kCardUidBytesMax = 10;

// Reads at most `bytes_max`. NotFound, InvalidArgument (larger, a directory), Unavailable.
[[nodiscard]] absl::StatusOr<std::vector<uint8_t>> ReadFile(const std::string& path,
                                                            size_t bytes_max);

// The codes of one presentation. Refusals of the extractor pass unchanged (see PalmRefusal).
[[nodiscard]] absl::StatusOr<v1::Probe> ProbeOfImage(std::span<const uint8_t> image,
                                                     v1::Liveness liveness);
// One code, as a file of 900 bytes holds it. InvalidArgument as matcher::ParseTemplate.
[[nodiscard]] absl::StatusOr<v1::Probe> ProbeOfTemplate(std::span<const uint8_t> bytes,
                                                        v1::Liveness liveness);

struct TemplateSample {
  std::string bytes;  // 900
  uint32_t quality = 0;
};
// For enrolment. Refusals of the extractor pass unchanged.
[[nodiscard]] absl::StatusOr<TemplateSample> TemplateOfImage(std::span<const uint8_t> image);

// "04A1B2C3D4E5F6" as a reader typed it; separators ':' and ' ' and '-' are ignored.
// InvalidArgument: not hex, or a length that the technology does not have.
[[nodiscard]] absl::StatusOr<v1::Card> CardOfText(std::string_view hex,
                                                  v1::CardTechnology technology,
                                                  v1::ReaderProfile profile);

// The sentence for the cashier when an image was refused; the status' own text otherwise.
[[nodiscard]] std::string PalmRefusal(const absl::Status& status, base::Language language);

}  // namespace ladon::terminal

#endif  // LADON_SERVER_CLIENT_TERMINAL_MEANS_H_
