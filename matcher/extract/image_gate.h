// The gate: decides from the first bytes whether a file may be decoded at all.
//
// Image decoders are a wide attack surface and allocate what a header declares, so format, size and
// depth are read here first, by code that allocates nothing: PNG (ISO/IEC 15948, chunk list up to
// IEND), JPEG (ITU-T T.81, SOF marker up to EOI), BMP (info header). Pure, safe from any thread.
#ifndef LADON_MATCHER_EXTRACT_IMAGE_GATE_H_
#define LADON_MATCHER_EXTRACT_IMAGE_GATE_H_

#include <cstdint>
#include <span>

#include "absl/status/status.h"

namespace ladon::matcher::extract {

// OK: a complete-looking 8-bit PNG, JPEG or BMP of an allowed size. Else NOT_AN_IMAGE,
// IMAGE_TOO_LARGE or TOO_SMALL (refusal.h).
absl::Status CheckImageFile(std::span<const uint8_t> bytes);

}  // namespace ladon::matcher::extract

#endif  // LADON_MATCHER_EXTRACT_IMAGE_GATE_H_
