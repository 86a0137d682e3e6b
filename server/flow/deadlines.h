// The terms of 152-FZ: by when a request of a data subject must be done with, from which day it is
// warned of, and how far the law lets the term be extended. One row a kind, in deadlines.cc.
//
// Terms count from the day after the one on which the request was received, in the working days of
// the production calendar or in calendar days as the article says. A term in calendar days that
// ends on a day off is not moved on: done earlier is never too late.
// Threading: pure functions.
#ifndef LADON_SERVER_FLOW_DEADLINES_H_
#define LADON_SERVER_FLOW_DEADLINES_H_

#include <cstdint>

#include "server/base/calendar.h"

namespace ladon::flow {

// The numbers are those of the wire and of the records.
enum class RequestKind : uint8_t {
  kAccess = 1,          // to see what is held
  kRectify = 2,         // to correct it
  kBlock = 3,           // to block it while it is checked
  kStop = 4,            // to stop processing it
  kWithdraw = 5,        // to withdraw a consent
  kUnlawful = 6,        // it was found to be processed unlawfully
  kPurposeReached = 7,  // its purpose is reached: the child has left
  kErase = 8,           // to destroy it
};

// How long data that cannot be destroyed in time may stay blocked (article 21 part 6).
inline constexpr uint32_t kBlockedMonthsMax = 6;
// How long the act of destruction and the extract of the log are kept (Roskomnadzor order 179).
inline constexpr uint32_t kEvidenceYears = 3;
// How long accounting records are kept at least, after the year they report (402-FZ article 29).
inline constexpr uint32_t kLedgerYears = 5;
// An incident: notice to Roskomnadzor, and what the inquiry found (article 21 part 3.1).
inline constexpr uint32_t kIncidentNoticeHours = 24;
inline constexpr uint32_t kIncidentReportHours = 72;

// Last days, YYYYMMDD, each included.
struct Deadlines {
  uint32_t stop_by = 0;       // the processing must have stopped; 0: nothing has to stop
  uint32_t warn_from = 0;     // the first day on which the request is warned of
  uint32_t due = 0;           // all that was asked must be done
  uint32_t extended_max = 0;  // the same with the longest extension; `due` where there is none
  bool covered = false;  // whether the calendar knows the whole way to `due`; else check by hand

  friend bool operator==(const Deadlines&, const Deadlines&) = default;
};

[[nodiscard]] bool IsRequestKind(int kind);
// `kind` is one of the above and `received` a day of the calendar.
[[nodiscard]] Deadlines DeadlinesOf(RequestKind kind, uint32_t received,
                                    const base::Calendar& calendar);

}  // namespace ladon::flow

#endif  // LADON_SERVER_FLOW_DEADLINES_H_
