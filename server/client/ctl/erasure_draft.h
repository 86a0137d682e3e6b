// What an officer keeps of an erasure before it begins: under which request it is asked for, so
// that the very same call can be repeated, and what only the officer can tell for the act, above
// all the name: when all is done the server knows it no more.
//
// It is a JSON file of the officer's, mode 0600, never changed. Threading: pure functions.
#ifndef LADON_SERVER_CLIENT_CTL_ERASURE_DRAFT_H_
#define LADON_SERVER_CLIENT_CTL_ERASURE_DRAFT_H_

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "ladon/v1/subject_service.pb.h"
#include "server/base/messages.h"
#include "server/client/ctl/context.h"
#include "server/client/ctl/subject_target.h"

namespace ladon::ctl {

inline constexpr std::string_view kDraftFormat = "ladon-erasure-draft/1";
inline constexpr size_t kDraftBytesMax = size_t{64} * 1024;

struct ErasureDraft {
  std::string request_id;  // 32 hex digits
  SubjectTarget target;
  v1::ErasureReason reason = v1::ERASURE_REASON_UNSPECIFIED;
  // The fields of destruction_act.h that the server does not know, or knows no more in the end:
  // subject_name, categories, operator, processor, performed_by, information_system; approved_by
  // where a person's name is known.
  Json act = Json::object();
};

// What is destroyed with a person of whom this is held.
[[nodiscard]] Json CategoriesOf(const v1::ExportSubjectResponse& held, base::Language language);

// The same of an erasure of whom nobody asked before: what the server counted when it went.
[[nodiscard]] Json CategoriesOf(const v1::Erasure& erasure, base::Language language);

[[nodiscard]] std::string FormatDraft(const ErasureDraft& draft);
// InvalidArgument: not a draft, or one that no act could be made of.
[[nodiscard]] absl::StatusOr<ErasureDraft> ParseDraft(std::string_view text);
// InvalidArgument, naming the field, when no act could be made of it in the end.
[[nodiscard]] absl::Status CheckDraft(const ErasureDraft& draft);

// What destruction_act.h takes, without the SHA-256 of the log extract.
[[nodiscard]] Json DestructionOf(const ErasureDraft& draft, const v1::Erasure& erasure,
                                 base::Language language);

// The files that are handed out, made of one erasure: the same whenever they are made.
struct ActFiles {
  std::string act_json;
  std::string act_page;
  std::string extract_json;
  std::string extract_page;
};
// InvalidArgument: the erasure is not done, or see CheckDraft().
[[nodiscard]] absl::StatusOr<ActFiles> MakeActFiles(const ErasureDraft& draft,
                                                    const v1::Erasure& erasure,
                                                    base::Language language);

}  // namespace ladon::ctl

#endif  // LADON_SERVER_CLIENT_CTL_ERASURE_DRAFT_H_
