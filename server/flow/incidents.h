// Incidents with personal data: what happened, who is touched, and the two terms of 152-FZ article
// 21 part 3.1; and the end of biometrics in a school.
// Threading: any thread; `done` on a thread of the ledger's or of the exporter.
#ifndef LADON_SERVER_FLOW_INCIDENTS_H_
#define LADON_SERVER_FLOW_INCIDENTS_H_

#include <cstddef>
#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "server/flow/commit.h"
#include "server/registers/records.h"

namespace ladon::flow {

inline constexpr uint64_t kNoticeNs = 24ULL * 3600 * 1'000'000'000;   // To Roskomnadzor,
inline constexpr uint64_t kInquiryNs = 72ULL * 3600 * 1'000'000'000;  // and what the inquiry found.
inline constexpr size_t kAffectedMax = 100'000;

struct KeptIncident {
  registers::Incident incident;
  uint64_t journal_index = 0;
};
// `incident` without id and state. kFieldInvalid: detected in the future. kNotPermitted: another's
// school.
void RecordIncident(const House& house, const access::Caller& caller, const Request& request,
                    registers::Incident incident, Done<KeptIncident> done);
// kIncidentUnknown; kFieldInvalid: not the next state.
void ReportIncident(const House& house, const access::Caller& caller, const Request& request,
                    const base::IncidentId& id, registers::IncidentState state,
                    const std::string& receipt, Done<KeptIncident> done);
struct IncidentPage {
  std::vector<registers::Incident> incidents;
  bool more = false;
};
void ListIncidents(const House& house, const access::Caller& caller, const base::IncidentId& after,
                   size_t limit, Done<IncidentPage> done);

struct AffectedSubject {
  base::SubjectId subject;
  base::SchoolId school;
  uint32_t accesses = 0;
};
// Calls that were served and whose records name no person: lists, above all.
struct UnnamedCalls {
  uint16_t event = 0;
  base::SchoolId school;  // Zero: of all schools.
  uint32_t calls = 0;
  // Who is there, or was until erased: any may have been on the list. Who has moved away since is
  // not in it.
  uint32_t people = 0;
};
struct Affected {
  std::vector<AffectedSubject> subjects;
  std::set<uint16_t> events;  // By which they were touched.
  std::vector<UnnamedCalls> unnamed;
  bool truncated = false;  // At kAffectedMax subjects.
  bool archived = false;   // Records of the incident's time are in archives, and not told here.
};
// From the security log: the subjects that the actor in question called about, and was served.
void ListAffected(const House& house, const access::Caller& caller, const base::IncidentId& id,
                  Done<Affected> done);

struct BiometricsRemoved {
  uint64_t samples = 0;
  uint64_t samples_left = 0;
  uint64_t rows_in_search = 0;
  uint64_t keys = 0;
  uint64_t journal_index = 0;
};
// Switches biometrics off and removes every template of the school: store, search and keys. Then
// counts what is left by reading it. kSchoolUnknown and those of NeedApproval().
void RemoveBiometrics(const House& house, const access::Caller& caller, const Request& request,
                      const base::SchoolId& school, Done<BiometricsRemoved> done);

}  // namespace ladon::flow

#endif  // LADON_SERVER_FLOW_INCIDENTS_H_
