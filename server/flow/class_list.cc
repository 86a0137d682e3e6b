#include "server/flow/class_list.h"

#include <utility>

#include "server/flow/on_worker.h"
#include "server/flow/refusal.h"

namespace ladon::flow {
namespace {

constexpr size_t kScanPage = 1'000;

// Looks through the school: its records are sealed, so there is no index by class.
absl::StatusOr<ClassPage> ReadClass(const House& house, const base::SchoolId& school,
                                    const std::string& class_name, base::SubjectId after,
                                    size_t limit) {
  if (!house.directory->FindSchool(school)) return Refuse(Reason::kSchoolUnknown);
  ClassPage page;
  while (true) {
    const auto subjects = house.vault->ListSubjects(school, after, kScanPage);
    if (!subjects.ok()) return subjects.status();
    for (const auto& [subject, record] : *subjects) {
      if (record.class_name != class_name || record.state != vault::SubjectState::kActive) continue;
      if (page.members.size() == limit) {
        page.more = true;
        return page;
      }
      const auto pin = house.vault->ReadPin(house.vault->store(), subject);
      if (!pin.ok()) return pin.status();
      page.members.push_back({.id = subject.subject,
                              .display_name = record.DisplayName(),
                              .has_pin = pin->has_value()});
    }
    if (subjects->size() < kScanPage) return page;
    after = subjects->back().first.subject;
  }
}

}  // namespace

void ListClass(const House& house, const access::Caller& caller, const std::string& class_name,
               const base::SubjectId& after, size_t limit, Done<ClassPage> done) {
  if (!house.throttles->class_lists.Take(caller.principal.id, house.now_ns())) {
    return Reply<ClassPage>(house, caller, {}, Refuse(Reason::kTooManyAttempts), std::move(done));
  }
  OnWorker<ClassPage>(house, caller, std::move(done),
                      [&house, caller, class_name, after, limit](Done<ClassPage> tell) {
                        Reply<ClassPage>(
                            house, caller, {},
                            ReadClass(house, caller.principal.school, class_name, after, limit),
                            std::move(tell));
                      });
}

}  // namespace ladon::flow
