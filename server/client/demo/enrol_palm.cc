#include "server/client/demo/enrol_palm.h"

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "server/client/call.h"
#include "server/client/terminal/means.h"

namespace ladon::demo {

absl::StatusOr<v1::EnrolPalmRequest> EnrolmentOf(const Child& child, const Palm& palm) {
  v1::EnrolPalmRequest request;
  request.set_request_id(FreshId());
  request.set_subject_id(child.subject_id);
  request.set_side(v1::PALM_SIDE_RIGHT);
  request.set_sensor_id(std::string(terminal::kFileSensorId));
  for (const Shot& shot : palm.enrolment) {
    const absl::StatusOr<std::vector<uint8_t>> image = LoadShot(shot);
    if (!image.ok()) return image.status();
    const absl::StatusOr<terminal::TemplateSample> sample = terminal::TemplateOfImage(*image);
    if (!sample.ok()) continue;
    request.add_templates(sample->bytes);
    request.add_qualities(sample->quality);
  }
  if (request.templates_size() < static_cast<int>(kEnrolImages) || !palm.check.has_value()) {
    return absl::FailedPreconditionError("too few images of this palm can be enrolled");
  }
  absl::StatusOr<v1::Probe> probe = ProbeOfShot(*palm.check);
  if (!probe.ok()) return probe.status();
  *request.mutable_check() = *std::move(probe);
  return request;
}

absl::Status EnrolPalm(const World& world, const Child& child, v1::PalmSide side,
                       const Palm& palm) {
  absl::StatusOr<v1::EnrolPalmRequest> request = EnrolmentOf(child, palm);
  if (!request.ok()) return request.status();
  request->set_side(side);
  v1::EnrolPalmResponse response;
  return StepStatus(client::CallPatiently(world.enrolment(), *request, &response), "EnrolPalm");
}

absl::StatusOr<v1::Probe> ProbeOfShot(const Shot& shot) {
  const absl::StatusOr<std::vector<uint8_t>> image = LoadShot(shot);
  if (!image.ok()) return image.status();
  return terminal::ProbeOfImage(*image, v1::LIVENESS_PASS);
}

}  // namespace ladon::demo
