// A person on the wire: as the desk and the officer see one.
// Threading: pure functions.
#ifndef LADON_SERVER_RPC_SUBJECT_VIEW_H_
#define LADON_SERVER_RPC_SUBJECT_VIEW_H_

#include <string>

#include "ladon/v1/enrolment_service.pb.h"
#include "server/flow/enrol.h"
#include "server/rpc/fields.h"

namespace ladon::rpc {

void SetSubject(const flow::SubjectView& from, v1::Subject* to);

struct Names {
  std::string family_name;
  std::string given_name;
  std::string class_name;
};
[[nodiscard]] Names NamesOf(bool present, const v1::SubjectName& name, Fields* fields);

}  // namespace ladon::rpc

#endif  // LADON_SERVER_RPC_SUBJECT_VIEW_H_
