// What must hold before a palm may be found: its captures show one palm, a further capture finds it
// again, and nobody else of the school is found in its place. A bad enrolment would be paid for at
// every lunch after it.
//
// Whose palm it resembles is never told: an enrolment desk is no search for people. Twins and other
// look-alikes are enrolled by a second approver: another principal who repeats the enrolment with
// `look_alike` within a quarter of an hour. Searches then say ambiguous where the two cannot be
// told apart.
//
// Threading: any thread that may search.
#ifndef LADON_SERVER_FLOW_ENROL_CHECK_H_
#define LADON_SERVER_FLOW_ENROL_CHECK_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>

#include "absl/status/status.h"
#include "server/flow/enrol.h"
#include "server/vault/vault.h"

namespace ladon::flow {

// Refused enrolments that a second approver may repeat. Kept in memory: a restart asks anew.
class LookAlikes {
 public:
  static constexpr uint64_t kApprovalNs = uint64_t{15} * 60 * 1'000'000'000;

  // `principal` was told that somebody like `subject` is enrolled.
  void Refused(const vault::SubjectRef& subject, const std::string& principal, uint64_t now_ns);
  // Whether somebody else than `principal` was, not longer ago than kApprovalNs.
  [[nodiscard]] bool MayApprove(const vault::SubjectRef& subject, const std::string& principal,
                                uint64_t now_ns) const;

 private:
  static constexpr size_t kKept = 1'000;  // The oldest go first.
  struct Refusal {
    std::string principal;
    uint64_t at_ns = 0;
  };
  mutable std::mutex mutex_;
  std::map<vault::SubjectRef, Refusal> refusals_;
};

// kLivenessFailed, kCapturesDiffer, kEnrolmentNotConfirmed, kPalmAlreadyEnrolled; kFieldInvalid for
// `look_alike` when nobody else was refused.
[[nodiscard]] absl::Status CheckCaptures(const House& house, const access::Caller& caller,
                                         const vault::SubjectRef& subject, const PalmInput& input);

}  // namespace ladon::flow

#endif  // LADON_SERVER_FLOW_ENROL_CHECK_H_
