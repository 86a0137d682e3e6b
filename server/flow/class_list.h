// The class list at the senior cashier's: who of a class may eat, shown as a till would show them.
// Whoever reads it can book by it (list_means.h). Threading: any thread; `done` on the applier
// thread.
#ifndef LADON_SERVER_FLOW_CLASS_LIST_H_
#define LADON_SERVER_FLOW_CLASS_LIST_H_

#include <cstddef>
#include <string>
#include <vector>

#include "server/flow/commit.h"

namespace ladon::flow {

struct ClassMember {
  base::SubjectId id;
  std::string display_name;
  bool has_pin = false;
};

struct ClassPage {
  std::vector<ClassMember> members;  // In order of their ids.
  bool more = false;                 // There are others after the last of them.
};

// Those of `class_name` (empty: who has no class, staff and visitors) who are not blocked, with ids
// above `after`. kSchoolUnknown, kTooManyAttempts.
void ListClass(const House& house, const access::Caller& caller, const std::string& class_name,
               const base::SubjectId& after, size_t limit, Done<ClassPage> done);

}  // namespace ladon::flow

#endif  // LADON_SERVER_FLOW_CLASS_LIST_H_
