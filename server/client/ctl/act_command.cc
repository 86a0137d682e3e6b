#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "ladon/v1/subject_service.pb.h"
#include "server/base/id.h"
#include "server/client/ctl/act_papers.h"
#include "server/client/ctl/commands.h"
#include "server/client/ctl/erasure_draft.h"
#include "server/client/ctl/options.h"
#include "server/client/ctl/rights_render.h"
#include "server/client/ctl/values.h"
#include "server/client/pki/identity_files.h"

namespace ladon::ctl {
namespace {

struct Arguments {
  std::string erasure;
  std::string out;
  std::string subject_name;
  ActPapers papers;
};

int Act(Context& context, const Arguments& given) {
  v1::GetErasureRequest request;
  request.set_erasure_id(BytesOf(given.erasure));
  v1::GetErasureResponse response;
  if (const int code = context.Call(request, &response); code != kDone) return code;
  const v1::Erasure& erasure = response.erasure();
  if (erasure.step() != v1::ERASURE_STEP_DONE) {
    return context.Usage(context.Say("erasure.act_not_done"));
  }
  if (erasure.approved_by_role().empty() && given.papers.approved_by.empty()) {
    return context.Usage(context.Say("erasure.act_not_approved"));
  }
  ErasureDraft draft;
  draft.reason = erasure.reason();
  draft.act = JsonOf(given.papers);
  // Without a name the act has the number.
  draft.act["subject_name"] = given.subject_name.empty() ? Json() : Json(given.subject_name);
  draft.act["categories"] = CategoriesOf(erasure, context.language());
  const absl::StatusOr<ActFiles> files = MakeActFiles(draft, erasure, context.language());
  if (!files.ok()) return context.Fail(files.status());
  if (absl::Status s = pki::MakePrivateDirectory(given.out); !s.ok()) return context.Fail(s);
  const auto paths =
      KeepActFiles(absl::StrCat(given.out, "/", base::HexOf(erasure.subject_id())), *files);
  if (!paths.ok()) return context.Fail(paths.status());
  std::string said = context.Say("erasure.done", {std::to_string(erasure.act_number())});
  for (const std::string& path : *paths) said += "\n  " + path;
  return context.Print({{"erasure", JsonOf(erasure)}, {"files", *paths}}, said);
}

}  // namespace

void AddActCommand(CLI::App* subject, Context* context) {
  const auto given = std::make_shared<Arguments>();
  CLI::App* command = AddCommand(
      subject, context, "act",
      "Write the act of an erasure that no draft was kept of: one that a term brought about",
      [context, given] { return Act(*context, *given); });
  IdOption(command, "erasure", &given->erasure, "Its number, from subject erasures --all")
      ->required();
  command->add_option("--out", given->out, "Directory for the act, closed to others")->required();
  command->add_option("--subject-name", given->subject_name,
                      "Whose data they were, from the operator's own list; without it the act has "
                      "the number under which the server knew them");
  AddActPapers(command, &given->papers);
  command->footer(R"(
Thirty days after the last day at the school, or after a withdrawn consent, the server erases by
itself; what people have to sign for that is written here. Roskomnadzor's order 179 asks for a name,
or for other information that belongs to one person.)");
}

}  // namespace ladon::ctl
