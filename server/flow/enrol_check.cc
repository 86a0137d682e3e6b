#include "server/flow/enrol_check.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "matcher/distance.h"
#include "server/flow/galleries.h"
#include "server/flow/refusal.h"

namespace ladon::flow {
namespace {

using matcher::VeinCode;
using Decision = matcher::SearchResult::Decision;

int32_t DistanceOf(const VeinCode& one, const VeinCode& other) {
  return std::min(matcher::SearchDistanceQ16(one, {&other, 1}),
                  matcher::SearchDistanceQ16(other, {&one, 1}));
}

// Every capture is near another one, the further capture among them: a finger in the picture, or
// another child's hand, stands alone.
bool ShowOnePalm(const PalmInput& input, int32_t distance_max_q16) {
  const auto& samples = input.samples;
  return std::all_of(samples.begin(), samples.end(), [&](const auto& sample) {
    if (matcher::SearchDistanceQ16(sample.first, input.check.codes) <= distance_max_q16) {
      return true;
    }
    return std::any_of(samples.begin(), samples.end(), [&](const auto& other) {
      return &other != &sample && DistanceOf(sample.first, other.first) <= distance_max_q16;
    });
  });
}

bool FindsThisPalm(const PalmInput& input, int32_t distance_max_q16) {
  return std::any_of(input.samples.begin(), input.samples.end(), [&](const auto& sample) {
    return matcher::SearchDistanceQ16(sample.first, input.check.codes) <= distance_max_q16;
  });
}

absl::StatusOr<bool> FindsSomebodyElse(const House& house, const vault::SubjectRef& subject,
                                       std::span<const VeinCode> codes) {
  const auto found = house.galleries->Search(subject.school, codes);
  if (!found.ok()) return found.status();
  if (found->decision == Decision::kNobody) return false;
  // Ambiguous: two are near, so one of them is somebody else.
  return found->decision == Decision::kAmbiguous || found->subject.bytes != subject.subject.bytes;
}

}  // namespace

void LookAlikes::Refused(const vault::SubjectRef& subject, const std::string& principal,
                         uint64_t now_ns) {
  const std::scoped_lock lock(mutex_);
  // Who is refused twice does not become their own second approver: the first refusal counts.
  const auto [refusal, first] =
      refusals_.try_emplace(subject, Refusal{.principal = principal, .at_ns = now_ns});
  if (!first && now_ns - refusal->second.at_ns > kApprovalNs) {
    refusal->second = {.principal = principal, .at_ns = now_ns};
  }
  if (refusals_.size() > kKept) {
    refusals_.erase(std::min_element(
        refusals_.begin(), refusals_.end(),
        [](const auto& a, const auto& b) { return a.second.at_ns < b.second.at_ns; }));
  }
}

bool LookAlikes::MayApprove(const vault::SubjectRef& subject, const std::string& principal,
                            uint64_t now_ns) const {
  const std::scoped_lock lock(mutex_);
  const auto refusal = refusals_.find(subject);
  return refusal != refusals_.end() && refusal->second.principal != principal &&
         now_ns - refusal->second.at_ns <= kApprovalNs;
}

absl::Status CheckCaptures(const House& house, const access::Caller& caller,
                           const vault::SubjectRef& subject, const PalmInput& input) {
  if (input.check.liveness == Liveness::kFail) return Refuse(Reason::kLivenessFailed, "check");
  const matcher::DecisionRule rule =
      house.galleries->RuleOf(subject.school, input.samples.size(), input.check.codes.size());
  if (!ShowOnePalm(input, rule.distance_max_q16)) {
    return Refuse(Reason::kCapturesDiffer, "templates");
  }
  if (!FindsThisPalm(input, rule.distance_max_q16)) {
    return Refuse(Reason::kEnrolmentNotConfirmed, "check");
  }
  const uint64_t now_ns = house.now_ns();
  if (input.look_alike) {
    if (house.look_alikes->MayApprove(subject, caller.uri, now_ns)) return absl::OkStatus();
    return RefuseField("look_alike",
                       "is for a second approver, after somebody else was refused for this child");
  }
  std::vector<VeinCode> captures;
  for (const auto& [code, quality] : input.samples) captures.push_back(code);
  for (const auto codes :
       {std::span<const VeinCode>(captures), std::span<const VeinCode>(input.check.codes)}) {
    const absl::StatusOr<bool> else_found = FindsSomebodyElse(house, subject, codes);
    if (!else_found.ok()) return else_found.status();
    if (*else_found) {
      house.look_alikes->Refused(subject, caller.uri, now_ns);
      return Refuse(Reason::kPalmAlreadyEnrolled);
    }
  }
  return absl::OkStatus();
}

}  // namespace ladon::flow
