// The rights of data subjects: to know, to correct, to have processing blocked; and the register of
// their requests with the terms of the law (152-FZ articles 14, 20, 21).
// Threading: any thread; `done` on a thread of the ledger's, or of the searchers.
#ifndef LADON_SERVER_FLOW_RIGHTS_H_
#define LADON_SERVER_FLOW_RIGHTS_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "server/flow/commit.h"
#include "server/flow/money.h"
#include "server/registers/records.h"
#include "server/vault/vault.h"

namespace ladon::flow {

inline constexpr size_t kMovementsMax = 20'000;     // Of one export.
inline constexpr size_t kExportsOfOfficerMax = 20;  // A day, without a second person.
// How long an export that was made is made again for the same request.
inline constexpr uint64_t kExportRepeatNs = 10ULL * 60 * 1'000'000'000;

// The subject that a request names: in the caller's school, or, for a caller of all schools, in the
// named one. kNotPermitted: another's school. kFieldInvalid: none named.
[[nodiscard]] absl::StatusOr<vault::SubjectRef> SubjectFor(const access::Caller& caller,
                                                           const base::SchoolId& school,
                                                           const base::SubjectId& subject);

// How many exports an officer made in the last 24 hours. Forgotten by a restart.
class ExportQuota {
 public:
  // Whether one more needs no second person. Applier thread.
  [[nodiscard]] bool Left(const base::ActorId& officer, uint64_t now_ns);
  void Count(const base::ActorId& officer, uint64_t now_ns);

 private:
  std::map<base::ActorId, std::deque<uint64_t>> made_;
};

struct PurseState {
  uint8_t purse = 0;
  base::AccountId account;
  int64_t balance_kopecks = 0;
  int64_t overdraft_limit_kopecks = 0;
  bool frozen = false;
};

// Everything that is held of one person.
struct SubjectExport {
  vault::SubjectRef subject;
  vault::SubjectRecord record;
  std::vector<vault::ConsentRecord> consents;  // Those in force first.
  std::vector<vault::PalmRecord> palms;        // Without their codes.
  std::vector<vault::CardRecord> cards;
  bool pin = false;
  std::vector<PurseState> purses;
  std::vector<registers::RightsRequest> requests;
  std::vector<std::pair<base::AccountId, StatementLine>> movements;
  bool movements_cut = false;
};
// kSubjectUnknown; kRepeatTooLate; above kExportsOfOfficerMax those of NeedApproval().
void ExportSubject(const House& house, const access::Caller& caller, const Request& request,
                   const vault::SubjectRef& subject, Done<SubjectExport> done);

struct Rectification {
  std::string family_name;
  std::string given_name;
  std::string class_name;
  std::string external_id;
  uint32_t birth_day = 0;  // 0: not known. kFieldInvalid: after today.
  uint32_t left_on = 0;    // 0: goes there.
};
struct Rectified {
  vault::SubjectRecord record;
  uint64_t journal_index = 0;
};
void RectifySubject(const House& house, const access::Caller& caller, const Request& request,
                    const vault::SubjectRef& subject, const Rectification& change,
                    Done<Rectified> done);
void BlockSubject(const House& house, const access::Caller& caller, const Request& request,
                  const vault::SubjectRef& subject, bool blocked, Done<uint64_t> done);

struct KeptRequest {
  registers::RightsRequest request;
  uint64_t journal_index = 0;
};
// `received` 0: today. kFieldInvalid: after today. The deadline follows from the calendar.
void OpenRequest(const House& house, const access::Caller& caller, const Request& request,
                 const vault::SubjectRef& subject, uint8_t kind, uint32_t received,
                 Done<KeptRequest> done);
// kDone, kRefused, or kOpen: extended, once, with a note. kRightsRequestUnknown,
// kRightsRequestClosed.
void CloseRequest(const House& house, const access::Caller& caller, const Request& request,
                  const base::RightsRequestId& id, registers::RequestState state,
                  const std::string& note, Done<KeptRequest> done);

struct RequestPage {
  std::vector<registers::RightsRequest> requests;
  std::vector<uint32_t> today;  // Of each one's school, whose day its terms are counted by.
  bool more = false;
};
void ListRequests(const House& house, const access::Caller& caller,
                  const base::RightsRequestId& after, size_t limit, bool closed_too,
                  Done<RequestPage> done);

}  // namespace ladon::flow

#endif  // LADON_SERVER_FLOW_RIGHTS_H_
