// The terms that the law sets to an officer, for those who watch: an incident's notice and findings
// (152-FZ article 21 part 3.1), and answers to data subjects (articles 14, 20 and 21). Moments
// only: nobody is named. Threading: any thread.
#ifndef LADON_SERVER_FLOW_OFFICER_TERMS_H_
#define LADON_SERVER_FLOW_OFFICER_TERMS_H_

#include <cstdint>

#include "server/flow/house.h"

namespace ladon::flow {

// When the soonest notice, or the soonest findings, of an incident are due that nobody has reported
// yet; since 1970, in nanoseconds. 0: there is none. In the past: it is over.
[[nodiscard]] uint64_t IncidentDueAt(const House& house);
// The same of the answer to an open request of a data subject: the end, in UTC, of its last day. By
// when the processing must have stopped (deadlines.h) is not looked at.
[[nodiscard]] uint64_t RequestDueAt(const House& house);

}  // namespace ladon::flow

#endif  // LADON_SERVER_FLOW_OFFICER_TERMS_H_
