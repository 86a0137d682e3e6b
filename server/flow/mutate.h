// The common shape of calls that change something other than money: a check on the applier thread,
// changes in the same batch as the journal entry, an answer made from what is durable.
// Threading: any thread; callbacks on the applier thread.
#ifndef LADON_SERVER_FLOW_MUTATE_H_
#define LADON_SERVER_FLOW_MUTATE_H_

#include <functional>
#include <utility>

#include "server/flow/commit.h"
#include "server/flow/refusal.h"
#include "server/flow/service_day.h"

namespace ladon::flow {

// Today in the caller's own school. kSchoolUnknown.
[[nodiscard]] absl::StatusOr<uint32_t> TodayAt(const House& house, const base::SchoolId& school,
                                               uint64_t now_ns);

// OK: 0, which is not known, or no later than today at the school. kFieldInvalid, kSchoolUnknown.
[[nodiscard]] absl::Status CheckBirthDay(const House& house, const base::SchoolId& school,
                                         uint32_t birth_day);

// A submission with the request's id and content, the context of a desk, and today's dates.
[[nodiscard]] ledger::Submission ForRequest(const House& house, const access::Caller& caller,
                                            const Request& request, const base::SchoolId& school,
                                            ledger::Command command);

// Commits and answers with `answer(outcome)`; refusals of any kind go to `done` as they are.
template <class T>
void Mutate(const House& house, const access::Caller& caller, const Object& object,
            ledger::Submission submission,
            std::function<absl::StatusOr<T>(const ledger::Outcome&)> answer, Done<T> done) {
  Commit(house, caller, object, std::move(submission),
         [answer = std::move(answer), done = std::move(done)](const absl::Status& status,
                                                              const ledger::Outcome& outcome) {
           absl::Status verdict = status.ok() ? FromResult(outcome.code) : status;
           if (!verdict.ok()) {
             done(std::move(verdict));
           } else {
             done(answer(outcome));
           }
         });
}

}  // namespace ladon::flow

#endif  // LADON_SERVER_FLOW_MUTATE_H_
