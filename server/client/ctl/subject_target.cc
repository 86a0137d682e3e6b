#include "server/client/ctl/subject_target.h"

#include "server/base/id.h"
#include "server/client/ctl/values.h"

namespace ladon::ctl {

CLI::Option* AddSubjectTarget(CLI::App* command, SubjectTarget* target) {
  IdOption(command, "--school", &target->school,
           "The school, for an officer of all of them; else the officer's own");
  return IdOption(command, "subject", &target->subject, "The person");
}

int FetchSubject(Context& context, const SubjectTarget& target, const std::string& request_id,
                 v1::ExportSubjectResponse* held) {
  if (const int code = context.OpenChannel(); code != kDone) return code;
  v1::ExportSubjectRequest request;
  request.set_request_id(Sha256("export" + request_id).substr(0, base::kIdBytes));
  SetTarget(target, &request);
  const grpc::Status status = context.CallPatiently(request, held);
  return status.ok() ? kDone : context.Report(status, request_id);
}

}  // namespace ladon::ctl
