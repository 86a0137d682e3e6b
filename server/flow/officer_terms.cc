#include "server/flow/officer_terms.h"

#include <limits>
#include <vector>

#include "server/flow/incidents.h"
#include "server/flow/service_day.h"
#include "server/registers/registers.h"

namespace ladon::flow {
namespace {

constexpr size_t kAll = std::numeric_limits<size_t>::max();

void TakeSooner(uint64_t due, uint64_t* soonest) {
  if (*soonest == 0 || due < *soonest) *soonest = due;
}

}  // namespace

uint64_t IncidentDueAt(const House& house) {
  using registers::Incident;
  using registers::IncidentState;
  const std::vector<Incident> unreported = house.registers->ListIncidents(
      {}, kAll,
      [](const Incident& incident) { return incident.state != IncidentState::kReported72; });
  uint64_t soonest = 0;
  for (const Incident& incident : unreported) {
    const uint64_t term = incident.state == IncidentState::kOpen ? kNoticeNs : kInquiryNs;
    TakeSooner(incident.detected_at_ns + term, &soonest);
  }
  return soonest;
}

uint64_t RequestDueAt(const House& house) {
  using registers::RightsRequest;
  constexpr uint64_t kDayNs = 24ULL * 3600 * 1'000'000'000;
  const std::vector<RightsRequest> open = house.registers->ListRequests(
      {}, kAll,
      [](const RightsRequest& request) { return request.state == registers::RequestState::kOpen; });
  uint64_t soonest = 0;
  for (const RightsRequest& request : open) {
    TakeSooner(static_cast<uint64_t>(DayNumber(request.deadline) + 1) * kDayNs, &soonest);
  }
  return soonest;
}

}  // namespace ladon::flow
