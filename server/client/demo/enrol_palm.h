// From palm images to an enrolled palm: extraction here, templates over the wire.
// Threading: one thread per World.
#ifndef LADON_SERVER_CLIENT_DEMO_ENROL_PALM_H_
#define LADON_SERVER_CLIENT_DEMO_ENROL_PALM_H_

#include <vector>

#include "absl/status/statusor.h"
#include "server/client/demo/palms_source.h"
#include "server/client/demo/world.h"

namespace ladon::demo {

// The request of EnrolPalm for the right palm; images that the extractor refuses are left out.
// FailedPrecondition: fewer than kEnrolImages are left, or no further capture. Codes of LoadShot.
[[nodiscard]] absl::StatusOr<v1::EnrolPalmRequest> EnrolmentOf(const Child& child,
                                                               const Palm& palm);

// EnrolmentOf for the palm of `side`, sent. Also codes of StepStatus.
[[nodiscard]] absl::Status EnrolPalm(const World& world, const Child& child, v1::PalmSide side,
                                     const Palm& palm);

// The probe of one image. Refusals of the extractor pass unchanged.
[[nodiscard]] absl::StatusOr<v1::Probe> ProbeOfShot(const Shot& shot);

}  // namespace ladon::demo

#endif  // LADON_SERVER_CLIENT_DEMO_ENROL_PALM_H_
