// What a parent is handed of a child (152-FZ article 14), as JSON: the export of the server, who
// called about the child or the purses as the security log has it, what each processing is for, and
// who stands for it. subject_page.h makes it readable. Threading: pure functions.
#ifndef LADON_SERVER_CLIENT_CTL_SUBJECT_EXPORT_H_
#define LADON_SERVER_CLIENT_CTL_SUBJECT_EXPORT_H_

#include <cstdint>
#include <string>
#include <vector>

#include "ladon/v1/security_service.pb.h"
#include "ladon/v1/subject_service.pb.h"
#include "server/base/messages.h"
#include "server/client/ctl/context.h"

namespace ladon::ctl {

struct ExportedBy {
  std::string operator_name;
  std::string operator_address;
  int64_t made_at_unix_seconds = 0;
};

// `accesses` in any order. Texts of the law are in `language`; words of the format are the same in
// both.
[[nodiscard]] Json SubjectExportJson(const v1::ExportSubjectResponse& held,
                                     const std::vector<v1::SecurityEvent>& accesses,
                                     const ExportedBy& by, base::Language language);

}  // namespace ladon::ctl

#endif  // LADON_SERVER_CLIENT_CTL_SUBJECT_EXPORT_H_
