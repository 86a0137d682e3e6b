#include "server/flow/mutate.h"

namespace ladon::flow {
namespace {

constexpr uint8_t kMeansDesk = 5;  // As in ledger::Context.

}  // namespace

absl::StatusOr<uint32_t> TodayAt(const House& house, const base::SchoolId& school,
                                 uint64_t now_ns) {
  const auto found = house.directory->FindSchool(school);
  if (!found) return Refuse(Reason::kSchoolUnknown);
  return ServiceDay(now_ns, found->settings.time_zone);
}

absl::Status CheckBirthDay(const House& house, const base::SchoolId& school, uint32_t birth_day) {
  if (birth_day == 0) return absl::OkStatus();
  const absl::StatusOr<uint32_t> today = TodayAt(house, school, house.now_ns());
  if (!today.ok()) return today.status();
  return birth_day <= *today ? absl::OkStatus()
                             : RefuseField("birth_date", "must not be after today");
}

ledger::Submission ForRequest(const House& house, const access::Caller& caller,
                              const Request& request, const base::SchoolId& school,
                              ledger::Command command) {
  ledger::Submission submission;
  submission.operation = request.key;
  submission.content = request.content;
  submission.command = std::move(command);
  submission.context = {
      .school = {school.bytes}, .actor = {caller.principal.id.bytes}, .means = kMeansDesk};
  const absl::StatusOr<uint32_t> today = TodayAt(house, school, house.now_ns());
  if (today.ok()) {  // Otherwise the school is not known (yet): the entry has no service day.
    submission.service_date = *today;
    submission.effective_date = *today;
  }
  return submission;
}

}  // namespace ladon::flow
