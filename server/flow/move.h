// A child goes to another school: records, cards and money go along, palms stay behind.
//
// In this order, each step durable before the next:
//   1. purses of the new school are opened, and the register of moves says which;
//   2. what each old purse holds goes into the new one of its kind, by ordinary double entry, with
//      the overdraft limit, limits and frozen state; the old ones are closed. A debt goes along;
//   3. one commit seals the records under the new school, indexes the cards there, drops palms and
//      PIN, and removes what was at the old school and the move from the register.
// After a stop any request for the same move goes on where it was, under the same id or a new one.
// Between 2 and 3 the child is known at the old school and its money is at the new one: a meal is
// refused for want of money meanwhile, for milliseconds, or until a request is sent again. An
// erasure that begins meanwhile settles both the old and the new purses.
// The new school must ask for consents of its own: a consent names the operator it is given to.
// Threading: any thread; it runs on House::exporter.
#ifndef LADON_SERVER_FLOW_MOVE_H_
#define LADON_SERVER_FLOW_MOVE_H_

#include <cstdint>
#include <string>

#include "server/flow/commit.h"
#include "server/vault/vault.h"

namespace ladon::flow {

struct MoveAnswer {
  int64_t carried_kopecks = 0;
  uint32_t cards = 0;          // That work at the new school at once,
  uint32_t cards_to_bind = 0;  // and whose number nobody kept.
  uint32_t palms_removed = 0;
  uint64_t journal_index = 0;
};

// kSubjectUnknown, kSchoolUnknown, kNotPermitted (either school), kErasureUnderWay, kFieldInvalid
// (the same school; another one than that of a move that has begun; a class where none belongs),
// kCardBoundElsewhere (a card of another child there), kOverloaded (something changed meanwhile, or
// money is on hold; to be tried again).
void MoveSubject(const House& house, const access::Caller& caller, const Request& request,
                 const vault::SubjectRef& subject, const base::SchoolId& to,
                 const std::string& class_name, Done<MoveAnswer> done);

}  // namespace ladon::flow

#endif  // LADON_SERVER_FLOW_MOVE_H_
