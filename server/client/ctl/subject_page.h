// The page on which a parent reads what is held about a child (152-FZ article 14): the export of a
// subject as one HTML file to read and print, with what each thing is for, its basis and its term.
//
// Threading: pure functions.
#ifndef LADON_SERVER_CLIENT_CTL_SUBJECT_PAGE_H_
#define LADON_SERVER_CLIENT_CTL_SUBJECT_PAGE_H_

#include <cstddef>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "server/base/messages.h"
#include "server/client/ctl/context.h"

namespace ladon::ctl {

inline constexpr std::string_view kSubjectExportFormat = "ladon-subject-export/1";
// Of one list. Eleven years of meals and of accesses to them are some ten thousand.
inline constexpr size_t kPageRowsMax = 100'000;

// Lists and fields that are absent are shown as such.
// InvalidArgument: not an export of this format. ResourceExhausted: a list of more than
// kPageRowsMax.
[[nodiscard]] absl::StatusOr<std::string> SubjectPage(const Json& subject_export,
                                                      base::Language language);

}  // namespace ladon::ctl

#endif  // LADON_SERVER_CLIENT_CTL_SUBJECT_PAGE_H_
