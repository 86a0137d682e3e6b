// What others want to hear of, noted with the money and told later.
//
// Every entry that comes through Commit() is looked at, so no verb can forget to tell: who is told
// what follows from the entry. Delivery is the courier's (ladon-gateway): it asks what is due, and
// says what came of it; an event that it never speaks of again is due again. Threading:
// NoteEvents() and NoteCardBlocked() on the applier thread, the others on any; `done` on a thread
// of the ledger's.
#ifndef LADON_SERVER_FLOW_EVENTS_H_
#define LADON_SERVER_FLOW_EVENTS_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "server/flow/commit.h"
#include "server/flow/money.h"
#include "server/outbox/outbox.h"

namespace ladon::flow {

// Of one report, and of one retry: tills wait for it.
inline constexpr size_t kEventsMax = 100;

// What of `entry` anybody wants to hear.
void NoteEvents(const House& house, const ledger::Entry& entry, storage::Overlay* overlay);
// Of a card that was active until now.
void NoteCardBlocked(const House& house, const ledger::Entry& entry, const vault::SubjectRef& owner,
                     storage::Overlay* overlay);

struct EventToTell {
  outbox::Due due;
  uint64_t payment_account = 0;      // 0: of nobody any more.
  std::vector<StatementLine> lines;  // Of the purse in this entry: what was eaten.
};
// Of parents whose child is erased or blocked nothing is told, and it waits no longer; a receipt is
// owed to the State, and named by its event alone.
void PullEvents(const House& house, const access::Caller& caller, outbox::Stream stream,
                size_t limit, Done<std::vector<EventToTell>> done);

struct EventReport {
  outbox::Ticket ticket;
  bool told = false;
  std::string fault;  // Of the attempt; at most outbox::kFaultBytesMax bytes.
};
// Tells how many were parked.
void ReportEvents(const House& house, const access::Caller& caller,
                  std::vector<EventReport> reports, Done<size_t> done);

struct StreamView {
  bool written = false;  // Whether there are events of it at all.
  uint64_t waiting = 0;
  uint64_t parked = 0;
  uint64_t oldest_age_ns = 0;               // Of those that wait.
  std::vector<outbox::Event> first_parked;  // As many as were asked for.
};
void GetOutbox(const House& house, const access::Caller& caller, size_t parked_max,
               Done<std::map<outbox::Stream, StreamView>> done);
// At most kEventsMax of those parked wait again; tells how many.
void RetryParked(const House& house, const access::Caller& caller, outbox::Stream stream,
                 Done<size_t> done);

}  // namespace ladon::flow

#endif  // LADON_SERVER_FLOW_EVENTS_H_
