// Whose data a command of the officer's is about, and what is held of them.
// Threading: one thread.
#ifndef LADON_SERVER_CLIENT_CTL_SUBJECT_TARGET_H_
#define LADON_SERVER_CLIENT_CTL_SUBJECT_TARGET_H_

#include <CLI/CLI.hpp>
#include <string>

#include "ladon/v1/subject_service.pb.h"
#include "server/client/ctl/context.h"
#include "server/client/ctl/options.h"

namespace ladon::ctl {

struct SubjectTarget {
  std::string subject;  // 32 hex digits
  std::string school;   // the same; empty: the officer's own
};

// The place `subject` and --school.
CLI::Option* AddSubjectTarget(CLI::App* command, SubjectTarget* target);

template <class Request>
void SetTarget(const SubjectTarget& target, Request* request) {
  request->set_subject_id(BytesOf(target.subject));
  if (!target.school.empty()) request->set_school_id(BytesOf(target.school));
}

// What is held, for a command that changes it under `request_id`. The export has an id of its own
// that follows from that one: a command that is repeated asks for no second approval.
int FetchSubject(Context& context, const SubjectTarget& target, const std::string& request_id,
                 v1::ExportSubjectResponse* held);

}  // namespace ladon::ctl

#endif  // LADON_SERVER_CLIENT_CTL_SUBJECT_TARGET_H_
